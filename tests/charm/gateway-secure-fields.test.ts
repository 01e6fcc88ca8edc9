import assert from 'node:assert/strict';
import type { UnitState } from '#lib/juju/testing';
import { grafanaPerTest } from './gateway-grafana.ts';
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
  const { grafana, uidOf, settled } = grafanaPerTest();

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

    const sending = (given: UnitState, secure_extra_fields: unknown) =>
      withRelation(given, relationIn(given, 'datasources', 'tempo'), {
        remoteAppData: {
          ...relationIn(given, 'datasources', 'tempo').remoteAppData,
          grafana_source_data: sourceData('tempo', { secure_extra_fields }),
        },
      });

    test('that are rolled back reach Grafana, also when another datasource failed in between', async () => {
      // Given a secret that was changed in a hook in which Grafana did not take another datasource
      const given = await settled([
        withSecrets({ key: 'v4lue-one' }),
        source('loki', { app: 'http://loki' }),
      ]);
      const moved = { remoteAppData: source('loki', { app: 'http://moved' }).remoteAppData ?? {} };
      const loki = uidOf('http://loki');
      grafana.misbehave({ match: { method: 'PUT', path: `/api/datasources/uid/${loki}` }, status: 400 });
      const both = withRelation(given, relationIn(given, 'datasources', 'loki'), moved);
      const out = await runCharm('update-status', sending(both, { key: 'v4lue-two' }));
      assert.deepEqual(stored(), { key: 'v4lue-two' });
      // When it is rolled back
      const back = await runCharm('update-status', sending(out.state, { key: 'v4lue-one' }));
      // Then Grafana has it at once, and once all is well nothing more is written
      assert.deepEqual(stored(), { key: 'v4lue-one' });
      grafana.behave();
      const healed = await runCharm('update-status', back.state);
      assert.deepEqual([stored(), healed.state.unitStatus.status], [{ key: 'v4lue-one' }, 'active']);
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', healed.state)));
      assert.deepEqual(grafana.writes, []);
    });

    test('that are rolled back reach Grafana, also when the hook that wrote the others failed', async () => {
      // Given a hook that changed a secret in Grafana, and of which Juju kept nothing
      const given = await settled([withSecrets({ key: 'v4lue-one' })]);
      await runCharm('datasources-relation-changed', sending(given, { key: 'v4lue-two' }));
      assert.deepEqual(stored(), { key: 'v4lue-two' });
      // When it is rolled back before the next one
      await runCharm('update-status', given);
      // Then
      assert.deepEqual(stored(), { key: 'v4lue-one' });
    });

    test('leave nothing in Grafana that two datasources have in common, or that is the same twice', async () => {
      // Given two applications with the same secret, which everybody who may look at Grafana sees the marker of
      const both = [
        withSecrets({ key: 'v4lue-one' }),
        source('loki', { app: 'http://loki', data: { secure_extra_fields: { key: 'v4lue-one' } } }),
      ];
      const markers = () =>
        grafana
          .datasources()
          .map(
            ({ jsonData }) =>
              (jsonData as { crosslink: { secureFingerprint?: string } }).crosslink.secureFingerprint,
          );
      await settled(both);
      const [first, second] = markers();
      assert.match(first ?? '', /^[0-9a-f]{32}$/);
      assert.notEqual(first, second);
      // When a gateway that remembers nothing writes them again
      await settled(both);
      // Then they are others
      assert.equal(markers().filter((one) => one === first || one === second).length, 0);
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
