import assert from 'node:assert/strict';
import { apiKinds, defaultPreferences, linkKinds } from '#src/exchange';
import { readPreferences } from '../../charm/preferences.ts';

suite('charm: preferences', () => {
  test('are the default where nothing is set', async () => {
    for (const options of [
      {},
      { correlations: ' ', 'metrics-app': '', 'json-data': '\n', 'traces-to-logs': '' },
    ]) {
      assert.deepEqual(await readPreferences(options), { preferences: defaultPreferences, problems: [] });
    }
  });

  const kinds: [text: string, kinds: readonly string[]][] = [
    ['all', [...linkKinds, ...apiKinds]],
    ['logs-to-metrics, service-map', ['service-map', 'logs-to-metrics']],
    ['none', []],
    ['traces-to-logs', ['traces-to-logs']],
    ['logs-to-traces, service-map\ntraces-to-logs', ['service-map', 'traces-to-logs', 'logs-to-traces']],
  ];
  for (const [text, expected] of kinds) {
    test(`correlations: ${JSON.stringify(text)}`, async () => {
      const { preferences, problems } = await readPreferences({ correlations: text });
      assert.deepEqual([preferences.kinds, problems], [expected, []]);
    });
  }

  const choices: [text: string, apps: string[], others: boolean][] = [
    ['mimir', ['mimir'], false],
    ['mimir, thanos mimir', ['mimir', 'thanos'], false],
    ['mimir *', ['mimir'], true],
    ['*', [], true],
    ['remote-0123456789abcdef0123456789abcdef', ['remote-0123456789abcdef0123456789abcdef'], false],
  ];
  for (const [text, apps, others] of choices) {
    test(`logs-app: ${text}`, async () => {
      const { preferences, problems } = await readPreferences({ 'logs-app': text });
      assert.deepEqual([preferences.apps.logs, problems], [{ apps, others }, []]);
    });
  }

  for (const [form, text] of [
    ['JSON', '{"tracesToLogsV2": {"customQuery": false, "query": null}, "n": 1.5}'],
    ['YAML', 'tracesToLogsV2:\n  customQuery: false\n  query: null\nn: 1.5\n'],
  ] as const) {
    test(`json-data as ${form}`, async () => {
      const { preferences, problems } = await readPreferences({ 'json-data': text });
      assert.deepEqual(problems, []);
      assert.deepEqual(preferences.jsonData, { tracesToLogsV2: { customQuery: false, query: null }, n: 1.5 });
    });
  }

  test('tags, queries and shifts', async () => {
    const { preferences, problems } = await readPreferences({
      'traces-to-logs': 'tags: [{key: service.name, value: service}, {key: pod}]\nspanStartTimeShift: -1h',
      'traces-to-metrics': '{"queries": [{"query": "up{$__tags}"}]}',
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(preferences.tracesToLogs, {
      tags: [{ key: 'service.name', value: 'service' }, { key: 'pod' }],
      spanStartTimeShift: '-1h',
    });
    assert.deepEqual(preferences.tracesToMetrics, { queries: [{ query: 'up{$__tags}' }] });
  });

  const bad: [option: string, text: string, problem: RegExp][] = [
    [
      'correlations',
      'service-map, trace-to-logs',
      /^correlations: no such kind: trace-to-logs; there are service-map,/,
    ],
    ['metrics-app', 'Mimir', /^metrics-app: 'Mimir' is no application name$/],
    ['profiles-app', 'a/0', /^profiles-app: 'a\/0' is no application name$/],
    ['json-data', 'a: [1', /^json-data: neither YAML nor JSON, line 1$/],
    ['json-data', 'just words', /^json-data: .*expected record/],
    ['json-data', 'a: .nan', /^json-data\.a: /],
    ['json-data', 'a: {b: [1, .inf]}', /^json-data\.a\.b\[1\]: JSON has no such value$/],
    ['json-data', 'crosslink: {}', /^json-data: may not set crosslink/],
    ['json-data', '{"a": {"__proto__": {}}}', /^json-data: may not set __proto__$/],
    ['json-data', 'a: &a [*a]', /^json-data: refers to itself$/],
    [
      'json-data',
      `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
      /^json-data: is nested deeper than 100 levels$/,
    ],
    ['json-data', `"${'x'.repeat(70_000)}"`, /^json-data: is longer than 65536 characters$/],
    ['traces-to-logs', 'tags: [{value: x}]', /^traces-to-logs\.tags\[0\]\.key: /],
    ['traces-to-logs', 'tag: []', /^traces-to-logs\.tag: /],
    [
      'traces-to-logs',
      'spanEndTimeShift: 5 minutes',
      /^traces-to-logs\.spanEndTimeShift: expected a duration/,
    ],
    ['traces-to-metrics', 'queries: []', /^traces-to-metrics\.queries: /],
    ['traces-to-metrics', 'queries: [{query: 5}]', /^traces-to-metrics\.queries\[0\]\.query: /],
  ];
  for (const [option, text, problem] of bad) {
    test(`${option}: ${JSON.stringify(text.slice(0, 30))} is a problem with its path, and counts as not set`, async () => {
      const { preferences, problems } = await readPreferences({ [option]: text });
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', problem);
      assert.doesNotMatch(problems[0] ?? '', /\n/);
      assert.deepEqual(preferences, defaultPreferences);
    });
  }
});
