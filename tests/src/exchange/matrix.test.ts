import assert from 'node:assert/strict';
import { correlationTable, decide, defaultPreferences, explain, type View } from '#src/exchange';
import { extraFields, finding, grafana, peer, uidsWithin, view } from './builders.ts';

const here = 'here';
const inBoth = [
  grafana({ grafanaUid: here, appDatasourceUid: 'own' }, { relationId: 10, remoteApp: 'graf-a' }),
  grafana({ grafanaUid: 'there', appDatasourceUid: 'own' }, { relationId: 11, remoteApp: 'graf-b' }),
];

/** A datasource of one type, related to two Grafanas. */
function datasource(type: string, exchange: View['exchange']): View {
  const preferences = defaultPreferences;
  return view({
    datasource: { type, url: 'http://own', perUnit: false, preferences },
    grafanas: inBoth,
    exchange,
  });
}

/** Where each pair of a source and a target is to be found: the `jsonData` that Grafana has to read. */
const expected: Record<string, Record<string, readonly string[]>> = {
  tempo: {
    prometheus: ['serviceMap', 'tracesToMetrics'],
    loki: ['tracesToLogsV2'],
    elasticsearch: ['tracesToLogsV2'],
    'grafana-opensearch-datasource': ['tracesToLogsV2'],
    'grafana-pyroscope-datasource': ['tracesToProfiles'],
  },
  jaeger: {
    prometheus: ['tracesToMetrics'],
    loki: ['tracesToLogsV2'],
    elasticsearch: ['tracesToLogsV2'],
    'grafana-opensearch-datasource': ['tracesToLogsV2'],
  },
  zipkin: {
    prometheus: ['tracesToMetrics'],
    loki: ['tracesToLogsV2'],
    elasticsearch: ['tracesToLogsV2'],
    'grafana-opensearch-datasource': ['tracesToLogsV2'],
  },
  prometheus: {
    tempo: ['exemplarTraceIdDestinations'],
    jaeger: ['exemplarTraceIdDestinations'],
    zipkin: ['exemplarTraceIdDestinations'],
  },
  loki: { tempo: ['derivedFields'], jaeger: ['derivedFields'], zipkin: ['derivedFields'] },
  elasticsearch: { tempo: ['dataLinks'], jaeger: ['dataLinks'], zipkin: ['dataLinks'] },
  'grafana-opensearch-datasource': { tempo: ['dataLinks'], jaeger: ['dataLinks'], zipkin: ['dataLinks'] },
  'grafana-pyroscope-datasource': {},
  alertmanager: {},
};

suite('the matrix of links', () => {
  test('has an entry for each type that links', () => {
    const linking = Object.keys(expected).filter((type) => Object.keys(expected[type] ?? {}).length > 0);
    assert.deepEqual([...correlationTable.keys()].toSorted(), linking.toSorted());
  });

  for (const from of Object.keys(expected)) {
    for (const to of Object.keys(expected)) {
      const keys = expected[from]?.[to] ?? [];
      suite(`${from} to ${to}`, () => {
        const worlds: [name: string, exchange: View['exchange'], uidHere: string[], uidThere: string[]][] = [
          ['in the same Grafana', [peer('peer', [[to, 'p', here]])], ['p'], []],
          ['in another Grafana', [peer('peer', [[to, 'p', 'elsewhere']])], [], []],
          [
            'in both Grafanas',
            [
              peer('peer', [
                [to, 'p-here', here],
                [to, 'p-there', 'there'],
              ]),
            ],
            ['p-here'],
            ['p-there'],
          ],
          ['absent', [], [], []],
          ['silent', [peer('peer', null)], [], []],
          ['invalid', [peer('peer', [], { findings: [finding({ remoteApp: 'peer' })] })], [], []],
        ];
        for (const [name, exchange, uidHere, uidThere] of worlds) {
          test(name, () => {
            const seen = datasource(from, exchange);
            const intent = decide(seen);
            for (const [relationId, grafanaUid, uids] of [
              [10, here, uidHere],
              [11, 'there', uidThere],
            ] as const) {
              const fields = extraFields(intent, relationId);
              const linked = keys.length > 0 && uids.length > 0;
              if (!linked) assert.equal(fields, null);
              for (const key of keys) assert.deepEqual(uidsWithin(fields?.[key]), uids);
              const links = explain(seen).filter((link) => link.grafanaUid === grafanaUid);
              const { links: kinds = [] } = correlationTable.get(from) ?? {};
              assert.equal(links.length, kinds.length);
              for (const { kind, to: target, reasons } of links) {
                const key = kinds.find((one) => one.kind === kind)?.key ?? '';
                assert.deepEqual(target?.uid, keys.includes(key) ? uids[0] : undefined);
                assert.ok(target !== null || reasons.length > 0);
              }
            }
          });
        }
      });
    }
  }
});
