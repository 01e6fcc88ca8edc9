import assert from 'node:assert/strict';
import { type Bundle, overlaid, readBundle } from '../../deploy/bundle.ts';
import { type GrafanaGeneration, type SourceGeneration, World } from './world.ts';

/** COS Lite on its own libraries, with an overlay of ours on it. */
async function deployed(
  overlay: string,
  {
    grafana,
    prometheus,
    loki,
  }: Record<'prometheus' | 'loki', SourceGeneration> & { grafana: GrafanaGeneration },
): Promise<World> {
  const own = await readBundle(`deploy/cos-lite/${overlay}`);
  const bundle: Bundle = overlaid(await readBundle('tests/deploy/cos-lite.yaml'), own);
  const world = await World.open({ ours: 'functions' });
  await world.pyGrafana(grafana);
  await world.pyDatasource('prometheus', 'prometheus', { generation: prometheus });
  await world.pyDatasource('loki', 'loki', { generation: loki });
  for (const [app, { options }] of Object.entries(own.applications)) {
    const { 'datasource-type': type, 'datasource-url': url } = options;
    if (type === undefined) await world.gateway(app);
    else await world.crosslink(app, String(type), { url: String(url) });
  }
  // Alertmanager is left out: it takes part in no link, and each Python charm costs many seconds.
  world.relate(...bundle.relations.filter((pair) => !pair.some((end) => end.startsWith('alertmanager:'))));
  await world.settle();
  return world;
}

suite('deploy/cos-lite/, ours with theirs', () => {
  test('tempo-overlay.yaml where each unit registers: the Tempo links to the logs and metrics', async () => {
    await using world = await deployed('tempo-overlay.yaml', {
      grafana: 'v0',
      prometheus: 'v1-unit',
      loki: 'v0',
    });
    const [metrics] = world.assigned('prometheus');
    const [logs] = world.assigned('loki');
    const links = world.extraFields('tempo');
    assert.ok(metrics && logs);
    assert.equal(links?.serviceMap?.datasourceUid, metrics);
    assert.equal(links?.tracesToMetrics?.datasourceUid, metrics);
    assert.equal(links?.tracesToLogsV2?.datasourceUid, logs);
  });

  test('tempo-overlay.yaml where Loki registers as an application: Loki publishes nothing, and explain says so', async () => {
    await using world = await deployed('tempo-overlay.yaml', {
      grafana: 'v1',
      prometheus: 'v1-unit',
      loki: 'v1-app',
    });
    const links = world.extraFields('tempo');
    assert.equal(links?.serviceMap?.datasourceUid, world.assigned('prometheus')[0]);
    assert.equal(links?.tracesToLogsV2, undefined);
    const { results } = await world.model.runAction('tempo/leader', 'explain');
    assert.match(JSON.stringify(results), /peer-not-registered/);
  });

  test('grafana-overlay.yaml registers the datasources of COS Lite in both Grafanas', async () => {
    await using world = await deployed('grafana-overlay.yaml', {
      grafana: 'v0',
      prometheus: 'v1-unit',
      loki: 'v0',
    });
    const types = (held: ReturnType<World['held']>) => held.map(({ type }) => type).toSorted();
    assert.deepEqual(types(world.held('ours')), ['loki', 'prometheus']);
    assert.deepEqual(types(world.held('theirs')), ['loki', 'prometheus']);
  });
});
