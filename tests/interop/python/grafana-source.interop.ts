import assert from 'node:assert/strict';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import { pythonDumps, pythonSourceData } from './judge.ts';
import { type Held, modelUuid, type Whose, World } from './world.ts';

const seats = ['ours', 'theirs'] as const;
const urls = { tempo: 'http://tempo-{unit}:3200', mimir: 'http://mimir-{unit}:8080/prometheus' };

/** A Tempo with links to a Mimir and a Loki of theirs, all on the same Grafana. */
async function correlated(world: World, { tempo, grafana }: { tempo: Whose; grafana: Whose }): Promise<void> {
  if (grafana === 'ours') await world.gateway();
  else await world.pyGrafana('v0');
  if (tempo === 'ours') await world.crosslink('tempo', 'tempo', { url: urls.tempo, units: 2 });
  else await world.pyDatasource('tempo', 'tempo', { url: urls.tempo, units: 2 });
  await world.pyDatasource('mimir', 'prometheus', { url: urls.mimir, config: { tenant: 'anonymous' } });
  await world.pyDatasource('loki', 'loki');
  const endpoint = grafana === 'ours' ? 'grafana:datasources' : 'grafana:grafana-source';
  for (const app of ['tempo', 'mimir', 'loki']) world.relate([`${app}:grafana-source`, endpoint]);
  world.relate(['tempo:receive-datasource', 'mimir:send-datasource']);
  world.relate(['tempo:receive-datasource', 'loki:send-datasource']);
  await world.settle();
}

/** The `jsonData` of the first Tempo, without what a Grafana of theirs adds to all. */
function tempoFields(held: readonly Held[]): Readonly<Record<string, unknown>> {
  const { timeout: _, ...fields } = held.find(({ type }) => type === 'tempo')?.jsonData ?? {};
  return fields;
}

suite('grafana_datasource, ours with theirs', () => {
  for (const grafana of seats) {
    for (const tempo of seats.filter((whose) => grafana === 'theirs' || whose === 'theirs')) {
      test(`Tempo is ${tempo}, Grafana is ${grafana}: registered, answered, correlated, as Python writes it`, async () => {
        await using world = await World.open();
        await correlated(world, { tempo, grafana });
        // Each unit is a datasource, at its own address
        const held = world.held(grafana);
        assert.deepEqual(held.map(({ url }) => url).toSorted(), [
          'http://loki:3200',
          'http://mimir-0:8080/prometheus',
          'http://tempo-0:3200',
          'http://tempo-1:3200',
        ]);
        for (const app of ['tempo', 'mimir', 'loki']) {
          const uids = world.assigned(app);
          assert.ok(uids.every((uid) => held.some((one) => one.uid === uid)));
        }
        // The offer is what the library makes of the same arguments, and the answer what it would have answered
        const extra_fields = world.extraFields('tempo');
        const offer = {
          model: 'cos',
          model_uuid: modelUuid,
          application: 'tempo',
          type: 'tempo',
          extra_fields,
        };
        const { app, units } = world.said('tempo', 'grafana');
        assert.deepEqual(app, { grafana_source_data: await pythonSourceData(offer) });
        assert.deepEqual(units, {
          0: { grafana_source_host: 'http://tempo-0:3200' },
          1: { grafana_source_host: 'http://tempo-1:3200' },
        });
        const answer = world.said('grafana', 'tempo');
        assert.deepEqual(answer.units, { 0: {} });
        assert.deepEqual(Object.keys(answer.app).toSorted(), [
          'datasource_uids',
          'grafana_base_url',
          'grafana_uid',
        ]);
        assert.deepEqual([answer.app.datasource_uids], await pythonDumps([answer.app.datasource_uids ?? '']));
        // The links are in Grafana, with the dollars that its pages want
        const [mimir] = world.assigned('mimir');
        const [loki] = world.assigned('loki');
        const fields = tempoFields(held) as Record<string, { datasourceUid?: string; query?: string }>;
        assert.equal(fields.serviceMap?.datasourceUid, mimir);
        assert.equal(fields.tracesToMetrics?.datasourceUid, mimir);
        assert.equal(fields.tracesToLogsV2?.datasourceUid, loki);
        assert.equal(fields.tracesToLogsV2?.query, '{ $__tags } |= "${__span.traceId}"');
      });
    }
  }

  test('a Loki of theirs links to a Tempo of ours, and its secret gets into Grafana', async () => {
    await using world = await World.open();
    await world.gateway();
    await world.crosslink('tempo', 'tempo');
    await world.pyDatasource('loki', 'loki', { config: { tenant: 'anonymous' } });
    world.relate(
      ['tempo:grafana-source', 'grafana:datasources'],
      ['loki:grafana-source', 'grafana:datasources'],
    );
    world.relate(['tempo:receive-datasource', 'loki:send-datasource']);
    await world.settle();
    const [tempo] = world.assigned('tempo');
    const [loki = ''] = world.assigned('loki');
    const held = world.held('ours').find(({ uid }) => uid === loki);
    assert.deepEqual(held?.jsonData, {
      httpHeaderName1: 'X-Scope-OrgID',
      derivedFields: [
        {
          datasourceUid: tempo,
          matcherRegex: '(?:traceID|trace_id|tid)=(\\w+)',
          name: 'traceID',
          url: '${__value.raw}',
          urlDisplayLabel: 'View trace',
        },
      ],
    });
    assert.deepEqual(world.grafana.secureJsonData(loki), { httpHeaderValue1: 'anonymous' });
  });

  for (const generation of ['v0', 'v1'] as const) {
    test(`a charm of theirs is refreshed to ours and back, on a Grafana ${generation}: the node graph comes and goes, and no other byte`, async () => {
      // Given a Tempo of theirs with links
      await using world = await World.open();
      await world.pyGrafana(generation);
      const source = { generation: generation === 'v0' ? ('v0' as const) : ('v1-app' as const) };
      const url = generation === 'v0' ? urls.tempo : 'http://tempo.cos.svc:3200';
      await world.pyDatasource('tempo', 'tempo', { ...source, url, units: 2 });
      // One that speaks unit mode is understood by its like in both generations
      await world.pyDatasource('mimir', 'prometheus', { generation: generation === 'v0' ? 'v0' : 'v1-unit' });
      for (const app of ['tempo', 'mimir']) world.relate([`${app}:grafana-source`, 'grafana:grafana-source']);
      world.relate(['tempo:receive-datasource', 'mimir:send-datasource']);
      await world.settle();
      const bags = () => {
        const { relations } = world.model.snapshot();
        return relations.flatMap(({ ends }) => (ends.length === 2 ? ends : []));
      };
      // Of Grafana's bags what matters is who has which UID: theirs leaves their order to chance when it writes anew.
      const told = () => ({
        others: bags().filter(({ app }) => app !== 'grafana'),
        uids: ['tempo', 'mimir'].map((app) => world.assigned(app)),
      });
      const before = told();
      const links = world.extraFields('tempo');
      assert.ok(links?.serviceMap);
      world.activities.length = 0;
      // When its charm is ours
      await world.model.refresh('tempo', { charm: projectFolder });
      await world.settle();
      // Then nothing is said anew but what only ours says: the node graph; with v1, the UID that theirs kept to itself
      const said = world.changes().filter((change) => !/^(tempo: leader$|grafana: )/.test(change));
      const more = generation === 'v0' ? [] : ['tempo: datasources'];
      assert.deepEqual(said.toSorted(), [...more, 'tempo: grafana_source_data']);
      const withGraph = { ...links, nodeGraph: { enabled: true } };
      assert.equal(JSON.stringify(world.extraFields('tempo')), JSON.stringify(withGraph));
      // And without that, it is theirs to the byte
      world.model.setConfig('tempo', { 'json-data': '{nodeGraph: null}' });
      await world.settle();
      assert.equal(JSON.stringify(world.extraFields('tempo')), JSON.stringify(links));
      assert.deepEqual(told().uids, before.uids);
      if (generation === 'v0') {
        assert.deepEqual(told(), before);
        world.activities.length = 0;
        await world.model.refresh('tempo', {
          charm: join(import.meta.dirname, 'charms/py-datasource'),
        });
        await world.settle();
        assert.deepEqual(world.changes(), []);
        assert.deepEqual(told(), before);
      }
    });
  }
});
