import * as z from 'zod';
import { type Databag, json } from '#lib/juju';
import type { Issue } from '../issue.ts';
import { readKey, readMember } from '../read-key.ts';

const text = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}]+$/u, 'has control characters');

/** One datasource in one Grafana, as its owner tells others. snake_case is the interface's spelling. */
export const ExchangedDatasource = z.object({
  /** Grafana plugin id of the owner's own type: `tempo`, `prometheus`, `loki`. */
  type: text,
  /** Assigned by Grafana. */
  uid: text,
  /** By which Grafana. */
  grafana_uid: text,
});
export type ExchangedDatasource = z.infer<typeof ExchangedDatasource>;
export type DatasourceList = readonly ExchangedDatasource[];

const entries = json.pipe(z.array(z.unknown()).max(10_000));

/**
 * Reads what a peer published, entry by entry: one bad entry does not cost the others.
 * @returns `datasources: null` when the peer has not published yet, or nothing that could be read
 */
export function readDatasources(appData: Databag): { datasources: DatasourceList | null; issues: Issue[] } {
  const key = 'datasources';
  const issues: Issue[] = [];
  const list = readKey(appData, key, entries, issues);
  if (list === undefined) return { datasources: null, issues };
  const datasources = list.flatMap(
    (entry, index) => readMember(key, index, entry, ExchangedDatasource, issues) ?? [],
  );
  return { datasources: datasources.toSorted(compareDatasources), issues };
}

/**
 * What this application publishes; `[]` rather than nothing, since peers refuse a databag without the key. Equal
 * sets give equal bytes whatever their order; otherwise each hook would wake every peer, for ever.
 *
 * The bytes are those that the Python library writes: compact, keys in this order. It sorts by `uid` alone, which
 * leaves the order of equal UIDs in two Grafanas to chance; here nothing is.
 * @see canonical/cos-lib: src/cosl/interfaces/datasource_exchange.py
 */
export function datasourcesDatabag(datasources: DatasourceList): Databag {
  const plain = datasources
    .toSorted(compareDatasources)
    .map(({ type, uid, grafana_uid }) => JSON.stringify({ type, uid, grafana_uid }));
  return { datasources: `[${[...new Set(plain)].join(',')}]` };
}

function compareDatasources(a: ExchangedDatasource, b: ExchangedDatasource): number {
  return compare(a.uid, b.uid) || compare(a.grafana_uid, b.grafana_uid) || compare(a.type, b.type);
}

// By code point, as Python sorts: JavaScript's own order is by UTF-16 unit, and differs beyond the basic plane.
function compare(a: string, b: string): number {
  const byCodePoint = Buffer.compare(Buffer.from(a), Buffer.from(b));
  // Half surrogate pairs are all the same bytes.
  return byCodePoint === 0 && a !== b ? (a < b ? -1 : 1) : byCodePoint;
}
