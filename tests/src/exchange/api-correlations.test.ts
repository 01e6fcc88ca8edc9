import assert from 'node:assert/strict';
import {
  apiKinds,
  apiTable,
  correlationTable,
  datasourceTypes,
  decide,
  defaultPreferences,
  pluginId,
  type View,
} from '#src/exchange';
import { correlationsKey, readSource, type SourceCorrelation } from '#src/relations/grafana-datasource';
import { grafana, peer, U, view, written } from './builders.ts';

const here = 'here';
const all = [...new Set(datasourceTypes.map((type) => pluginId(type) ?? type))];

/** The kind between two types, by Grafana plugin id. */
const expected: Record<string, Record<string, string>> = {
  prometheus: { loki: 'metrics-to-logs', 'grafana-pyroscope-datasource': 'metrics-to-profiles' },
  loki: { prometheus: 'logs-to-metrics', 'grafana-pyroscope-datasource': 'logs-to-profiles' },
};

function asked(type: string, exchange: View['exchange']): SourceCorrelation[] {
  const answer = { grafanaUid: here, appDatasourceUid: 'own', takesCorrelations: true } as const;
  const seen = view({
    datasource: { type, url: 'http://own', perUnit: false, preferences: defaultPreferences },
    grafanas: [
      grafana(answer),
      grafana({ ...answer, grafanaUid: 'elsewhere' }, { relationId: 11, remoteApp: 'other' }),
    ],
    exchange,
  });
  return JSON.parse(written(decide(seen), 10)[correlationsKey] ?? '[]');
}

/** The same key as a gateway reads it. */
function readBack(correlations: readonly SourceCorrelation[]) {
  const data = { model: 'm', model_uuid: U, application: 'a', type: 't' };
  return readSource({
    appData: { grafana_source_data: JSON.stringify(data), [correlationsKey]: JSON.stringify(correlations) },
    unitsData: new Map(),
  });
}

suite('the table of what the Correlations API adds', () => {
  for (const from of all) {
    for (const to of all) {
      const kind = expected[from]?.[to];
      test(`${from} to ${to}: ${kind ?? 'none'}`, () => {
        const exchange = [peer('peer', [[to, 'there', here]])];
        assert.deepEqual(
          asked(from, exchange).map(({ kind, target }) => ({ kind, target })),
          kind === undefined ? [] : [{ kind, target: 'there' }],
        );
        assert.deepEqual(asked(from, [peer('peer', [[to, 'there', 'third']])]), []);
        assert.deepEqual(asked(from, [peer('peer', null)]), []);
      });
    }
  }

  test('adds no pair that jsonData can link already', () => {
    for (const [from, correlations] of apiTable) {
      const links = correlationTable.get(from)?.links ?? [];
      for (const { to } of correlations)
        assert.ok(!links.some((link) => link.to.includes(to)), `${from} ${to}`);
    }
  });

  test('has each kind, and each only once for a type', () => {
    const kinds = [...apiTable.values()].flatMap((list) => list.map(({ kind }) => kind));
    assert.deepEqual(kinds.toSorted(), apiKinds.toSorted());
  });

  for (const [from, correlations] of apiTable) {
    for (const { kind, to, field, query, transformations } of correlations) {
      test(`${kind}: each variable of the query has a value in the results of ${from}`, () => {
        const variables = [...JSON.stringify(query).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
        assert.ok(variables.length > 0);
        const labels = {
          juju_application: 'mimir',
          juju_model: 'cos',
          juju_model_uuid: U,
          juju_model_x: 'no',
        };
        const row: Record<string, string> =
          from === 'loki' ? { labels: JSON.stringify(labels) } : { ...labels, Value: '1' };
        assert.ok(Object.hasOwn(row, field), `no field ${field}`);
        const values = new Map(Object.entries(row));
        for (const { type, expression = '', mapValue = '' } of transformations) {
          assert.equal(type, 'regex');
          const [, value] = new RegExp(expression, 'i').exec(row[field] ?? '') ?? [];
          values.set(mapValue, value ?? assert.fail(`${expression} finds nothing`));
        }
        for (const [name, value] of Object.entries(labels).slice(0, 3)) assert.equal(values.get(name), value);
        for (const name of variables) assert.ok(values.has(String(name)), `no value for ${name}`);
      });

      test(`${kind}: a gateway can read it`, () => {
        const correlations = asked(from, [peer('peer', [[to, 'there', here]])]).filter(
          (one) => one.kind === kind,
        );
        const { reading, issues } = readBack(correlations);
        assert.deepEqual(issues, []);
        assert.deepEqual(reading.state === 'valid' && reading.source.correlations, correlations);
      });
    }
  }
});

suite('what a gateway reads of asked correlations', () => {
  const good: SourceCorrelation = {
    kind: 'a',
    target: 'b',
    label: 'c',
    description: '',
    field: 'd',
    query: {},
    transformations: [],
  };
  const bad: [what: string, change: object, path: string][] = [
    ['a kind that could end the marker', { kind: 'a] ' }, '[0].kind'],
    ['a target that is no UID', { target: '../x' }, '[0].target'],
    ['a label of two lines', { label: 'a\nb' }, '[0].label'],
    ['a query that is no object', { query: 'up' }, '[0].query'],
    ['a query that is too long', { query: { expr: 'x'.repeat(5000) } }, '[0].query'],
    [
      'a transformation that Grafana does not know',
      { transformations: [{ type: 'eval' }] },
      '[0].transformations[0].type',
    ],
  ];
  for (const [what, change, path] of bad) {
    test(`${what}: the key can't be read, the rest of the source can`, () => {
      const { reading, issues } = readBack([{ ...good, ...change }]);
      assert.deepEqual(
        issues.map(({ key, path }) => [key, path]),
        [[correlationsKey, path]],
      );
      assert.equal(reading.state === 'valid' && reading.source.correlations, null);
    });
  }

  test('too many of them', () => {
    assert.equal(readBack(Array.from({ length: 65 }, () => good)).issues.length, 1);
  });
});
