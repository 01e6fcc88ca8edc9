import assert from 'node:assert/strict';
import type { UnitState } from '#lib/juju/testing';
import { type DatasourceSeed, EmbeddedGrafana } from '#src/grafana/embedded';
import { settledIn } from './gateway-grafana.ts';
import {
  changedNothing,
  gatewayWorld,
  relationIn,
  runCharm,
  source,
  withoutRelation,
  withRelation,
} from './worlds.ts';

suite('charm: gateway, on datasources whose markers an earlier revision wrote', () => {
  let grafana: EmbeddedGrafana;
  let given: UnitState;
  let seeded: DatasourceSeed;

  // Given a datasource that is as it should be, but for a marker that says no more than which gateway made it
  setup(async () => {
    const before = await EmbeddedGrafana.start();
    const { relations } = await settledIn(before, [source('tempo', { app: 'http://tempo' })]);
    const [made = assert.fail()] = before.datasources();
    await before.stop();
    const { uid, name, type, url, jsonData } = made;
    const { gateway, keys, secureKeys } = (jsonData as { crosslink: Record<string, unknown> }).crosslink;
    seeded = { uid, name, type, url, jsonData: { crosslink: { gateway, keys, secureKeys } } };
    grafana = await EmbeddedGrafana.start();
    grafana.seed(seeded);
    given = gatewayWorld(
      grafana,
      relations.filter(({ endpoint }) => endpoint === 'datasources'),
    );
    given = withRelation(given, relationIn(given, 'datasources'), {
      localAppData: { ...relationIn(given, 'datasources').localAppData, grafana_base_url: grafana.url },
    });
  });
  teardown(() => grafana.stop());

  const uids = () => grafana.datasources().map(({ uid }) => uid);

  test('they are written once, and then nothing is', async () => {
    const out = await runCharm('upgrade-charm', given);
    const [{ uid, name, url, jsonData } = assert.fail()] = grafana.datasources();
    assert.deepEqual([uid, name, url], [seeded.uid, seeded.name, seeded.url]);
    assert.equal((jsonData as { crosslink: { uid?: string } }).crosslink.uid, uid);
    assert.deepEqual(
      out.changes.relationSettings.filter(({ relationId }) => relationId !== 0),
      [],
    );
    grafana.clearRequests();
    assert.ok(changedNothing(await runCharm('update-status', out.state)));
    assert.deepEqual(grafana.writes, []);
  });

  for (const [when, hook] of [
    ['before the upgrade', 'upgrade-charm'],
    ['after it', 'update-status'],
  ] as const) {
    test(`a datasource that an operator copied from ours ${when} is the operator's`, async () => {
      if (hook === 'update-status') given = (await runCharm('upgrade-charm', given)).state;
      const [{ jsonData } = assert.fail()] = grafana.datasources();
      grafana.seed({
        ...seeded,
        name: 'My tuned Tempo',
        uid: 'my-tempo',
        jsonData: jsonData as Record<string, unknown>,
      });
      const copy = grafana.datasources().find(({ uid }) => uid === 'my-tempo');
      // When hooks run, even when ours is not wanted any more
      const out = await runCharm(hook, given);
      await runCharm('update-status', withoutRelation(out.state, 'datasources'));
      // Then the copy alone is there, as it was
      assert.deepEqual(grafana.datasources(), [copy]);
    });
  }

  test('they are ours all the same: what nobody wants any more goes', async () => {
    await runCharm('upgrade-charm', withoutRelation(given, 'datasources'));
    assert.deepEqual(uids(), []);
  });

  test('they are kept while what they may have been made for can not be read', async () => {
    const broken = { remoteAppData: { grafana_source_data: '{' }, localAppData: {} };
    await runCharm('upgrade-charm', withRelation(given, relationIn(given, 'datasources'), broken));
    assert.deepEqual(uids(), [seeded.uid]);
  });
});
