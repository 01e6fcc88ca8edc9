import fc from 'fast-check';
import type { LiveDatasource, LiveGrafana } from '../../../../src/doctor/grafana/index.ts';
import type { Json, JsonObject } from '../../../../src/relations/python-json.ts';

const types = [
  'tempo',
  'tempo',
  'jaeger',
  'prometheus',
  'loki',
  'elasticsearch',
  'grafana-pyroscope-datasource',
  'alertmanager',
  'mysql',
];
const juju = 'juju_cos_0d5ba2a5-30f5-4a26-8d1c-6a9e2a3b4c5d_mimir_0';

/** By every way in which one may speak of a datasource, right or wrong. */
const anyReference = fc.constantFrom(
  ...[
    'ds0',
    'ds1',
    'ds2',
    'ds3',
    'ds4',
    'Name 0',
    'Name 1',
    'Name 3',
    'gone',
    'gone too',
    '',
    '1',
    '4',
    '99',
  ],
  ...['default', 'grafana', '${variable}', juju, 'constructor', '__proto__'],
);

const anyText = fc.constantFrom(
  '${__value.raw}',
  '$${__value.raw}',
  '{$$__tags}',
  '{$__tags} $$ x',
  '',
  'http://out',
);
const anyMember = fc.record<Record<string, Json>>(
  {
    datasourceUid: anyReference,
    name: fc.constantFrom('traceID', 'other'),
    field: fc.constantFrom('trace.id', 'x'),
    url: anyText,
    query: anyText,
    custom: fc.constantFrom<Json>(null, 5, ['a'], { datasourceUid: 'deep' }),
  },
  { requiredKeys: [] },
);
const anyHolder: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: anyMember },
  { weight: 4, arbitrary: fc.array(anyMember, { maxLength: 4 }) },
  fc.constantFrom<Json>(null, '', 5, [], {}, 'text', [null, 1]),
);

const keys = [
  ...['serviceMap', 'tracesToLogs', 'tracesToLogsV2', 'tracesToMetrics', 'tracesToProfiles', 'lokiSearch'],
  ...['derivedFields', 'exemplarTraceIdDestinations', 'dataLinks', 'someLink'],
];

/** Keys of `jsonData` that hold no link of any kind. */
const anyOther = fc.dictionary(
  fc.constantFrom('httpMethod', 'timeInterval', 'nodeGraph', 'maxLines', '$$__odd'),
  anyText,
);

const anyJsonData: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...keys), anyHolder, { maxKeys: 5 }),
    anyOther,
    fc.option(anyReference, { nil: undefined }),
    fc.option(fc.uniqueArray(fc.constantFrom(...keys)), { nil: undefined }),
  )
  .map(([links, others, alertmanagerUid, kept]) => ({
    ...others,
    ...links,
    ...(alertmanagerUid !== undefined && { alertmanagerUid }),
    ...(kept !== undefined && { crosslink: { gateway: 'g', keys: kept, secureKeys: [] } }),
  }));

const anyDatasource = fc.record({
  type: fc.constantFrom(...types),
  isDefault: fc.boolean(),
  readOnly: fc.boolean(),
  jsonData: anyJsonData,
});

/** A marker is taken for one where it names the datasource that it is in. */
function ownMarker({ crosslink, ...others }: JsonObject, uid: string): JsonObject {
  return typeof crosslink === 'object' ? { ...others, crosslink: { ...crosslink, uid } } : others;
}

/** Grafanas with up to five datasources, `ds0` to `ds4`, called `Name 0` and so on, or as a charm calls them. */
export const anyGrafana: fc.Arbitrary<LiveGrafana> = fc
  .tuple(fc.array(anyDatasource, { maxLength: 5 }), fc.boolean())
  .map(([all, charmed]) => ({
    url: 'http://grafana.example',
    version: '12.1.0',
    org: null,
    datasources: all.map(
      (one, i): LiveDatasource => ({
        ...one,
        uid: `ds${i}`,
        jsonData: ownMarker(one.jsonData, `ds${i}`),
        id: i + 1,
        name: charmed && i === 2 ? juju : `Name ${i}`,
        isDefault: one.isDefault && all.findIndex(({ isDefault }) => isDefault) === i,
      }),
    ),
  }));

export const anyPreference: fc.Arbitrary<ReadonlySet<string>> = fc
  .uniqueArray(fc.constantFrom('ds0', 'ds1', 'ds2', 'ds3', 'ds4'))
  .map((uids) => new Set(uids));
