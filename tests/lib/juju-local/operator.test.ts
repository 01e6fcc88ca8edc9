import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanUp, openModel, pair, settled, shellCharm, temporaryFolder } from './helpers.ts';
import { world } from './world.ts';

suite('what operators do', () => {
  teardown(cleanUp);

  test('a charm may be described by its charmcraft.yaml alone', async () => {
    const { model, logs } = await openModel();
    const charm = await temporaryFolder();
    await writeFile(
      join(charm, 'charmcraft.yaml'),
      'name: x\ntype: charm\nrequires:\nprovides: {web: {interface: http}}\nconfig: {options: {p: {type: int, default: 1}}}\nactions: {go: }\n',
    );
    await mkdir(join(charm, 'hooks'));
    // What packing would have made is there for the charm to read.
    const install = '#!/bin/sh\ncat metadata.yaml config.yaml actions.yaml';
    await writeFile(join(charm, 'hooks', 'install'), install, { mode: 0o755 });
    await model.deploy({ app: 'x', charm, config: { p: 2 } });
    assert.deepEqual(model.snapshot().applications.x?.config, { p: 2 });
    assert.ok((await model.settle()).settled);
    const expected = [
      'name: x',
      'requires: null',
      'provides:',
      '  web:',
      '    interface: http',
      'options:',
      '  p:',
      '    type: int',
      '    default: 1',
      'go: null',
    ];
    assert.deepEqual(logs('x/0'), expected);
  });

  test('config reaches charms typed, and going back to the default is a change too', async () => {
    const watched = await world();
    await watched.model.settle();
    watched.model.setConfig('a', { port: 80, debug: true });
    await watched.model.settle();
    assert.equal(watched.logs('a/0').at(-1), '{"debug":true,"name":"x","port":80}');
    watched.hooks('a/0');
    watched.model.setConfig('a', { debug: null });
    await watched.model.settle();
    assert.equal(watched.logs('a/0').at(-1), '{"debug":false,"name":"x","port":80}');
    assert.deepEqual(watched.hooks('a/0'), ['config-changed']);
    watched.model.setConfig('a', { port: 80, name: 'x' });
    await watched.model.settle();
    assert.deepEqual(watched.hooks('a/0'), []);
  });

  test('refresh runs the new charm from upgrade-charm on', async () => {
    const watched = await openModel();
    const one = await shellCharm({ name: 'x', dispatch: 'echo "one $hook"' });
    const two = await shellCharm({
      name: 'x',
      dispatch: 'echo "two $hook"; echo kept >> state; wc -l < state',
    });
    await watched.model.deploy({ app: 'x', charm: one });
    await watched.model.settle();
    await watched.model.refresh('x', { charm: two });
    await watched.model.settle();
    assert.deepEqual(watched.logs('x/0').slice(-5), [
      'one start',
      'two upgrade-charm',
      '1',
      'two config-changed',
      '2',
    ]);
    watched.model.restart('x/0');
    await watched.model.settle();
    assert.deepEqual(watched.hooks('x/0').at(-1), 'start');
    watched.hooks('x/0');
    watched.model.restart('x/0', { pod: true });
    await watched.model.settle();
    assert.deepEqual(watched.hooks('x/0'), ['stop', 'upgrade-charm', 'config-changed', 'start']);
    // stop still saw the files of the pod that ends.
    assert.deepEqual(
      watched.logs('x/0').filter((line) => /^\d+$/.test(line)),
      ['1', '2', '3', '4', '1', '2', '3'],
    );
  });

  test('what comes and goes is told, whoever did it', async () => {
    const watched = await pair('', '', 2);
    const told = () =>
      watched.activities
        .splice(0)
        .flatMap((one) => (one.kind === 'model-changed' ? [`${one.change} ${one.subject}`] : []));
    assert.deepEqual(told(), [
      'application-added db',
      'unit-added db/0',
      'application-added web',
      'unit-added web/0',
      'unit-added web/1',
      'relation-added db:db web:db (id 0)',
    ]);
    watched.model.setLeader('web/leader');
    assert.deepEqual(told(), []);
    watched.model.setLeader('web/1');
    assert.deepEqual(told(), ['leader-changed web/1']);
    watched.model.removeRelation(0);
    await settled(watched);
    assert.deepEqual(told(), ['relation-removed db:db web:db (id 0)']);
    watched.model.removeUnit('web/1');
    await settled(watched);
    assert.deepEqual(told(), ['unit-removed web/1', 'leader-changed web/0']);
    watched.model.removeApplication('web');
    await settled(watched);
    assert.deepEqual(told(), ['unit-removed web/0', 'application-removed web']);
  });

  test('the same seed gives the same order', async () => {
    const order = async (seed: number) => {
      const watched = await openModel({ seed, concurrency: 1 });
      const charm = await shellCharm({
        name: 'x',
        provides: { web: 'http' },
        requires: { to: { interface: 'http' } },
      });
      for (const app of ['a', 'b', 'c']) await watched.model.deploy({ app, charm, units: 0 });
      for (const [from, to] of [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
      ])
        watched.model.relate(`${from}:web`, `${to}:to`);
      for (const app of ['a', 'b', 'c']) watched.model.addUnit(app);
      assert.ok((await watched.model.settle()).settled);
      return watched.activities.flatMap((one) =>
        one.kind === 'hook-ended' ? [`${one.unit} ${one.hook}`] : [],
      );
    };
    assert.deepEqual(await order(7), await order(7));
    assert.notDeepEqual(await order(7), await order(8));
  });
});
