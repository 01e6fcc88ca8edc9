import { createHash } from 'node:crypto';
import { isUnitName, parseUnitName } from '#lib/juju';
import { datasourceName } from '#src/grafana/provisioner';
import type { RegisteredSource } from '#src/relations/grafana-datasource';
import type { ProvisionedDatasource } from '../grafana/provisioning-file.ts';
import { shapeOf } from './checks/uid.ts';
import type { Deployment } from './deployment.ts';
import { provisioned } from './grafana/provisioned.ts';
import { decodeWorld, type Grafana, type Registration } from './world.ts';

/** What the relations of a Grafana say is in it. */
export interface GrafanaOfModels {
  /** The application; with its model before it, where several models have one of that name. */
  readonly name: string;
  /** By name. */
  readonly datasources: readonly ProvisionedDatasource[];
}

/** Every Grafana of some models, with the datasources that it has handed out UIDs for. Pure and total. */
export function handedOut(deployment: Deployment): GrafanaOfModels[] {
  const { grafanas } = decodeWorld(deployment);
  const counts = Map.groupBy(grafanas, ({ app }) => app);
  return grafanas.map((grafana) => {
    const { app, model } = grafana;
    const isAlone = counts.get(app)?.length === 1 || model === null;
    return { name: isAlone ? app : `${model}.${app}`, datasources: datasourcesOf(grafana) };
  });
}

/** Two relations may ask for one datasource: it is there once. */
function datasourcesOf({ registrations }: Grafana): ProvisionedDatasource[] {
  const all = registrations.flatMap(registered);
  const byUid = new Map(all.toReversed().map((one) => [one.uid, one]));
  return [...byUid.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What is of the application as a whole comes first: a gateway tells its units the same UID. */
function registered({ reading, answer }: Registration): ProvisionedDatasource[] {
  if (reading.state !== 'valid') return [];
  const { source } = reading;
  const ofApp = answered(source, answer.appDatasourceUid, undefined, source.appUrl);
  const ofUnits = Object.entries(answer.datasourceUids ?? {}).flatMap(([unit, uid]) => {
    const number = isUnitName(unit) ? parseUnitName(unit).number : undefined;
    const url = source.units.find((one) => parseUnitName(one.unit).number === number)?.url;
    return number === undefined ? [] : answered(source, uid, number, url);
  });
  return [...ofApp, ...ofUnits];
}

/** @returns nothing where there is no UID, or no URL: a unit that has gone, or that is told its application's UID */
function answered(
  source: RegisteredSource,
  uid: string | undefined,
  unitNumber: number | undefined,
  url: string | undefined,
): ProvisionedDatasource[] {
  if (uid === undefined || uid === '' || url === undefined) return [];
  const { model, modelUuid, application, type, extraFields, secureExtraFields, secretUri } = source;
  const isName = shapeOf(uid) !== 'uid';
  const secrets = Object.keys(secureExtraFields ?? {});
  const { orgId: _firstOne, ...datasource } = provisioned({
    name: isName ? uid : datasourceName({ model, modelUuid, application, unitNumber }),
    uid: isName ? uidFromName(uid) : uid,
    ...{ type, url, access: 'proxy', orgId: 1, user: '', database: '', basicAuth: false, basicAuthUser: '' },
    // A gateway's can be edited. Those of Canonical's charm are from a file already, and can't.
    ...{ withCredentials: false, isDefault: false, readOnly: isName },
    jsonData: extraFields ?? {},
    secureJsonFields: Object.fromEntries(secrets.map((key) => [key, true])),
  });
  const shared = secretUri === undefined ? [] : [`all of the Juju secret ${secretUri}, for secureJsonData`];
  return [{ ...datasource, takenOut: [...(datasource.takenOut ?? []), ...shared] }];
}

/**
 * The UID that Grafana gives a datasource of a provisioning file that has none, as Canonical's charm writes it.
 * @see grafana/grafana: pkg/services/provisioning/datasources/types.go
 */
function uidFromName(name: string): string {
  return `P${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
}
