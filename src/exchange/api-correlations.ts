import type { SourceCorrelation } from '#src/relations/grafana-datasource';
import { printableIn } from '#src/text';
import { apiTable } from './correlations/api-table.ts';
import { candidates } from './pick.ts';
import type { DatasourceView, ExchangeRelation, View } from './view.ts';

/** A correlation that a datasource asks for, and of which application its target is. */
export interface AskedCorrelation {
  readonly app: string;
  readonly correlation: SourceCorrelation;
}

/**
 * What a datasource asks one Grafana to make with the Correlations API: one of each kind for each peer application in
 * that Grafana. It stands for all of the application's own datasources there, so it does not change with their number.
 * @param grafanaUid - undefined while the Grafana has not said who it is: then there are none
 */
export function askedCorrelations(
  { type, preferences }: DatasourceView,
  exchange: readonly ExchangeRelation[],
  grafanaUid: string | undefined,
): AskedCorrelation[] {
  if (grafanaUid === undefined) return [];
  return (apiTable.get(type) ?? []).flatMap(({ signal, to, kind, label, description, field, ...rest }) => {
    if (!preferences.kinds.includes(kind)) return [];
    const all = candidates(exchange, grafanaUid, [to], preferences.apps[signal]);
    const firsts = [...Map.groupBy(all, ({ app }) => app).values()].flatMap(([first]) => first ?? []);
    return firsts.map(({ app, uid }) => ({
      app,
      correlation: {
        kind,
        target: uid,
        label: firsts.length === 1 ? label : `${label} in ${app}`,
        description,
        field,
        query: rest.query,
        transformations: rest.transformations,
      },
    }));
  });
}

/** What this application asks one Grafana for, for those who want to know. */
export interface CorrelationNote {
  readonly grafanaUid: string;
  readonly kind: string;
  readonly to: { readonly app: string; readonly uid: string };
}

/** @returns one for each correlation; null where no Grafana makes any, and for an application that is no datasource */
export function correlationNotes({ datasource, exchange, grafanas }: View): CorrelationNote[] | null {
  const taking = grafanas.filter(({ answer }) => answer.takesCorrelations);
  if (datasource === null || taking.length === 0) return null;
  const uids = new Set(taking.flatMap(({ answer }) => answer.grafanaUid ?? []));
  return [...uids].toSorted().flatMap((grafanaUid) =>
    askedCorrelations(datasource, exchange, grafanaUid).map(({ app, correlation: { kind, target } }) => ({
      grafanaUid,
      kind,
      to: { app, uid: target },
    })),
  );
}

/** The same for people. */
export function correlationsText(notes: readonly CorrelationNote[]): string {
  if (notes.length === 0) return 'none to ask for';
  const byGrafana = Map.groupBy(printableIn(notes), ({ grafanaUid }) => grafanaUid);
  return [...byGrafana]
    .map(([grafanaUid, some]) =>
      [
        `Asked of Grafana ${grafanaUid}`,
        ...some.map(({ kind, to }) => `  ${kind} to ${to.app} (${to.uid})`),
      ].join('\n'),
    )
    .join('\n\n');
}
