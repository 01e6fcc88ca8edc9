import { assignedUids } from '#src/relations/grafana-datasource';
import type { DatasourceList } from '#src/relations/grafana-datasource-exchange';
import type { GrafanaRelation, View } from './view.ts';

/** This application in one Grafana: where Grafana has said who it is and given at least one UID. */
export interface Registration {
  readonly grafanaUid: string;
  readonly uids: readonly string[];
}

/**
 * This application's complete registrations, one for each Grafana. Two relations with the same `grafana_uid` (two
 * gateways of one Grafana) are one Grafana.
 */
export function registrations(grafanas: readonly GrafanaRelation[]): Registration[] {
  const byGrafana = Map.groupBy(grafanas, ({ answer }) => answer.grafanaUid);
  return [...byGrafana]
    .flatMap(([grafanaUid, relations]) => {
      if (grafanaUid === undefined) return [];
      const uids = new Set(relations.flatMap(({ answer }: GrafanaRelation) => assignedUids(answer)));
      return uids.size === 0 ? [] : [{ grafanaUid, uids: [...uids].toSorted() }];
    })
    .toSorted((a, b) => (a.grafanaUid < b.grafanaUid ? -1 : 1));
}

/** What this application tells its exchange peers: complete entries only, and only its own. */
export function ownDatasources({ datasource, grafanas }: View): DatasourceList {
  if (datasource === null) return [];
  return registrations(grafanas).flatMap(({ grafanaUid, uids }) =>
    uids.map((uid) => ({ type: datasource.type, uid, grafana_uid: grafanaUid })),
  );
}
