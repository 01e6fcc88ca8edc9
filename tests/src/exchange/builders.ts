import type { Databag, DatabagChanges } from '#lib/juju';
import type {
  DatasourceView,
  ExchangeRelation,
  Finding,
  GatewayView,
  GrafanaRelation,
  Intent,
  SecretIntent,
  SecretView,
  SourceRelation,
  View,
} from '#src/exchange';
import { defaultPreferences } from '#src/exchange';
import type {
  CorrelationStep,
  HeldCorrelation,
  HeldDatasource,
  ProvisionStep,
} from '#src/grafana/provisioner';
import { markerKey, readMarker } from '#src/grafana/provisioner';
import { correlationsKey, type GrafanaAnswer, readSource } from '#src/relations/grafana-datasource';
import type { DatasourceList } from '#src/relations/grafana-datasource-exchange';

/** UUID of the model that everything is in. */
export const U = '11111111-2222-4333-8444-555555555555';

/** A leader that is related to nobody and configured to be nothing. */
export function view(given: Partial<View> = {}): View {
  return {
    self: { unit: 'tempo/0', app: 'tempo', unitNumber: 0, model: 'cos', modelUuid: U, leader: true },
    configProblems: [],
    datasource: null,
    grafanas: [],
    secret: noSecret,
    exchange: [],
    gateway: null,
    sources: [],
    peer: { relationId: 0, appData: {} },
    fingerprintKey: null,
    status: { status: 'unknown', message: '' },
    ...given,
  };
}

export const tempo: DatasourceView = {
  type: 'tempo',
  url: 'http://tempo:3200',
  perUnit: false,
  preferences: defaultPreferences,
};

/** Nothing to share, and no secret from before. */
export const noSecret: SecretView = {
  wanted: false,
  uri: null,
  current: false,
  unshareable: [],
  obsolete: null,
};

/** The same view as a follower sees it: no application databag of its own can be read. */
export function asFollower(seen: View): View {
  return {
    ...seen,
    self: { ...seen.self, leader: false },
    grafanas: seen.grafanas.map((relation) => ({ ...relation, localAppData: null })),
    exchange: seen.exchange.map((relation) => ({ ...relation, localAppData: null })),
    secret: null,
    gateway: seen.gateway && { ...seen.gateway, work: null },
    sources: null,
  };
}

export function grafana(
  answer: GrafanaAnswer = {},
  { relationId = 10, ...rest }: Partial<GrafanaRelation> = {},
): GrafanaRelation {
  const remoteApp = 'grafana';
  return { relationId, remoteApp, answer, findings: [], localAppData: {}, localUnitData: {}, ...rest };
}

/** A peer that publishes `[type, uid, grafana_uid]`, or nothing yet. */
export function peer(
  remoteApp: string,
  entries: readonly (readonly [type: string, uid: string, grafanaUid: string])[] | null,
  { relationId = 20, ...rest }: Partial<ExchangeRelation> = {},
): ExchangeRelation {
  const datasources: DatasourceList | null =
    entries?.map(([type, uid, grafana_uid]) => ({ type, uid, grafana_uid })) ?? null;
  const endpoint = 'receive-datasource';
  return { relationId, endpoint, remoteApp, datasources, findings: [], localAppData: {}, ...rest };
}

export const gateway: GatewayView = {
  grafanaUid: `juju_cos_${U}_gw`,
  baseUrl: 'http://grafana:3000',
  marker: 'gw-marker',
  work: { grafana: { state: 'ok', datasources: [] } },
};

/** The same gateway, with this in its Grafana. */
export function gatewayWith(datasources: readonly HeldDatasource[]): GatewayView {
  return { ...gateway, work: { grafana: { state: 'ok', datasources } } };
}

/** An application that registers with us, by what it writes. */
export function source(
  remoteApp: string,
  {
    relationId = 30,
    data = {},
    app,
    units = {},
    asks = '',
    ...rest
  }: Partial<SourceRelation> & {
    /** Overrides of `grafana_source_data`; text stands for all of it. */
    data?: Readonly<Record<string, unknown>> | string;
    app?: string;
    /** Unit number to URL. */
    units?: Readonly<Record<number, string>>;
    /** Correlations that it asks for, as text. */
    asks?: string;
  } = {},
): SourceRelation {
  const plain = { model: 'cos', model_uuid: U, application: remoteApp, type: 'tempo' };
  const text = typeof data === 'string' ? data : JSON.stringify({ ...plain, ...data });
  const { reading, issues } = readSource({
    appData: { grafana_source_data: text, grafana_source_app_host: app ?? '', [correlationsKey]: asks },
    unitsData: new Map(
      Object.entries(units).map(([n, url]) => [`${remoteApp}/${Number(n)}`, { grafana_source_host: url }]),
    ),
  });
  const findings = issues.map((issue) =>
    finding({ ...issue, relationId, endpoint: 'datasources', remoteApp }),
  );
  const secrets = { sealed: null, secureFingerprint: null };
  return { relationId, remoteApp, reading, ...secrets, findings, localAppData: {}, ...rest };
}

export function finding(given: Partial<Finding> = {}): Finding {
  const plain = { relationId: 20, endpoint: 'receive-datasource', remoteApp: 'mimir', key: 'datasources' };
  return { ...plain, path: '[0].uid', message: 'wrong', ...given };
}

/** A datasource of somebody else's. */
export function foreign(given: Partial<HeldDatasource> = {}): HeldDatasource {
  const plain = { uid: 'foreign', name: 'Foreign', type: 'tempo', access: 'proxy', url: 'http://foreign' };
  return { ...plain, readOnly: false, jsonData: {}, ...given };
}

/** The view after all of the intent was carried out. */
export function applied(seen: View, intent: Intent): View {
  const change = (relationId: number, bag: 'app' | 'unit', data: Databag): Databag =>
    intent.databags
      .filter((one) => one.relationId === relationId && one.bag === bag)
      .reduce((now, { changes }) => withChanges(now, changes), data);
  const changeApp = (relationId: number, data: Databag | null) => data && change(relationId, 'app', data);
  const secret = seen.secret && intent.secret ? secretAfter(seen.secret, intent.secret) : seen.secret;
  const told = (relationId: number, data: Databag | null) =>
    data && secret?.uri && intent.secret?.share.includes(relationId)
      ? { ...data, grafana_source_secret: secret.uri }
      : data;
  const peerData = seen.peer && {
    ...seen.peer,
    appData: change(seen.peer.relationId, 'app', seen.peer.appData),
  };
  return {
    ...seen,
    grafanas: seen.grafanas.map((relation) => ({
      ...relation,
      localAppData: told(relation.relationId, changeApp(relation.relationId, relation.localAppData)),
      localUnitData: change(relation.relationId, 'unit', relation.localUnitData),
    })),
    secret,
    exchange: seen.exchange.map((relation) => ({
      ...relation,
      localAppData: changeApp(relation.relationId, relation.localAppData),
    })),
    sources:
      seen.sources?.map((relation) => ({
        ...relation,
        localAppData: change(relation.relationId, 'app', relation.localAppData),
      })) ?? null,
    gateway: seen.gateway && provisioned(seen.gateway, intent.provision, intent.correlations),
    peer: peerData,
    status: intent.status ?? seen.status,
  };
}

function secretAfter(seen: SecretView, { step }: SecretIntent): SecretView {
  const uri = step === 'create' ? `secret://${U}/madenow0000000000000` : seen.uri;
  if (step === 'remove') return { ...noSecret, wanted: seen.wanted, unshareable: seen.unshareable };
  return { ...seen, uri, current: step === 'keep' ? seen.current : true, obsolete: null };
}

function withChanges(data: Databag, changes: DatabagChanges): Databag {
  return Object.fromEntries(Object.entries({ ...data, ...changes }).filter(([, value]) => value !== ''));
}

function provisioned(
  given: GatewayView,
  steps: readonly ProvisionStep[],
  correlationSteps: readonly CorrelationStep[],
): GatewayView {
  if (given.work?.grafana.state !== 'ok') return given;
  const datasources = carriedOut(given.work.grafana.datasources, steps);
  const { correlations, grafana: _, ...rest } = given.work;
  const after =
    correlations?.state === 'ok'
      ? { ...correlations, held: correlated(correlations.held, correlationSteps, datasources) }
      : correlations;
  return {
    ...given,
    work: {
      ...rest,
      grafana: { state: 'ok', datasources },
      ...(after !== undefined && { correlations: after }),
    },
  };
}

/** What Grafana has of correlations after the steps: those of a datasource go with it. */
function correlated(
  held: readonly HeldCorrelation[],
  steps: readonly CorrelationStep[],
  datasources: readonly HeldDatasource[],
): HeldCorrelation[] {
  const isThere = (uid: string) => uid === '' || datasources.some((one) => one.uid === uid);
  const byUid = new Map(held.map((one) => [one.uid, one]));
  for (const step of steps) {
    if (step.step === 'delete') byUid.delete(step.uid);
    else if (step.step === 'create') {
      const uid = `made-${byUid.size}-${step.kind}`;
      const { sourceUid: sourceUID, targetUid: targetUID, content } = step;
      byUid.set(uid, { uid, sourceUID, targetUID, type: 'query', provisioned: false, ...content });
    } else {
      const before = byUid.get(step.uid);
      if (before !== undefined) byUid.set(step.uid, { ...before, type: 'query', ...step.content });
    }
  }
  return [...byUid.values()].filter(({ sourceUID, targetUID }) => isThere(sourceUID) && isThere(targetUID));
}

/** What Grafana holds after the steps, as the provisioner carries them out. */
export function carriedOut(
  held: readonly HeldDatasource[],
  steps: readonly ProvisionStep[],
): HeldDatasource[] {
  const byUid = new Map(held.map((datasource) => [datasource.uid, datasource]));
  for (const step of steps) {
    if (step.kind === 'delete') {
      byUid.delete(step.uid);
      continue;
    }
    const { desired, marker } = step;
    const { uid, type, url, jsonData } = desired;
    const before = byUid.get(uid);
    const ours = [...(readMarker({ uid: '', jsonData: {}, ...before })?.keys ?? []), markerKey];
    const others = Object.entries(before?.jsonData ?? {}).filter(([key]) => !ours.includes(key));
    const wanted = Object.entries(jsonData).filter(([key]) => marker.keys.includes(key));
    byUid.set(uid, {
      uid,
      name: before?.name ?? desired.name,
      type,
      access: 'proxy',
      url,
      readOnly: false,
      jsonData: Object.fromEntries([...others, ...wanted, [markerKey, marker]]),
    });
  }
  return [...byUid.values()];
}

/** What the intent leaves in a databag that is empty before. */
export function written(intent: Intent, relationId: number, bag: 'app' | 'unit' = 'app'): Databag {
  const all = intent.databags.filter((one) => one.relationId === relationId && one.bag === bag);
  return Object.assign({}, ...all.map(({ changes }) => changes)) as Databag;
}

/** `extra_fields` that the intent offers on a relation with a Grafana. */
export function extraFields(intent: Intent, relationId = 10): Readonly<Record<string, unknown>> | null {
  const text = written(intent, relationId).grafana_source_data;
  if (text === undefined || text === '') return null;
  return (JSON.parse(text) as { extra_fields: Record<string, unknown> | null }).extra_fields;
}

/** Every text that stands as `datasourceUid` anywhere in the value, without doubles. */
export function uidsWithin(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const here =
    'datasourceUid' in value && typeof value.datasourceUid === 'string' ? [value.datasourceUid] : [];
  return [...new Set([...here, ...Object.values(value).flatMap(uidsWithin)])];
}
