import assert from 'node:assert/strict';
import { againstSchema } from './judge.ts';
import { modelUuid, type Script, World } from './world.ts';

/**
 * The published interface tests of both interfaces, whose runner only loads Python charms: here against our charm's
 * real dispatch, judged by the published schemas. The names are theirs.
 * @see canonical/charm-relation-interfaces: interfaces/grafana_datasource/v0, interfaces/grafana_datasource_exchange/v0
 */

/** Our charm as `app`, related on `endpoint` to a `foo` that says what the script has. */
async function related(world: World, endpoint: string, script: Script, opposite: string): Promise<void> {
  await world.scripted('foo', script);
  world.relate([`app:${endpoint}`, `foo:${opposite}`]);
  await world.settle();
}

suite('interface grafana_datasource, as its provider', () => {
  for (const [what, url] of [
    ['a single datasource', 'http://tempo:3200'],
    ['a datasource for each unit', 'http://tempo-{unit}:3200'],
  ] as const) {
    test(`share_datasource_on_remote_joined: ${what}`, async () => {
      // Given a Grafana that has said nothing
      await using world = await World.open();
      await world.crosslink('app', 'tempo', { url });
      // When it joins
      await related(world, 'grafana-source', {}, 'datasources');
      // Then our bags satisfy the schema
      const { app, units } = world.said('app', 'foo');
      const bags = { app, unit: units[0] ?? {} };
      const [problems] = await againstSchema([{ interface: 'grafana_datasource', role: 'provider', bags }]);
      assert.deepEqual(problems, []);
    });
  }
});

suite('interface grafana_datasource, as its requirer', () => {
  for (const [name, script] of [
    ['nothing_happens_on_no_remote_data', {}],
    ['nothing_happens_on_invalid_remote_data', { app: { foo: 'bar' }, units: { 0: { baz: 'qux' } } }],
  ] as const) {
    test(name, async () => {
      // Given a datasource that says nothing, or what nobody understands
      await using world = await World.open();
      await world.gateway('app');
      // When it joins, and changes
      await related(world, 'datasources', script, 'grafana-source');
      // Then we say nothing
      assert.deepEqual(world.said('app', 'foo'), { app: {}, units: { 0: {} } });
      assert.deepEqual(world.held('ours'), []);
    });
  }

  test('datasource_uid_shared_if_remote_data_valid', async () => {
    // Given units 0 and 42, hosts without a scheme, an application that calls itself otherwise, no keys to spare
    await using world = await World.open();
    await world.gateway('app');
    const host = { grafana_source_host: 'host:80' };
    const data = { model: 'foo', model_uuid: modelUuid, application: 'myapp', type: 'prometheus' };
    const script = { app: { grafana_source_data: JSON.stringify(data) }, units: { 0: host, 42: host } };
    await world.scripted('foo', script, 43);
    for (let unit = 1; unit < 42; unit += 1) world.model.removeUnit(`foo/${unit}`);
    await world.settle();
    // When they join
    world.relate(['app:datasources', 'foo:grafana-source']);
    await world.settle();
    // Then our bag satisfies the schema, and has a UID for each unit by the name that the remote has here
    const { app, units } = world.said('app', 'foo');
    const bags = { app, unit: units[0] ?? {} };
    const [problems] = await againstSchema([{ interface: 'grafana_datasource', role: 'requirer', bags }]);
    assert.deepEqual(problems, []);
    const uids = JSON.parse(app.datasource_uids ?? '{}') as Record<string, string>;
    assert.deepEqual(Object.keys(uids), ['foo/0', 'foo/42']);
    assert.ok(Object.values(uids).every((uid) => uid !== ''));
    assert.deepEqual(
      world.held('ours').map(({ uid, url }) => [uid, url]),
      Object.values(uids).map((uid) => [uid, 'http://host:80']),
    );
  });
});

for (const [role, endpoint, opposite] of [
  ['provider', 'send-datasource', 'receive-datasource'],
  ['requirer', 'receive-datasource', 'send-datasource'],
] as const) {
  suite(`interface grafana_datasource_exchange, as its ${role}`, () => {
    test('datasource_exchange: without a Grafana, and then with one', async () => {
      // Given a peer that has said nothing
      await using world = await World.open();
      await world.crosslink('app', 'tempo');
      // When it joins
      await related(world, endpoint, {}, opposite);
      // Then our bag satisfies the schema: the key is there, if only with an empty list
      const judge = () =>
        againstSchema([
          {
            interface: 'grafana_datasource_exchange',
            role,
            bags: { app: world.said('app', 'foo').app, unit: {} },
          },
        ]);
      assert.deepEqual(await judge(), [[]]);
      assert.deepEqual(world.published('app', 'foo'), []);
      // When Grafana has answered
      await world.gateway();
      world.relate(['app:grafana-source', 'grafana:datasources']);
      await world.settle();
      // Then it still does, and the list has what Grafana assigned
      assert.deepEqual(await judge(), [[]]);
      const grafana_uid = world.said('grafana', 'app').app.grafana_uid;
      assert.deepEqual(
        world.published('app', 'foo'),
        world.assigned('app').map((uid) => ({ type: 'tempo', uid, grafana_uid })),
      );
      assert.equal(world.published('app', 'foo').length, 1);
    });
  });
}
