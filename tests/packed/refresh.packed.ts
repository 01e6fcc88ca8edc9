import assert from 'node:assert/strict';
import { LocalModel } from '#lib/juju-local';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { type UnpackedCharm, unpackedCharm } from '../../src/cli/unpacked-charm.ts';
import { own, packedCharms } from './packed-charms.ts';

suite('a refresh to the packed charm', function () {
  this.timeout(300_000);
  let charm: UnpackedCharm;
  suiteSetup(async () => {
    charm = await unpackedCharm((await packedCharms()).file(own));
  });
  suiteTeardown(() => charm[Symbol.asyncDispose]());

  test('from the charm in this folder changes nothing: no datasource, no databag', async () => {
    // Given a gateway and a datasource that run from the project's folder
    const grafana = await EmbeddedGrafana.start();
    const upgraded: string[] = [];
    const model = await LocalModel.open({
      name: 'refreshed',
      onActivity: (activity) => {
        if (activity.kind === 'hook-ended' && activity.hook === 'upgrade-charm') upgraded.push(activity.unit);
      },
    });
    try {
      const uri = model.addSecret({ name: 'token', content: { token: grafana.token } });
      await model.deploy({
        app: 'grafana',
        charm: projectFolder,
        config: { 'grafana-url': grafana.url, 'grafana-token': uri },
      });
      model.grantSecret('token', 'grafana');
      const config = { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo-{unit}.example:3200' };
      await model.deploy({ app: 'tempo', charm: projectFolder, units: 2, config });
      model.relate('tempo:grafana-source', 'grafana:datasources');
      assert.ok((await model.settle()).settled);
      const told = () => model.snapshot().relations.map(({ ends }) => ends);
      const before = { datasources: grafana.datasources(), databags: told() };
      assert.equal(before.datasources.length, 2);
      grafana.clearRequests();
      // When both are refreshed to what was packed
      for (const app of ['grafana', 'tempo']) await model.refresh(app, { charm: charm.folder });
      const { settled, failedHooks } = await model.settle();
      // Then upgrade-charm ran everywhere, and nothing is other than it was
      assert.deepEqual([settled, failedHooks], [true, []]);
      assert.deepEqual(upgraded.toSorted(), ['grafana/0', 'tempo/0', 'tempo/1']);
      assert.deepEqual({ datasources: grafana.datasources(), databags: told() }, before);
      assert.deepEqual(grafana.writes, []);
      // And its actions are in it
      const { status, results } = await model.runAction('grafana/0', 'reconcile');
      assert.deepEqual([status, results.total], ['completed', '0']);
    } finally {
      await model.close();
      await grafana.stop();
    }
  });
});
