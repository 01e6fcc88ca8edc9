import assert from 'node:assert/strict';
import { type GrafanaGeneration, modelUuid, type SourceGeneration, type Whose, World } from './world.ts';

/** An application that registers: whose charm, and how. */
interface Registrant {
  readonly what: string;
  readonly whose: Whose;
  readonly generation?: SourceGeneration;
  /** Each unit is a datasource, at a URL of its own. */
  readonly perUnit: boolean;
}

const registrants: readonly Registrant[] = [
  { what: 'theirs v0', whose: 'theirs', generation: 'v0', perUnit: true },
  { what: 'theirs v1 in unit mode', whose: 'theirs', generation: 'v1-unit', perUnit: true },
  { what: 'theirs v1 in app mode', whose: 'theirs', generation: 'v1-app', perUnit: false },
  { what: 'ours, each unit', whose: 'ours', perUnit: true },
  { what: 'ours, a single one', whose: 'ours', perUnit: false },
];

async function deploy(world: World, { whose, generation, perUnit }: Registrant, app: string, type: string) {
  const url = perUnit ? `http://{app}-{unit}:80` : `http://{app}:80`;
  const units = 2;
  if (whose === 'ours') await world.crosslink(app, type, { url, units });
  else await world.pyDatasource(app, type, { url, units, ...(generation && { generation }) });
}

const grafanas = [
  ['ours', undefined],
  ['theirs', 'v0'],
  ['theirs', 'v1'],
] as const;

suite('generation matrix: one datasource for each thing, and a complete exchange', () => {
  for (const [whose, generation] of grafanas) {
    for (const registrant of registrants.filter((one) => whose === 'ours' || one.whose === 'ours')) {
      test(`datasources ${registrant.what}, Grafana ${whose} ${generation ?? ''}`, async () => {
        await using world = await World.open({ ours: 'functions' });
        if (generation === undefined) await world.gateway();
        else await world.pyGrafana(generation);
        await deploy(world, registrant, 'tempo', 'tempo');
        await deploy(world, registrant, 'mimir', 'prometheus');
        const endpoint = whose === 'ours' ? 'grafana:datasources' : 'grafana:grafana-source';
        for (const app of ['tempo', 'mimir']) world.relate([`${app}:grafana-source`, endpoint]);
        world.relate(['tempo:receive-datasource', 'mimir:send-datasource']);
        await world.settle();

        assert.deepEqual(
          world.held(whose).map(({ url }) => url),
          registrant.perUnit
            ? ['http://mimir-0:80', 'http://mimir-1:80', 'http://tempo-0:80', 'http://tempo-1:80']
            : ['http://mimir:80', 'http://tempo:80'],
        );
        for (const [app, peer, type] of [
          ['tempo', 'mimir', 'tempo'],
          ['mimir', 'tempo', 'prometheus'],
        ] as const) {
          const { grafana_uid } = world.said('grafana', app).app;
          const complete = world.assigned(app).map((uid) => ({ type, uid, grafana_uid }));
          assert.equal(complete.length, registrant.perUnit ? 2 : 1);
          // Theirs says a UID once for each unit that it was told it for.
          const published = new Set(world.published(app, peer).map((entry) => JSON.stringify(entry)));
          assert.deepEqual(
            [...published].map((entry) => JSON.parse(entry)),
            complete,
          );
        }
        const links = world.extraFields('tempo');
        assert.equal(links?.serviceMap?.datasourceUid, world.assigned('mimir')[0]);
      });
    }
  }
});

/** What must not change while a peer goes from one generation to the other. */
function identity(world: World, whose: Whose) {
  return { held: world.held(whose), assigned: world.assigned('tempo'), links: world.extraFields('tempo') };
}

suite('rolling upgrade of a Grafana of theirs', () => {
  const data = { model: 'cos', model_uuid: modelUuid, application: 'bystander', type: 'loki' };
  for (const [what, url] of [
    ['each unit', 'http://{app}-{unit}:80'],
    ['a single one', 'http://{app}:80'],
  ] as const) {
    for (const generations of [
      ['v0', 'v1', 'v0'],
      ['v1', 'v0', 'v1'],
    ] as const satisfies GrafanaGeneration[][]) {
      test(`${generations.join(' to ')}, datasources ours, ${what}: nothing comes, goes or is renamed`, async () => {
        await using world = await World.open({ ours: 'functions' });
        await world.pyGrafana(generations[0]);
        await world.crosslink('tempo', 'tempo', { url, units: 2 });
        await world.crosslink('mimir', 'prometheus', { url });
        // Grafana looks at its relations only when one of them changes: a new unit here makes it look
        await world.scripted('bystander', { app: { grafana_source_data: JSON.stringify(data) } });
        for (const app of ['tempo', 'mimir', 'bystander']) {
          world.relate([`${app}:grafana-source`, 'grafana:grafana-source']);
        }
        world.relate(['tempo:receive-datasource', 'mimir:send-datasource']);
        await world.settle();
        const before = identity(world, 'theirs');
        assert.equal(before.held.length, what === 'each unit' ? 3 : 2);
        for (const generation of generations.slice(1)) {
          world.model.setConfig('grafana', { generation });
          world.model.addUnit('bystander');
          await world.settle();
          assert.deepEqual(identity(world, 'theirs'), before, `now with Grafana ${generation}`);
        }
      });
    }
  }
});

suite('rolling upgrade of a datasource of theirs, Grafana ours', () => {
  for (const [what, url, units] of [
    ['one unit', 'http://mimir:80', 1],
    ['two units at one URL', 'http://mimir:80', 2],
    ['two units at URLs of their own', 'http://mimir-{unit}:80', 2],
  ] as const) {
    for (const generations of [
      ['v0', 'v1-app', 'v0'],
      ['v1-app', 'v0', 'v1-app'],
    ] as const satisfies SourceGeneration[][]) {
      test(`${generations.join(' to ')}, ${what}: no datasource is doubled or orphaned, no UID is lost`, async () => {
        await using world = await World.open({ ours: 'functions' });
        await world.gateway();
        const config = (generation: SourceGeneration) => ({
          generation,
          'datasource-url': generation === 'v1-app' ? 'http://mimir:80' : url,
        });
        await world.crosslink('tempo', 'tempo');
        await world.pyDatasource('mimir', 'prometheus', { units, config: config(generations[0]) });
        for (const app of ['tempo', 'mimir']) world.relate([`${app}:grafana-source`, 'grafana:datasources']);
        world.relate(['tempo:receive-datasource', 'mimir:send-datasource']);
        await world.settle();
        const [first] = world.assigned('mimir');
        for (const generation of generations) {
          world.model.setConfig('mimir', config(generation));
          await world.settle();
          const mimirs = world.held('ours').filter(({ type }) => type === 'prometheus');
          const uids = mimirs.map(({ uid }) => uid);
          assert.deepEqual(
            world.assigned('mimir'),
            uids,
            `${generation}: what is there is what was answered`,
          );
          assert.ok(first !== undefined && uids.includes(first), `${generation}: ${first} became ${uids}`);
          assert.equal(
            world.extraFields('tempo')?.serviceMap?.datasourceUid,
            first,
            `${generation}: the link`,
          );
          const urls = mimirs.map((one) => one.url);
          assert.ok(
            urls.length <= units,
            `${generation}: ${units} units, and ${urls.length} datasources: ${urls}`,
          );
        }
      });
    }
  }

  test('v0 to v1 in unit mode and back: no databag and no datasource changes', async () => {
    await using world = await World.open({ ours: 'functions' });
    await world.gateway();
    await world.pyDatasource('mimir', 'prometheus', { url: 'http://mimir-{unit}:80', units: 2 });
    world.relate(['mimir:grafana-source', 'grafana:datasources']);
    await world.settle();
    const before = world.held('ours');
    world.activities.length = 0;
    for (const generation of ['v1-unit', 'v0']) {
      world.model.setConfig('mimir', { generation });
      await world.settle();
    }
    assert.deepEqual(world.changes(), []);
    assert.deepEqual(world.held('ours'), before);
  });
});
