import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectFolder } from '#src/local';
import { type PackedCharm, pack } from '#src/pack';
import { judgeCharm, judgeParams } from './judge.ts';

const ours = async (file: string) => parse(await readFile(join(projectFolder, file), 'utf8'));

let folder: string;
let packed: PackedCharm[];
suiteSetup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interop-juju-'));
  packed = await pack(['amd64', 'arm64'], folder);
});
suiteTeardown(() => rm(folder, { recursive: true, force: true }));

for (const architecture of ['amd64', 'arm64']) {
  suite(`the packed charm for ${architecture}, as Juju reads it`, () => {
    const file = () => {
      const charm = packed.find((one) => one.architecture === architecture);
      assert.ok(charm);
      return charm.file;
    };

    test('has the endpoints of metadata.yaml', async () => {
      const { Name, Provides, Requires, Peers, Containers } = await judgeCharm(file());
      const { name, provides, requires, peers } = await ours('metadata.yaml');
      assert.equal(Name, name);
      for (const [seen, declared] of [
        [Provides, provides],
        [Requires, requires],
        [Peers, peers],
      ]) {
        const interfaces = Object.entries<{ interface: string }>(declared).map(([end, it]) => [
          end,
          it.interface,
        ]);
        assert.deepEqual(seen, Object.fromEntries(interfaces));
      }
      assert.equal(Containers, 0);
    });

    test('has the options of config.yaml, those of type secret too', async () => {
      const { Options } = await judgeCharm(file());
      const { options } = await ours('config.yaml');
      const types = (of: Record<string, { Type?: string; type?: string }>) =>
        Object.entries(of)
          .map(([option, { Type, type }]) => `${option}: ${Type ?? type}`)
          .toSorted();
      assert.deepEqual(types(Options), types(options));
      assert.equal(Options['grafana-token']?.Type, 'secret');
    });

    test('is of format 2, says what it assumes, and has bases for its architecture', async () => {
      const { FormatErrors, Assumes, Bases } = await judgeCharm(file());
      assert.deepEqual(FormatErrors, []);
      assert.deepEqual(Assumes, (await ours('metadata.yaml')).assumes);
      assert.deepEqual(Bases, [`ubuntu@24.04 ${architecture}`, `ubuntu@22.04 ${architecture}`]);
    });

    test('has a dispatch that is executable once Juju has unpacked it', async () => {
      const { DispatchMode } = await judgeCharm(file());
      assert.equal(DispatchMode, '-rwxr-xr-x');
    });

    test('has the actions of actions.yaml, and each can be run without parameters', async () => {
      const { Actions } = await judgeCharm(file());
      assert.deepEqual(Actions, Object.keys(await ours('actions.yaml')).toSorted());
      for (const action of Actions) assert.equal(await judgeParams(file(), action, {}), '', action);
    });

    test('has an action that takes its parameters, and refuses others', async () => {
      assert.equal(await judgeParams(file(), 'explain', { format: 'json' }), '');
      assert.match(await judgeParams(file(), 'explain', { format: 'xml' }), /format/);
      assert.match(await judgeParams(file(), 'explain', { forma: 'json' }), /forma/);
    });
  });
}
