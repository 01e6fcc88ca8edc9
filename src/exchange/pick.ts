import type { ExchangedDatasource } from '#src/relations/grafana-datasource-exchange';
import type { Target } from './correlations/correlation.ts';
import type { AppChoice } from './preferences.ts';
import type { ExchangeRelation } from './view.ts';

/**
 * Every peer datasource of one of `types` in this Grafana: those of applications that the operator named first, in
 * the order of the names, then by application name and then by unit number. The first is the one to link to: all
 * units of an application hold the same data.
 *
 * The choice follows from what is there now, never from what was there before (see adr/001).
 */
export function candidates(
  exchange: readonly ExchangeRelation[],
  grafanaUid: string,
  types: readonly string[],
  { apps, others }: AppChoice,
): Target[] {
  const all = exchange.flatMap(({ remoteApp, datasources }) => {
    if (!others && !apps.includes(remoteApp)) return [];
    return (datasources ?? [])
      .filter((entry) => entry.grafana_uid === grafanaUid && types.includes(entry.type))
      .map((entry: ExchangedDatasource): Target => ({ app: remoteApp, uid: entry.uid, type: entry.type }));
  });
  const rank = (app: string) => (apps.includes(app) ? apps.indexOf(app) : apps.length);
  const sorted = all.toSorted((a, b) => rank(a.app) - rank(b.app) || inOrder(a, b));
  // One application may be a peer on two relations, even by two names, and says the same on both: the first counts.
  const byUid = Map.groupBy(sorted, ({ uid }) => uid);
  return [...byUid.values()].flatMap(([first]) => first ?? []);
}

/** By application, then by unit number. */
export function inOrder(a: Target, b: Target): number {
  if (a.app !== b.app) return a.app < b.app ? -1 : 1;
  // A databag may give one UID two types.
  return compareUids(a.uid, b.uid) || (a.type < b.type ? -1 : Number(a.type > b.type));
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
