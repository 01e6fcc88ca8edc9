import type { UnitState } from '#lib/juju/testing';
import { extraFieldsIn, relationIn } from './worlds.ts';

/** Where a datasource has said that it is: as an application, and as a unit. */
export function host(given: UnitState, remoteApp = 'grafana') {
  const { localAppData, localUnitData } = relationIn(given, 'grafana-source', remoteApp);
  return { app: localAppData.grafana_source_app_host, unit: localUnitData.grafana_source_host };
}

/** What a datasource has sent a Grafana as `jsonData`, each link as the UID that it points at. */
export function linksTo(given: UnitState, remoteApp = 'grafana') {
  const fields = extraFieldsIn(relationIn(given, 'grafana-source', remoteApp).localAppData);
  return (
    fields &&
    Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value.datasourceUid ?? value]))
  );
}
