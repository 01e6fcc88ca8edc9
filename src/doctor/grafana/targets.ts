import { correlationTable } from '../../exchange/correlations/table.ts';

/** Links that crosslink never makes, by key of `jsonData`, and what Grafana takes at their other end. */
const otherLinks: ReadonlyMap<string, readonly string[]> = new Map([
  ['lokiSearch', ['loki']],
  ['alertmanagerUid', ['alertmanager']],
  ['tracingDatasourceUid', ['grafana-x-ray-datasource']],
]);

/** @returns types of datasource that a link of this kind may lead to; undefined for a kind that is not known */
export function targetTypes(type: string, kind: string): readonly string[] | undefined {
  const { links } = correlationTable.get(type) ?? { links: [] };
  return links.find((link) => link.kind === kind)?.to ?? otherLinks.get(kind);
}

/** Types of which it is known what they are. Other plugins may be logs, metrics or traces as well as these. */
const known: ReadonlySet<string> = new Set([
  ...correlationTable.keys(),
  ...[...correlationTable.values()].flatMap(({ links }) => links.flatMap(({ to }) => to)),
  ...[...otherLinks.values()].flat(),
]);

/** @returns whether Grafana can do nothing with a link of such a kind that leads to such a type */
export function isWrongType(wanted: readonly string[] | undefined, type: string): boolean {
  return wanted !== undefined && known.has(type) && !wanted.includes(type);
}
