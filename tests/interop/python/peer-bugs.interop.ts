import assert from 'node:assert/strict';
import { modelUuid, World } from './world.ts';

/**
 * Known bugs and limits of the Python charms, by their number in our list, and what crosslink does in their place.
 * Not here: 14, whose cases are in interface-cases.interop.ts.
 */

const names = (app: string) => `juju_cos_${modelUuid}_${app}`;

suite('in place of what the Python charms get wrong', () => {
  test('1, 13: a peer that keeps its UID to itself is named as the reason; ours shares its own', async () => {
    await using world = await World.open({ ours: 'functions' });
    await world.pyGrafana('v1');
    await world.crosslink('tempo', 'tempo');
    await world.pyDatasource('mimir', 'prometheus', { generation: 'v1-app' });
    for (const app of ['tempo', 'mimir']) world.relate([`${app}:grafana-source`, 'grafana:grafana-source']);
    world.relate(['tempo:receive-datasource', 'mimir:send-datasource']);
    await world.settle();
    assert.deepEqual(world.published('mimir', 'tempo'), [], 'the bug is still there');
    const grafana_uid = names('grafana_0');
    assert.deepEqual(world.published('tempo', 'mimir'), [
      { type: 'tempo', uid: names('tempo'), grafana_uid },
    ]);
    const { results } = await world.model.runAction('tempo/leader', 'explain', { format: 'json' });
    const links = JSON.parse(String(results.links)) as { kind: string; reasons: { code: string }[] }[];
    const codes = links.find(({ kind }) => kind === 'service-map')?.reasons.map(({ code }) => code);
    assert.ok(codes?.includes('peer-not-registered'), String(codes));
  });

  test('2: UIDs are known by their values, whatever the units are called on the other side', async () => {
    await using world = await World.open({ ours: 'functions' });
    const remote = `remote-${'0123456789abcdef'.repeat(2)}`;
    const uids = JSON.stringify({ [`${remote}/0`]: 'u0' });
    await world.scripted('far', { app: { grafana_uid: 'g', datasource_uids: uids } });
    await world.scripted('near', {
      app: { grafana_uid: 'h', datasource_uids: '{}', app_datasource_uid: 'a' },
    });
    await world.crosslink('tempo', 'tempo');
    await world.pyDatasource('mimir', 'prometheus');
    world.relate(['tempo:grafana-source', 'far:datasources'], ['tempo:grafana-source', 'near:datasources']);
    world.relate(['tempo:receive-datasource', 'mimir:send-datasource']);
    await world.settle();
    assert.deepEqual(world.published('tempo', 'mimir'), [
      { type: 'tempo', uid: 'a', grafana_uid: 'h' },
      { type: 'tempo', uid: 'u0', grafana_uid: 'g' },
    ]);
  });

  test('3, 5: each Grafana is told only of links that exist in it; equal UIDs are in a fixed order', async () => {
    await using world = await World.open({ ours: 'functions' });
    await world.pyGrafana('v0', { app: 'graf-b' });
    await world.pyGrafana('v0', { app: 'graf-a' });
    await world.crosslink('tempo', 'tempo');
    await world.pyDatasource('old-tempo', 'tempo');
    await world.pyDatasource('mimir', 'prometheus');
    world.relate(['mimir:grafana-source', 'graf-b:grafana-source']);
    for (const tempo of ['tempo', 'old-tempo']) {
      for (const grafana of ['graf-b', 'graf-a']) {
        world.relate([`${tempo}:grafana-source`, `${grafana}:grafana-source`]);
      }
      world.relate([`${tempo}:receive-datasource`, 'mimir:send-datasource']);
    }
    await world.settle();
    assert.ok(world.extraFields('tempo', 'graf-b')?.serviceMap);
    assert.equal(world.extraFields('tempo', 'graf-a'), null);
    assert.ok(world.extraFields('old-tempo', 'graf-a')?.serviceMap, 'the bug is still there');
    assert.deepEqual(
      world.published('tempo', 'mimir').map(({ uid, grafana_uid }) => [uid, grafana_uid]),
      [
        [names('tempo_0'), names('graf-a_0')],
        [names('tempo_0'), names('graf-b_0')],
      ],
    );
  });

  test('4, 7: answers are in the order of units, say nothing twice, and forget a unit as it leaves', async () => {
    await using world = await World.open({ ours: 'functions' });
    await world.gateway();
    await world.pyDatasource('mimir', 'prometheus', { url: 'http://mimir-{unit}:80', units: 3 });
    world.relate(['mimir:grafana-source', 'grafana:datasources']);
    await world.settle();
    const answered = () => Object.keys(JSON.parse(world.said('grafana', 'mimir').app.datasource_uids ?? ''));
    assert.deepEqual(answered(), ['mimir/0', 'mimir/1', 'mimir/2']);
    world.activities.length = 0;
    world.model.fireUpdateStatus();
    await world.settle();
    assert.deepEqual(world.changes(), []);
    world.model.removeUnit('mimir/1');
    await world.settle();
    assert.deepEqual(answered(), ['mimir/0', 'mimir/2']);
    assert.equal(world.held('ours').length, 2);
  });

  test('6: our grafana_uid stays when the leader goes; a Grafana of theirs that changes its own is followed', async () => {
    await using world = await World.open({ ours: 'functions' });
    await world.gateway('ours');
    await world.pyGrafana('v0', { app: 'theirs', units: 2 });
    await world.crosslink('tempo', 'tempo');
    await world.pyDatasource('mimir', 'prometheus');
    for (const app of ['tempo', 'mimir']) {
      world.relate([`${app}:grafana-source`, 'ours:datasources']);
      world.relate([`${app}:grafana-source`, 'theirs:grafana-source']);
    }
    world.relate(['tempo:receive-datasource', 'mimir:send-datasource']);
    world.model.addUnit('ours');
    await world.settle();
    const ours = world.said('ours', 'tempo').app;
    world.model.setLeader('ours/1');
    world.model.setLeader('theirs/1');
    world.model.addUnit('mimir');
    await world.settle();
    assert.equal(world.said('ours', 'tempo').app.grafana_uid, ours.grafana_uid);
    assert.equal(world.said('theirs', 'tempo').app.grafana_uid, names('theirs_1'));
    const known = world.published('tempo', 'mimir').map(({ grafana_uid }) => grafana_uid);
    assert.deepEqual(known.toSorted(), [ours.grafana_uid, names('theirs_1')].toSorted());
    for (const grafana of ['ours', 'theirs'])
      assert.ok(world.extraFields('tempo', grafana)?.serviceMap, grafana);
  });

  /** An application of the first generation that registers with one URL, by its leader alone. */
  async function behindIngress(world: World): Promise<ReturnType<World['held']>> {
    await world.gateway();
    await world.pyDatasource('mimir', 'prometheus', {
      url: 'http://ingress/cos-mimir',
      units: 3,
      config: { 'ingress-per-app': true },
    });
    world.relate(['mimir:grafana-source', 'grafana:datasources']);
    await world.settle();
    return world.held('ours');
  }

  test('8: a follower without a host leaves an application behind one ingress: nothing changes', async () => {
    await using world = await World.open({ ours: 'functions' });
    const before = await behindIngress(world);
    assert.equal(before.length, 1);
    world.model.removeUnit('mimir/2');
    await world.settle();
    assert.deepEqual(world.held('ours'), before);
  });

  // The first generation knows units only, and another unit is another datasource: its UID follows. The old one is
  // gone, where the Python Grafana keeps both. The application's own form is what keeps the UID.
  test('10: the leader changes behind one ingress: one datasource before, one after', async () => {
    await using world = await World.open({ ours: 'functions' });
    const before = await behindIngress(world);
    world.model.setLeader('mimir/1');
    await world.settle();
    const after = world.held('ours');
    assert.deepEqual([before.length, ...after.map(({ url }) => url)], [1, 'http://ingress/cos-mimir']);
  });

  for (const generation of ['v0', 'v1-app'] as const) {
    test(`9, 11: a ${generation} relation that is removed leaves nothing behind, and comes back as it was`, async () => {
      await using world = await World.open({ ours: 'functions' });
      await world.gateway();
      await world.pyDatasource('mimir', 'prometheus', { generation });
      world.relate(['mimir:grafana-source', 'grafana:datasources']);
      await world.settle();
      const before = world.held('ours');
      assert.equal(before.length, 1);
      const [{ uid = '' } = {}] = before;
      world.model.removeRelation('mimir:grafana-source', 'grafana:datasources');
      await world.settle();
      assert.deepEqual(world.held('ours'), []);
      assert.ok(!JSON.stringify(world.model.snapshot()).includes(uid), 'no list of what was deleted');
      world.relate(['mimir:grafana-source', 'grafana:datasources']);
      await world.settle();
      assert.deepEqual(world.held('ours'), before);
    });
  }

  test('12, 15, 16: a new URL is one change, the datasource can be edited, and a secret goes nowhere but to Grafana', async () => {
    await using world = await World.open({ ours: 'functions' });
    await world.gateway();
    const config = { tenant: 's3cr3t-tenant' };
    await world.pyDatasource('mimir', 'prometheus', { generation: 'v1-app', url: 'http://a:80', config });
    world.relate(['mimir:grafana-source', 'grafana:datasources']);
    await world.settle();
    const [before] = world.held('ours');
    world.grafana.clearRequests();
    world.model.setConfig('mimir', { 'datasource-url': 'http://b:80' });
    await world.settle();
    assert.deepEqual(world.held('ours'), [{ ...before, url: 'http://b:80' }]);
    assert.deepEqual(
      world.grafana.writes.map(({ method }) => method),
      ['PUT'],
    );
    assert.deepEqual(
      world.grafana.datasources().map(({ readOnly }) => readOnly),
      [false],
    );
    assert.deepEqual(world.grafana.secureJsonData(before?.uid ?? ''), { httpHeaderValue1: 's3cr3t-tenant' });
    const { applications, relations } = world.model.snapshot();
    const ours = [
      applications.grafana,
      relations.flatMap(({ ends }) => ends.filter(({ app }) => app === 'grafana')),
    ];
    const heard = world.activities.filter(
      (activity) => activity.kind === 'log' || activity.kind === 'unit-status',
    );
    assert.ok(!JSON.stringify([ours, heard, world.held('ours')]).includes('s3cr3t-tenant'));
  });
});
