import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalModel } from '#lib/juju-local';
import { loadScenario, runScenario, scenarioNames } from '#src/local';
import { type UnpackedCharm, unpackedCharm } from '../../src/cli/unpacked-charm.ts';
import { crosslink, startCrosslink } from '../cli/command.ts';
import { converse, ending } from '../model/conversation.ts';
import { Ways } from '../model/ways.ts';
import { suiteFolder } from '../src/pack/folder.ts';
import { own, packedCharms } from './packed-charms.ts';

const names = await scenarioNames();

suite('the packed charm', function () {
  this.timeout(300_000);
  const folder = suiteFolder();
  let charm: UnpackedCharm;
  let file = '';

  suiteSetup(async () => {
    file = (await packedCharms()).file(own);
    charm = await unpackedCharm(file);
  });
  suiteTeardown(() => charm[Symbol.asyncDispose]());

  // That the folder's own processes end like its functions is for `npm run sim` to show.
  for (const name of names) {
    test(`scenario ${name} ends as it expects, and as with the charm's folder`, async () => {
      const loaded = await loadScenario(name);
      const fromFolder = await converse(loaded);
      await fromFolder.close();
      const ways = new Ways(loaded);
      const packed = await runScenario(loaded, {
        charmFolder: charm.folder,
        agentPath: charm.path,
        onActivity: (activity) => ways.activity(activity),
      });
      await packed.close();
      assert.deepEqual(packed.result.differences, []);
      assert.equal(packed.result.failedHooks, 0);
      assert.deepEqual(ending(packed), ending(fromFolder));
      assert.deepEqual(ways.problems('file'), []);
    });
  }

  test('runs by crosslink up --charm, which leaves nothing behind', async () => {
    const temporary = join(folder(), 'tmp');
    await mkdir(temporary);
    const { finished } = startCrosslink(['up', 'two-grafanas', '--once', '--charm', file], {
      TMPDIR: temporary,
    });
    const { code, stdout, stderr } = await finished;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Scenario two-grafanas: settled after \d+ hooks/);
    assert.deepEqual(await readdir(temporary), []);
  });

  test('runs where no hook finds node, npm or python3, though this machine has them', async () => {
    await writeFile(join(folder(), 'metadata.yaml'), 'name: nosy\nsummary: s\ndescription: d\n');
    const dispatch = '#!/bin/sh\nfor name in node npm npx python3; do "$name" --version; done\n';
    await writeFile(join(folder(), 'dispatch'), dispatch, { mode: 0o755 });
    const scenario = join(folder(), 'nosy.yaml');
    await writeFile(scenario, 'name: nosy\napplications: {nosy: {charm: .}}\n');
    const without = await crosslink('up', scenario, '--once', '--charm', file);
    assert.equal(without.code, 1, 'the last of them fails, and so does the hook');
    for (const name of ['node', 'npm', 'npx', 'python3']) {
      assert.match(
        without.stderr,
        new RegExp(`hook failed: install of nosy/0, exit code 127[^]*${name}: not found`),
      );
    }
    const withThem = await crosslink('up', scenario, '--once');
    assert.equal(withThem.code, 0, withThem.stderr);
  });

  test('runs its hooks with nothing on PATH but the hook tools', async () => {
    const failed: string[] = [];
    const hooks: string[] = [];
    const model = await LocalModel.open({
      name: 'packed',
      agentPath: '',
      onActivity: (activity) => {
        if (activity.kind !== 'hook-ended') return;
        hooks.push(activity.hook);
        if (activity.exitCode !== 0) failed.push(activity.hook);
      },
    });
    try {
      const config = { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo.example:3200' };
      await model.deploy({ app: 'tempo', charm: charm.folder, config });
      assert.ok((await model.settle()).settled);
      assert.deepEqual(failed, []);
      assert.ok(hooks.includes('install'));
      assert.equal(model.snapshot().applications.tempo?.units['tempo/0']?.status.status, 'waiting');
      const made = await readdir(charm.folder);
      assert.ok(!made.includes('.cache'), 'each unit has its own folder, and its own cache in it');
    } finally {
      await model.close();
    }
  });
});
