import type { ExchangedDatasource } from '#src/relations/grafana-datasource-exchange';
import type { ExchangeRelation } from './view.ts';

/** A datasource of a peer application that could be linked to. */
export interface Candidate {
  readonly app: string;
  readonly uid: string;
  readonly type: string;
}

/**
 * Every peer datasource of one of `types` in this Grafana, by application name and then by unit number. The first
 * is the one to link to: all units of an application hold the same data.
 *
 * The choice follows from what is there now, never from what was there before (see adr/001).
 */
export function candidates(
  exchange: readonly ExchangeRelation[],
  grafanaUid: string,
  types: readonly string[],
): Candidate[] {
  const all = exchange.flatMap(({ remoteApp, datasources }) =>
    (datasources ?? [])
      .filter((entry) => entry.grafana_uid === grafanaUid && types.includes(entry.type))
      .map((entry: ExchangedDatasource): Candidate => ({ app: remoteApp, uid: entry.uid, type: entry.type })),
  );
  // One application may be a peer on two relations, even by two names, and says the same on both: the first counts.
  const byUid = Map.groupBy(all.toSorted(inOrder), ({ uid }) => uid);
  return [...byUid.values()].flatMap(([first]) => first ?? []);
}

function inOrder(a: Candidate, b: Candidate): number {
  if (a.app !== b.app) return a.app < b.app ? -1 : 1;
  return compareUids(a.uid, b.uid);
}

/**
 * Orders UIDs by the numbers in them, so that `mimir-2-...` stands before `mimir-10-...`. The exchange tells no
 * unit numbers; every gateway known writes them into the UID. Total, and independent of any locale.
 */
export function compareUids(a: string, b: string): number {
  const left = a.match(parts) ?? [];
  const right = b.match(parts) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const [x = '', y = ''] = [left[i], right[i]];
    if (x === y) continue;
    const numbers = /^\d/.test(x) && /^\d/.test(y);
    if (numbers && BigInt(x) !== BigInt(y)) return BigInt(x) < BigInt(y) ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

const parts = /\d+|\D+/g;
