import assert from 'node:assert/strict';
import { coslDump } from './judge.ts';
import { World } from './world.ts';

/** Everything that theirs has read, as its library tells. */
async function received(world: World, app: string): Promise<unknown> {
  const { status, results } = await world.model.runAction(`${app}/leader`, 'show-exchange');
  assert.equal(status, 'completed');
  return JSON.parse(String(results.received));
}

suite('grafana_datasource_exchange, ours with theirs', () => {
  for (const [provider, requirer] of [
    ['ours', 'theirs'],
    ['theirs', 'ours'],
  ] as const) {
    test(`${provider} provides, ${requirer} requires: each reads what the other publishes`, async () => {
      // Given a Tempo and a Mimir on one Grafana, one of them on the Python libraries
      await using world = await World.open();
      await world.gateway();
      if (requirer === 'ours') await world.crosslink('tempo', 'tempo', { url: 'http://tempo-{unit}:3200' });
      else await world.pyDatasource('tempo', 'tempo', { url: 'http://tempo-{unit}:3200' });
      if (provider === 'ours') {
        await world.crosslink('mimir', 'prometheus', { url: 'http://mimir-{unit}:8080', units: 2 });
      } else {
        await world.pyDatasource('mimir', 'prometheus', { url: 'http://mimir-{unit}:8080', units: 2 });
      }
      // When they are related
      world.relate(
        ['tempo:grafana-source', 'grafana:datasources'],
        ['mimir:grafana-source', 'grafana:datasources'],
        ['tempo:receive-datasource', 'mimir:send-datasource'],
      );
      await world.settle();

      // Then each publishes all of its own, and the Tempo links to the first Mimir
      const [tempo] = world.assigned('tempo');
      const mimirs = world.assigned('mimir');
      assert.equal(mimirs.length, 2);
      const grafana_uid = world.said('grafana', 'tempo').app.grafana_uid;
      assert.deepEqual(world.published('tempo', 'mimir'), [{ type: 'tempo', uid: tempo, grafana_uid }]);
      assert.deepEqual(
        world.published('mimir', 'tempo'),
        mimirs.map((uid) => ({ type: 'prometheus', uid, grafana_uid })),
      );
      const links = world.extraFields('tempo');
      assert.equal(links?.serviceMap?.datasourceUid, mimirs[0]);
      assert.equal(links?.tracesToMetrics?.datasourceUid, mimirs[0]);
      const [reader, writer] = requirer === 'theirs' ? ['tempo', 'mimir'] : ['mimir', 'tempo'];
      assert.deepEqual(await received(world, reader), world.published(writer, reader));
      // Then both bags are what cosl writes for the same datasources, to the byte
      const bags = [world.said('tempo', 'mimir').app, world.said('mimir', 'tempo').app];
      assert.deepEqual(
        bags,
        await coslDump([world.published('tempo', 'mimir'), world.published('mimir', 'tempo')]),
      );
    });
  }
});
