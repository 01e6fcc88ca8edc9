import fc from 'fast-check';
import {
  type AppChoice,
  allKinds,
  type CorrelationsState,
  correlationTable,
  type DatasourceView,
  defaultPreferences,
  type Finding,
  type GatewayView,
  type GrafanaRelation,
  type Preferences,
  type SecretView,
  type SourceRelation,
  type View,
} from '#src/exchange';
import type { HeldCorrelation, HeldDatasource } from '#src/grafana/provisioner';
import { datasourceName, datasourceUid, markedDescription, markerKey } from '#src/grafana/provisioner';
import { correlationsKey, readAnswer, type SourceCorrelation } from '#src/relations/grafana-datasource';
import { readDatasources } from '#src/relations/grafana-datasource-exchange';
import { asFollower, finding, foreign, gateway, gatewayWith, source, U, view } from './builders.ts';

const anyApp = fc.constantFrom('mimir', 'loki', 'tempo', 'prometheus', 'alpha');
const anyType = fc.constantFrom('tempo', 'prometheus', 'loki', 'jaeger');
const grafanaUids = ['g1', 'g2', `juju_cos_${U}_grafana_0`, `juju_cos_${U}_grafana_1`];
const anyGrafanaUid = fc.constantFrom(...grafanaUids);
const anyUid = fc.constantFrom(
  'a',
  'b',
  'mimir-0-aa',
  'mimir-2-bb',
  'mimir-10-cc',
  'loki-0-dd',
  'tempo-0-ee',
);
const anyUrl = fc.constantFrom('http://a', 'http://a/', 'http://b:80', 'https://c/x', 'file:///d', '');
const anyFindings: fc.Arbitrary<readonly Finding[]> = fc.array(
  fc.integer({ min: 0, max: 3 }).map((n) => finding({ path: `[${n}]` })),
  { maxLength: 1 },
);

const secretUris = ['a', 'b'].map((letter) => `secret://${U}/${letter.repeat(20)}`);

const anySecret: fc.Arbitrary<SecretView> = fc.record({
  wanted: fc.boolean(),
  uri: fc.option(fc.constantFrom(...secretUris)),
  current: fc.boolean(),
  unshareable: fc.subarray([10, 11, 12], { maxLength: 2 }),
  obsolete: fc.option(fc.constant(1)),
});

/** Sets an arbitrary subset of keys: absent, empty or with a value. */
function anyBag(...keys: string[]): fc.Arbitrary<Record<string, string>> {
  return fc.dictionary(
    fc.constantFrom(...keys, 'egress-subnets'),
    fc.constantFrom('', 'x', '[]', '{}', 'null'),
  );
}

const anyAnswer = fc
  .record(
    {
      grafana_uid: anyGrafanaUid,
      datasource_uids: fc.oneof(
        fc
          .dictionary(fc.constantFrom('tempo/0', 'tempo/1', 'remote-1/0'), anyUid)
          .map((map) => JSON.stringify(map)),
        fc.constantFrom('bad', '[]'),
      ),
      app_datasource_uid: anyUid,
      grafana_base_url: fc.constant('http://grafana'),
      grafana_source_secret: fc.constantFrom(...secretUris, 'no uri'),
      [correlationsKey]: fc.constantFrom('true', 'true', 'maybe'),
    },
    { requiredKeys: [] },
  )
  .map((databag) => readAnswer(databag).answer);

const anyEntries = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc
        .array(fc.record({ type: anyType, uid: anyUid, grafana_uid: anyGrafanaUid }))
        .map((list) => JSON.stringify(list)),
    },
    { weight: 1, arbitrary: fc.constantFrom('', 'bad', '[]', '[5]', '{}') },
  )
  .map((datasources) => readDatasources({ datasources }).datasources);

const anyChoice: fc.Arbitrary<AppChoice> = fc.record({
  apps: fc.uniqueArray(anyApp, { maxLength: 2 }),
  others: fc.boolean(),
});

/** Mostly what is so by default; `json-data` that takes links out, and puts UIDs in that nobody handed out. */
const anyPreferences: fc.Arbitrary<Preferences> = fc.oneof(
  fc.constant(defaultPreferences),
  fc.record({
    kinds: fc.subarray([...allKinds]),
    apps: fc.record({ metrics: anyChoice, logs: anyChoice, traces: anyChoice, profiles: anyChoice }),
    tracesToLogs: fc.constantFrom({}, { query: '{x="y"}', tags: [{ key: 'a' }] }),
    tracesToMetrics: fc.constantFrom({}, { queries: [{ query: 'up' }] }),
    jsonData: fc.dictionary(
      fc.constantFrom('httpMethod', 'serviceMap', 'derivedFields', 'tracesToMetrics', 'own'),
      fc.constantFrom(null, 5, { datasourceUid: 'by-hand' }, { datasourceUid: null }, [
        { datasourceUid: 'mimir-0-aa' },
      ]),
      { maxKeys: 2 },
    ),
  }),
);

const anyDatasource: fc.Arbitrary<DatasourceView | null> = fc.option(
  fc.record({
    type: fc.constantFrom('tempo', 'tempo', ...correlationTable.keys(), 'grafana-pyroscope-datasource'),
    url: fc.constantFrom('http://t', 'http://u'),
    perUnit: fc.boolean(),
    preferences: anyPreferences,
  }),
  { freq: 5 },
);

const anyGrafana = fc.record({
  remoteApp: fc.constantFrom('grafana', 'graf2', 'gateway'),
  answer: anyAnswer,
  findings: anyFindings,
  localAppData: fc
    .tuple(
      anyBag('grafana_source_data', 'grafana_source_app_host', correlationsKey),
      fc.constantFrom(undefined, 'no uri', ...secretUris),
    )
    .map(([bag, secret]) => ({ ...bag, ...(secret !== undefined && { grafana_source_secret: secret }) })),
  localUnitData: anyBag('grafana_source_host'),
});

const anyPeer = fc.record({
  endpoint: fc.constantFrom('send-datasource', 'receive-datasource'),
  remoteApp: anyApp,
  datasources: anyEntries,
  findings: anyFindings,
  localAppData: anyBag('datasources'),
});

/** UIDs that the gateway may have given, and some that it did not. */
const anyEnd = fc
  .oneof(
    { weight: 4, arbitrary: fc.tuple(anyApp, fc.constantFrom(undefined, 0, 1)) },
    { weight: 1, arbitrary: fc.constant(null) },
  )
  .map((topology) => {
    if (topology === null) return 'somebodys';
    const [application, unitNumber] = topology;
    return datasourceUid({ model: 'cos', modelUuid: U, application, unitNumber });
  });

const anyAsked: fc.Arbitrary<SourceCorrelation> = fc.record({
  kind: fc.constantFrom('metrics-to-logs', 'logs-to-metrics'),
  target: anyEnd,
  label: fc.constantFrom('Logs', 'Metrics'),
  description: fc.constantFrom('', 'x'),
  field: fc.constantFrom('labels', 'app'),
  query: fc.constantFrom({}, { expr: '${app}' }),
  transformations: fc.constantFrom([], [{ type: 'logfmt' as const }]),
});

const anySource: fc.Arbitrary<SourceRelation> = fc
  .record({
    remoteApp: anyApp,
    data: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record(
          {
            type: anyType,
            application: anyApp,
            extra_fields: fc.option(
              fc.dictionary(
                fc.constantFrom('httpMethod', 'serviceMap', markerKey, 'teamHttpHeaders', '__proto__'),
                fc.jsonValue({ maxDepth: 2 }),
              ),
            ),
            secure_extra_fields: fc.option(
              fc.dictionary(fc.constantFrom('k1', 'k2'), fc.constantFrom('', 's')),
            ),
          },
          { requiredKeys: [] },
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom('', 'null', 'bad', '[]') },
    ),
    app: anyUrl,
    asks: fc.oneof(
      { weight: 4, arbitrary: fc.array(anyAsked, { maxLength: 3 }).map((list) => JSON.stringify(list)) },
      { weight: 1, arbitrary: fc.constantFrom('', 'bad', '[5]') },
    ),
    units: fc.dictionary(fc.constantFrom('0', '1', '10'), anyUrl),
    secureFingerprint: fc.option(fc.constantFrom('f1', 'f2')),
    sealed: fc.option(
      fc
        .tuple(fc.constantFrom(...secretUris), fc.subarray(['k2', 'k3'], { minLength: 1 }))
        .map(([ref, keys]) => ({ ref, keys })),
    ),
    localAppData: fc.oneof(
      anyBag('grafana_uid', 'datasource_uids', 'app_datasource_uid'),
      fc.constant({ [correlationsKey]: 'true' }),
      anyApp.map((application) => ({
        app_datasource_uid: datasourceUid({ model: 'cos', modelUuid: U, application, unitNumber: undefined }),
      })),
    ),
  })
  .map(({ remoteApp, ...given }) => source(remoteApp, given))
  .map((relation) =>
    relation.reading.state === 'valid' &&
    relation.reading.source.secureExtraFields === null &&
    relation.sealed === null
      ? { ...relation, secureFingerprint: null }
      : relation,
  );

const anyTopology = fc.record({
  model: fc.constant('cos'),
  modelUuid: fc.constant(U),
  application: anyApp,
  unitNumber: fc.constantFrom(undefined, 0, 1, 10),
});

const anyMarker = fc.record({
  gateway: fc.constantFrom(gateway.marker, gateway.marker, 'other gateway'),
  /** True: of the datasource that it is in. Otherwise as earlier revisions wrote it, or copied from another one. */
  uid: fc.constantFrom(true, true, undefined, 'copied'),
  keys: fc.subarray(['httpMethod', 'serviceMap', 'old']),
  application: fc.option(anyApp, { nil: undefined }),
  secureKeys: fc.subarray(['k1', 'k2']),
  secureFingerprint: fc.constantFrom(undefined, 'f1', 'f2'),
});

function markerIn(uid: string, marker: unknown): unknown {
  const isOurs = typeof marker === 'object' && marker !== null && 'uid' in marker && marker.uid === true;
  return isOurs ? { ...marker, uid } : marker;
}

/** What a Grafana may hold: ours, those of another gateway, and those that people made. Uids and names are unique. */
export const anyHeld: fc.Arbitrary<HeldDatasource[]> = fc
  .uniqueArray(
    fc
      .record({
        topology: anyTopology,
        name: fc.oneof(fc.constantFrom('Renamed', 'Tempo', undefined), anyTopology.map(datasourceName)),
        uid: fc.constantFrom(undefined, undefined, 'somebodys'),
        type: anyType,
        access: fc.constantFrom('proxy', 'proxy', 'direct'),
        url: anyUrl,
        readOnly: fc.constantFrom(false, false, false, true),
        marker: fc.option(
          fc.oneof({ weight: 6, arbitrary: anyMarker }, { weight: 1, arbitrary: fc.jsonValue() }),
        ),
        jsonData: fc.dictionary(
          fc.constantFrom('httpMethod', 'byHand', 'old'),
          fc.jsonValue({ maxDepth: 1 }),
        ),
      })
      .map(({ topology, name, uid = datasourceUid(topology), marker, jsonData, ...rest }) =>
        foreign({
          ...rest,
          uid,
          name: name ?? datasourceName(topology),
          jsonData: { ...jsonData, ...(marker !== null && { [markerKey]: markerIn(uid, marker) }) },
        }),
      ),
    { selector: ({ uid }) => uid, maxLength: 6 },
  )
  .map((list) => [...new Map(list.map((datasource) => [datasource.name, datasource])).values()]);

const anyCorrelations: fc.Arbitrary<CorrelationsState> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ state: 'unsupported' as const }) },
  {
    weight: 1,
    arbitrary: fc.constant({ state: 'failed' as const, fixedBy: 'time' as const, remedy: 'wait' }),
  },
  {
    weight: 4,
    arbitrary: fc
      .array(fc.tuple(anyAsked, anyEnd, fc.constantFrom(gateway.marker, gateway.marker, 'other', null)), {
        maxLength: 4,
      })
      .map((list) => ({ state: 'ok' as const, held: list.map(heldCorrelation) })),
  },
);

function heldCorrelation(
  [asked, sourceUID, marker]: readonly [SourceCorrelation, string, string | null],
  n: number,
): HeldCorrelation {
  const { kind, target, label, description, field, query, transformations } = asked;
  return {
    uid: `c${n}`,
    sourceUID,
    targetUID: target,
    label,
    description: marker === null ? description : markedDescription(description, kind, marker),
    type: 'query',
    provisioned: false,
    config: { field, target: query, transformations },
  };
}

const anyGateway: fc.Arbitrary<GatewayView | null> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(anyHeld, fc.boolean(), fc.option(anyCorrelations))
      .map(([held, correlations, state]): GatewayView => {
        const given = gatewayWith(held);
        const work = given.work && { ...given.work, correlations: correlations ? state : null };
        return { ...given, correlations, work };
      }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('operator' as const, 'time' as const).map((fixedBy) => ({
      ...gateway,
      work: { grafana: { state: 'failed' as const, fixedBy, remedy: 'mend it' } },
    })),
  },
);

/** Any world that one unit may see, broken databags and other people's datasources included. */
export const anyView: fc.Arbitrary<View> = fc
  .record({
    leader: fc.boolean(),
    unitNumber: fc.constantFrom(0, 1, 10),
    configProblems: fc.constantFrom([], [], [], [], ['set datasource-url']),
    datasource: anyDatasource,
    grafanas: fc.array(anyGrafana, { maxLength: 3 }),
    secret: anySecret,
    exchange: fc.array(anyPeer, { maxLength: 4 }),
    sources: fc.array(anySource, { maxLength: 4 }),
    gateway: anyGateway,
    peerData: fc.option(anyBag('leader', 'secure-fingerprints', 'fingerprint-key'), { freq: 4 }),
    fingerprintKey: fc.option(fc.constantFrom('a'.repeat(32), 'b'.repeat(32))),
    status: fc.record({
      status: fc.constantFrom('active', 'waiting', 'unknown'),
      message: fc.constantFrom('', 'x'),
    }),
  })
  .map(({ leader, unitNumber, peerData, grafanas, exchange, sources, ...rest }) => {
    const seen = view({
      ...rest,
      self: { ...view().self, unitNumber, unit: `tempo/${unitNumber}` },
      grafanas: grafanas.map((relation, n): GrafanaRelation => ({ ...relation, relationId: 10 + n })),
      exchange: exchange.map((relation, n) => ({ ...relation, relationId: 20 + n })),
      sources: sources.map((relation, n) => ({ ...relation, relationId: 30 + n })),
      // Null before Juju has made the relation.
      peer: peerData === null ? null : { relationId: 0, appData: peerData },
    });
    return leader ? seen : asFollower(seen);
  });

/** The same view with everything listed in another order. */
export function anyShuffle(seen: View): fc.Arbitrary<View> {
  const shuffle = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
  const shuffledPeer = (relation: View['exchange'][number]) =>
    relation.datasources === null
      ? fc.constant(relation)
      : shuffle(relation.datasources).map((datasources) => ({ ...relation, datasources }));
  return fc
    .record({
      grafanas: shuffle(seen.grafanas),
      exchange: fc.tuple(...seen.exchange.map(shuffledPeer)).chain(shuffle),
      sources: seen.sources === null ? fc.constant(null) : shuffle(seen.sources),
      held:
        seen.gateway?.work?.grafana.state === 'ok'
          ? shuffle(seen.gateway.work.grafana.datasources)
          : fc.constant(null),
      correlations:
        seen.gateway?.work?.correlations?.state === 'ok'
          ? shuffle(seen.gateway.work.correlations.held).map((held) => ({ state: 'ok' as const, held }))
          : fc.constant(seen.gateway?.work?.correlations ?? null),
    })
    .map(({ held, correlations, ...relations }) => {
      const { gateway } = seen;
      if (held === null || gateway === null || gateway.work === null) return { ...seen, ...relations };
      const work = { ...gateway.work, grafana: { state: 'ok' as const, datasources: held }, correlations };
      return { ...seen, ...relations, gateway: { ...gateway, work } };
    });
}
