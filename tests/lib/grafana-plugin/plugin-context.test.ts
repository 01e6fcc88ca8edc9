import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { create } from '@bufbuild/protobuf';
import * as z from 'zod';
import { parseSettings, pluginContextFrom } from '../../../lib/grafana-plugin/plugin-context.ts';
import * as pb from '../../../lib/grafana-plugin/proto/backend_pb.ts';

function contextWith(jsonData: string) {
  return pluginContextFrom(
    create(pb.PluginContextSchema, {
      orgId: 3n,
      pluginId: 'acme-things-datasource',
      pluginVersion: '1.2.3',
      user: { login: 'ann', name: 'Ann', email: 'ann@example.com', role: 'Editor' },
      dataSourceInstanceSettings: {
        uid: 'things-1',
        name: 'Things',
        url: 'http://things',
        jsonData: new TextEncoder().encode(jsonData),
        decryptedSecureJsonData: { apiKey: 'hunter2' },
        lastUpdatedMS: 1_700_000_000_000n,
      },
      grafanaConfig: { GF_APP_URL: 'http://grafana/', GF_CONCURRENT_QUERY_COUNT: '7' },
      userAgent: 'Grafana/12.4.0 (linux; amd64)',
    }),
  );
}

suite('the context of a call', () => {
  test('says who asks, and about which datasource', () => {
    const { orgId, user, datasource, grafana } = contextWith('{"a":1}');
    assert.equal(orgId, 3);
    assert.equal(user?.login, 'ann');
    assert.equal(datasource?.uid, 'things-1');
    assert.equal(datasource?.type, 'acme-things-datasource');
    assert.deepEqual(datasource?.jsonData, { a: 1 });
    assert.equal(datasource?.updated.toISOString(), '2023-11-14T22:13:20.000Z');
    assert.equal(grafana.appUrl, 'http://grafana/');
    assert.equal(grafana.concurrentQueryCount, 7);
  });

  test('of a call without one, nothing is known, and nothing throws', () => {
    const context = pluginContextFrom(undefined);
    assert.equal(context.datasource, undefined);
    assert.equal(context.user, undefined);
    assert.equal(context.grafana.featureToggles.size, 0);
  });

  test('secrets are there for who asks for them, and in nothing that is printed', async () => {
    const settings = await parseSettings(
      contextWith('{"a":1}').datasource ?? assert.fail(),
      z.object({ a: z.number() }),
    );
    assert.equal(settings.secureJsonData.apiKey, 'hunter2');
    assert.ok(!JSON.stringify(settings).includes('hunter2'));
    assert.ok(!inspect(settings, { depth: 9, getters: true }).includes('hunter2'));
    assert.ok(!inspect(contextWith('{}'), { depth: 9, getters: true }).includes('hunter2'));
  });

  test('settings that were never saved are an empty object', () => {
    assert.deepEqual(contextWith('').datasource?.jsonData, {});
  });

  test('settings that are no JSON are an error only for who reads them', () => {
    const { datasource } = contextWith('{');
    assert.equal(datasource?.name, 'Things');
    assert.throws(() => datasource?.jsonData, { name: 'DatasourceError', status: 400 });
  });

  test('a schema types the settings, and says what it does not like', async () => {
    const schema = z.object({ limit: z.number().default(10) });
    const read = (jsonData: string) =>
      parseSettings(contextWith(jsonData).datasource ?? assert.fail(), schema);
    assert.equal((await read('{}')).jsonData.limit, 10);
    await assert.rejects(read('{"limit":"x"}'), {
      name: 'DatasourceError',
      status: 400,
      source: 'downstream',
      message: 'its settings are wrong: limit: Invalid input: expected number, received string',
    });
  });
});
