import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, defaultPreferences, type Preferences, type Signal, type View } from '#src/exchange';
import { mergePatch } from '../../../src/exchange/merge-patch.ts';
import { extraFields, grafana, peer, tempo, uidsWithin, view } from './builders.ts';

const inG = grafana({ grafanaUid: 'g', appDatasourceUid: 't' });

function fieldsOf(
  type: string,
  exchange: View['exchange'],
  preferences: Partial<Preferences> = {},
): Readonly<Record<string, unknown>> | null {
  const datasource = { ...tempo, type, preferences: { ...defaultPreferences, ...preferences } };
  return extraFields(decide(view({ datasource, grafanas: [inG], exchange })));
}

const tempos = [
  peer('tempo-b', [['tempo', 'tb', 'g']], { relationId: 21 }),
  peer('tempo-a', [['tempo', 'ta', 'g']], { relationId: 22 }),
];
const mimir = peer('mimir', [['prometheus', 'm', 'g']], { relationId: 23 });
const thanos = peer('thanos', [['prometheus', 'th', 'g']], { relationId: 24 });
const loki = peer('loki', [['loki', 'l', 'g']], { relationId: 25 });
const elastic = peer('elastic', [['elasticsearch', 'e', 'g']], { relationId: 26 });

suite('what links look like', () => {
  test('an exemplar leads to each tracing application, by the label of the Python charm', () => {
    assert.deepEqual(fieldsOf('prometheus', tempos), {
      exemplarTraceIdDestinations: [
        { datasourceUid: 'ta', name: 'traceID' },
        { datasourceUid: 'tb', name: 'traceID' },
      ],
    });
  });

  test('a log line of Loki has a field for each shape of trace id, the first as the Python charm has it', () => {
    const [first, ...others] = fieldsOf('loki', tempos.slice(1))?.derivedFields as Record<string, string>[];
    assert.deepEqual(first, {
      datasourceUid: 'ta',
      matcherRegex: '(?:traceID|trace_id|tid)=(\\w+)',
      name: 'traceID',
      // As on the wire, where a dollar is two.
      url: '$${__value.raw}',
      urlDisplayLabel: 'View trace',
    });
    assert.deepEqual(
      others.map(({ name }) => name),
      ['traceID (JSON)', 'traceID (label)'],
    );
  });

  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  const lines: [line: string, field: string][] = [
    [`level=info traceID=${id} msg=x`, 'traceID'],
    [`level=info trace_id=${id}`, 'traceID'],
    [`tid=${id}`, 'traceID'],
    [`{"traceId":"${id}"}`, 'traceID (JSON)'],
    [`{"a": 1, "trace_id" : "${id}"}`, 'traceID (JSON)'],
    [`{"trace.id": "${id}"}`, 'traceID (JSON)'],
  ];
  for (const [line, field] of lines) {
    test(`the trace id in ${line.replace(id, '...')} is found by ${field} alone`, () => {
      const fields = fieldsOf('loki', tempos)?.derivedFields as Record<string, string>[];
      const found = fields.flatMap(({ name, matcherRegex, matcherType }) => {
        const [, value] = matcherType === 'label' ? [] : (new RegExp(matcherRegex ?? '').exec(line) ?? []);
        return value === undefined ? [] : [{ name, value }];
      });
      assert.deepEqual(found, [
        { name: field, value: id },
        { name: field, value: id },
      ]);
    });
  }

  test('fields of one name have one expression, so that Grafana shows them as one with several links', () => {
    const fields = fieldsOf('loki', tempos)?.derivedFields as Record<string, string>[];
    for (const same of Map.groupBy(fields, ({ name }) => name).values()) {
      assert.equal(new Set(same.map(({ matcherRegex }) => matcherRegex)).size, 1);
      assert.deepEqual(
        same.map(({ urlDisplayLabel }) => urlDisplayLabel),
        ['View trace in tempo-a', 'View trace in tempo-b'],
      );
    }
  });

  for (const [name, matches] of [
    ['trace.id', true],
    ['traceId', true],
    ['trace_id', true],
    ['traceID', true],
    ['parent.trace.id', false],
    ['traceXid', false],
  ] as const) {
    test(`a field ${name} of Elasticsearch ${matches ? 'leads' : 'does not lead'} to a trace`, () => {
      const [link] = fieldsOf('elasticsearch', tempos)?.dataLinks as Record<string, string>[];
      // A dollar is two on the wire.
      assert.equal(new RegExp((link?.field ?? '').replaceAll('$$', '$')).test(name), matches);
    });
  }

  test('a span asks Elasticsearch for lines with its trace id, in its own query language', () => {
    const { tags, query } = fieldsOf('tempo', [elastic])?.tracesToLogsV2 as Record<string, unknown>;
    assert.deepEqual([tags, query], [[], '"$${__span.traceId}"']);
  });

  test('the node graph is there with any link, and never alone', () => {
    assert.deepEqual(fieldsOf('jaeger', [loki])?.nodeGraph, { enabled: true });
    assert.equal(fieldsOf('jaeger', []), null);
  });
});

suite("the operator's hand", () => {
  const appsFor = (signal: Signal, apps: string[], others: boolean): Partial<Preferences> => ({
    apps: { ...defaultPreferences.apps, [signal]: { apps, others } },
  });
  const serviceMap = (preferences: Partial<Preferences>) =>
    uidsWithin(fieldsOf('tempo', [mimir, thanos], preferences)?.serviceMap);

  test('kinds that are not listed are not made', () => {
    assert.deepEqual(Object.keys(fieldsOf('tempo', [mimir, loki], { kinds: ['traces-to-logs'] }) ?? {}), [
      'httpMethod',
      'tracesToLogsV2',
      'nodeGraph',
    ]);
    assert.equal(fieldsOf('tempo', [mimir, loki], { kinds: [] }), null);
  });

  test('a preferred application comes first, another where it has nothing', () => {
    assert.deepEqual(serviceMap({}), ['m']);
    assert.deepEqual(serviceMap(appsFor('metrics', ['thanos'], true)), ['th']);
    assert.deepEqual(serviceMap(appsFor('metrics', ['nobody', 'thanos'], true)), ['th']);
    assert.deepEqual(serviceMap(appsFor('metrics', ['nobody'], true)), ['m']);
  });

  test('a pinned application is linked to or nothing is', () => {
    assert.deepEqual(serviceMap(appsFor('metrics', ['thanos'], false)), ['th']);
    assert.deepEqual(serviceMap(appsFor('metrics', ['nobody'], false)), []);
  });

  test('pins order and bound the applications where there is room for several', () => {
    const destinations = (preferences: Partial<Preferences>) =>
      uidsWithin(fieldsOf('prometheus', tempos, preferences));
    assert.deepEqual(destinations(appsFor('traces', ['tempo-b'], true)), ['tb', 'ta']);
    assert.deepEqual(destinations(appsFor('traces', ['tempo-b'], false)), ['tb']);
  });

  test('tags and queries replace the ones by default, also towards Elasticsearch', () => {
    const tracesToLogs = {
      tags: [{ key: 'service.name', value: 'service' }, { key: 'pod' }],
      query: '{$__tags}',
      spanStartTimeShift: '-1h',
      filterByTraceID: true,
    };
    for (const target of [loki, elastic]) {
      assert.deepEqual(fieldsOf('tempo', [target], { tracesToLogs })?.tracesToLogsV2, {
        datasourceUid: target === loki ? 'l' : 'e',
        tags: [
          { key: 'service.name', value: 'service' },
          { key: 'pod', value: '' },
        ],
        filterByTraceID: true,
        filterBySpanID: false,
        customQuery: true,
        query: '{$$__tags}',
        spanStartTimeShift: '-1h',
      });
    }
    const queries = [{ name: 'rate', query: 'rate(x{$__tags}[5m])' }, { query: 'up' }];
    const { queries: written } = fieldsOf('tempo', [mimir], { tracesToMetrics: { queries } })
      ?.tracesToMetrics as Record<string, unknown>;
    assert.deepEqual(written, [{ name: 'rate', query: 'rate(x{$$__tags}[5m])' }, { query: 'up' }]);
  });

  test('json-data is merged last: it adds, replaces, and takes away', () => {
    const jsonData = {
      httpMethod: 'POST',
      nodeGraph: null,
      serviceMap: { datasourceUid: 'mine' },
      tracesToMetrics: { queries: [{ query: '$x' }], spanEndTimeShift: '5m' },
      search: { hide: true },
    };
    const { tracesToMetrics, ...rest } = fieldsOf('tempo', [mimir], { jsonData }) ?? {};
    assert.deepEqual(rest, {
      httpMethod: 'POST',
      serviceMap: { datasourceUid: 'mine' },
      search: { hide: true },
    });
    const { datasourceUid, queries, spanEndTimeShift } = tracesToMetrics as Record<string, unknown>;
    assert.deepEqual([datasourceUid, queries, spanEndTimeShift], ['m', [{ query: '$$x' }], '5m']);
  });

  test('json-data goes out without any link, and before a Grafana has answered', () => {
    assert.deepEqual(fieldsOf('tempo', [], { jsonData: { a: 1 } }), { a: 1 });
    const preferences = { ...defaultPreferences, jsonData: { a: 1 } };
    const seen = view({ datasource: { ...tempo, preferences }, grafanas: [grafana()] });
    assert.deepEqual(extraFields(decide(seen)), { a: 1 });
  });
});

suite('a merge patch', () => {
  const anyJson = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Parameters<typeof mergePatch>[0][string]>;
  const anyObject = fc.dictionary(fc.string({ maxLength: 3 }), anyJson, { noNullPrototype: true });

  test('leaves both as they were, and once more changes nothing', () => {
    fc.assert(
      fc.property(anyObject, anyObject, (target, patch) => {
        const copies = structuredClone([target, patch]);
        const once = mergePatch(target, patch);
        assert.deepEqual(mergePatch(once, patch), once);
        assert.deepEqual([target, patch], copies);
      }),
    );
  });

  test('of nothing is the target, and a null takes its key away', () => {
    fc.assert(
      fc.property(anyObject, (target) => {
        assert.deepEqual(mergePatch(target, {}), { ...target });
        const patch = Object.fromEntries(Object.keys(target).map((key) => [key, null]));
        assert.deepEqual(mergePatch(target, patch), {});
      }),
    );
  });

  test('never reaches a prototype', () => {
    const patch = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, never>;
    assert.equal((mergePatch({}, patch) as { polluted?: unknown }).polluted, undefined);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
});
