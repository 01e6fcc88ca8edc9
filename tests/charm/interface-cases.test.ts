import assert from 'node:assert/strict';
import * as z from 'zod';
import type { Databag } from '#lib/juju';
import { relation, type UnitState } from '#lib/juju/testing';
import { grafanaPerTest } from './gateway-grafana.ts';
import { datasourceWorld, gatewayWorld, runCharm, sourceData } from './worlds.ts';

/**
 * The published interface tests of our interfaces, which only load Python charms, and the schemas that they check.
 * A JSON value in a databag is `Json[...]` there: text, read.
 * @see canonical/charm-relation-interfaces: interfaces/grafana_datasource/v0, interfaces/grafana_datasource_exchange/v0
 */
const text = z.string().transform((value, context) => {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    context.addIssue('not JSON');
    return z.NEVER;
  }
});
// Optional without a default: pydantic wants the key, and takes null or JSON in a string.
const optionalJson = z.union([z.null(), text]);
const ProviderSchema = z.object({
  app: z.object({
    grafana_source_data: text.pipe(
      z.object({
        model: z.string(),
        model_uuid: z.string(),
        application: z.string(),
        type: z.string(),
        extra_fields: optionalJson,
        secure_extra_fields: optionalJson,
      }),
    ),
  }),
  unit: z.object({ grafana_source_host: z.string() }),
});
const RequirerSchema = z.object({
  app: z.object({ datasource_uids: text.pipe(z.record(z.string(), z.string())), grafana_uid: z.string() }),
});
const ExchangeSchema = z.object({
  app: z.object({
    datasources: text.pipe(z.array(z.object({ type: z.string(), uid: z.string(), grafana_uid: z.string() }))),
  }),
});

const own = (given: UnitState, endpoint: string): { app: Databag; unit: Databag }[] =>
  given.relations
    .filter((one) => one.endpoint === endpoint)
    .map(({ localAppData, localUnitData }) => ({ app: localAppData, unit: localUnitData }));

suite('interface grafana_datasource, as its provider', () => {
  for (const [what, url] of [
    ['a single datasource', 'http://tempo:3200'],
    ['a datasource for each unit', 'http://tempo-{unit}:3200'],
  ] as const) {
    test(`share_datasource_on_remote_joined: ${what}`, async () => {
      // Given a remote that has said nothing
      const given = datasourceWorld(
        [relation({ endpoint: 'grafana-source', remoteApp: 'foo', remoteUnitsData: { 'foo/0': {} } })],
        { config: { 'datasource-url': url } },
      );
      // When it joins
      const out = await runCharm('grafana-source-relation-joined', given);
      // Then our bags satisfy the schema
      for (const bags of own(out.state, 'grafana-source')) ProviderSchema.parse(bags);
    });
  }
});

suite('interface grafana_datasource, as its requirer', () => {
  const { grafana } = grafanaPerTest();

  test('nothing_happens_on_no_remote_data', async () => {
    // Given a remote that has said nothing
    const given = gatewayWorld(grafana, [
      relation({ endpoint: 'datasources', remoteApp: 'foo', remoteUnitsData: { 'foo/0': {} } }),
    ]);
    // When it joins
    const out = await runCharm('datasources-relation-joined', given);
    // Then we say nothing
    assert.deepEqual(own(out.state, 'datasources'), [{ app: {}, unit: {} }]);
  });

  test('nothing_happens_on_invalid_remote_data', async () => {
    // Given a remote that says what nobody understands
    const given = gatewayWorld(grafana, [
      relation({
        endpoint: 'datasources',
        remoteApp: 'foo',
        remoteAppData: { foo: 'bar' },
        remoteUnitsData: { 'foo/0': { baz: 'qux' } },
      }),
    ]);
    // When it changes
    const out = await runCharm('datasources-relation-changed', given);
    // Then we say nothing
    assert.deepEqual(own(out.state, 'datasources'), [{ app: {}, unit: {} }]);
  });

  test('datasource_uid_shared_if_remote_data_valid', async () => {
    // Given a remote with valid data, no keys but those that must be, and hosts without a scheme
    const {
      extra_fields: _,
      secure_extra_fields: __,
      ...data
    } = JSON.parse(sourceData('myapp', { type: 'prometheus' }));
    const host = { grafana_source_host: 'host:80' };
    const given = gatewayWorld(grafana, [
      relation({
        endpoint: 'datasources',
        remoteApp: 'foo',
        remoteAppData: { grafana_source_data: JSON.stringify(data) },
        remoteUnitsData: { 'foo/0': host, 'foo/42': host },
      }),
    ]);
    // When it changes
    const out = await runCharm('datasources-relation-changed', given);
    // Then our bag satisfies the schema, and has a UID for each unit by the name that the remote has here
    const [bags] = own(out.state, 'datasources');
    const { app } = RequirerSchema.parse(bags);
    assert.deepEqual(Object.keys(app.datasource_uids), ['foo/0', 'foo/42']);
    assert.ok(Object.values(app.datasource_uids).every((uid) => uid !== ''));
    assert.deepEqual(bags?.unit, {});
  });
});

for (const [role, endpoint] of [
  ['provider', 'send-datasource'],
  ['requirer', 'receive-datasource'],
] as const) {
  suite(`interface grafana_datasource_exchange, as its ${role}`, () => {
    for (const [what, relations] of [
      ['without a Grafana', []],
      [
        'with a Grafana that has answered',
        [
          relation({
            endpoint: 'grafana-source',
            remoteApp: 'grafana',
            remoteAppData: { grafana_uid: 'g1', datasource_uids: '{"app/0": "u0"}' },
          }),
        ],
      ],
    ] as const) {
      test(`datasource_exchange, ${what}`, async () => {
        // Given a remote that has said nothing
        const remote = relation({ endpoint, remoteApp: 'bar', remoteUnitsData: { 'bar/0': {} } });
        // When it changes
        const out = await runCharm(`${endpoint}-relation-changed`, datasourceWorld([remote, ...relations]));
        // Then our bag satisfies the schema: the key is there, if only with an empty list
        for (const bags of own(out.state, endpoint)) {
          const { app } = ExchangeSchema.parse(bags);
          assert.equal(app.datasources.length, relations.length);
        }
      });
    }
  });
}
