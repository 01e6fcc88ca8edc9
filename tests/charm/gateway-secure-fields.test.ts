import assert from 'node:assert/strict';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { settledIn, uidIn } from './gateway-grafana.ts';
import {
  changedNothing,
  gatewayWorld,
  relationIn,
  runCharm,
  said,
  source,
  sourceData,
  withRelation,
} from './worlds.ts';

suite('charm: gateway', () => {
  let grafana: EmbeddedGrafana;
  setup(async () => {
    grafana = await EmbeddedGrafana.start();
  });
  teardown(() => grafana.stop());

  const uidOf = (url: string) => uidIn(grafana, url);
  const settled = (relations: Parameters<typeof settledIn>[1], given?: Parameters<typeof settledIn>[2]) =>
    settledIn(grafana, relations, given);

  suite('secrets of a source', () => {
    const withSecrets = (secure_extra_fields: unknown) =>
      source('tempo', { app: 'http://tempo', data: { secure_extra_fields } });
    const stored = () => grafana.secureJsonData(uidOf('http://tempo') ?? '');

    test('reach Grafana, and show nowhere else', async () => {
      const out = await runCharm(
        'config-changed',
        gatewayWorld(grafana, [withSecrets({ key: 'v4lue-one' })]),
      );
      assert.deepEqual(stored(), { key: 'v4lue-one' });
      assert.ok(!said(out).includes('v4lue-one'));
    });

    test('are written again only when they changed', async () => {
      // Given a datasource with two secrets
      const given = await settled([withSecrets({ one: 'aaaa', two: 'bbbb' })]);
      // When nothing changed, then nothing is written
      grafana.clearRequests();
      const again = await runCharm('update-status', given);
      assert.deepEqual(grafana.writes, []);
      assert.ok(changedNothing(again));
      // When one is changed and one is gone, then Grafana has that
      const changed = withRelation(given, relationIn(given, 'datasources'), {
        remoteAppData: {
          ...relationIn(given, 'datasources').remoteAppData,
          grafana_source_data: sourceData('tempo', { secure_extra_fields: { one: 'cccc' } }),
        },
      });
      const out = await runCharm('datasources-relation-changed', changed);
      assert.deepEqual(stored(), { one: 'cccc' });
      assert.equal(grafana.writes.length, 1);
      // And once more nothing is written
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
      assert.deepEqual(grafana.writes, []);
    });

    test('are written when nothing but a value changed', async () => {
      const given = await settled([withSecrets({ key: 'v4lue-one' })]);
      const changed = withRelation(given, relationIn(given, 'datasources'), {
        remoteAppData: {
          ...relationIn(given, 'datasources').remoteAppData,
          grafana_source_data: sourceData('tempo', { secure_extra_fields: { key: 'v4lue-two' } }),
        },
      });
      await runCharm('datasources-relation-changed', changed);
      assert.deepEqual(stored(), { key: 'v4lue-two' });
    });

    test('are written once more when the credentials change, since they can not be compared then', async () => {
      const given = await settled([withSecrets({ key: 'v4lue-one' })]);
      const content = { token: grafana.addToken({ role: 'Admin' }) };
      const secrets = given.secrets.map((one) => ({ ...one, revisions: [{ revision: 2, content }] }));
      const out = await runCharm('config-changed', { ...given, secrets });
      assert.deepEqual(stored(), { key: 'v4lue-one' });
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
      assert.deepEqual(grafana.writes, []);
    });

    test('are not written again by the next leader', async () => {
      const given = await settled([withSecrets({ key: 'v4lue-one' })]);
      grafana.clearRequests();
      await runCharm('leader-elected', { ...given, unit: 'app/1' });
      assert.deepEqual(grafana.writes, []);
    });

    test('are taken out of Grafana when the source has none any more', async () => {
      const given = await settled([withSecrets({ key: 'v4lue-one' })]);
      const changed = withRelation(given, relationIn(given, 'datasources'), {
        remoteAppData: {
          ...relationIn(given, 'datasources').remoteAppData,
          grafana_source_data: sourceData('tempo'),
        },
      });
      const out = await runCharm('datasources-relation-changed', changed);
      assert.deepEqual(stored(), {});
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
      assert.deepEqual(grafana.writes, []);
    });
  });
});
