import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { ElfImage } from '#lib/elf';
import { projectFolder } from '#src/local';
import { type Architecture, architectures, charmFileName, limitBytes, unpackCharm } from '#src/pack';
import { centralDirectory } from '../../src/pack/zip-directory.ts';
import { crosslink } from '../cli/command.ts';
import { suiteFolder } from '../src/pack/folder.ts';
import { own, type PackedCharms, packedCharms } from './packed-charms.ts';

const both = ['amd64', 'arm64'] as const;

suite('crosslink pack', function () {
  // Compressing two Nodes as well as it can be done; and npm may have to get the other one first.
  this.timeout(300_000);
  const folder = suiteFolder();
  let packed: PackedCharms;
  const charm = (architecture: Architecture) => packed.file(architecture);
  const unpacked = (architecture: Architecture) => join(folder(), architecture);

  suiteSetup(async () => {
    packed = await packedCharms();
    for (const architecture of both) await unpackCharm(charm(architecture), unpacked(architecture));
  });

  test('makes a charm for each architecture, and says where they are', async () => {
    assert.deepEqual(await readdir(packed.folder), both.map(charmFileName));
    for (const architecture of both) assert.ok(packed.printed.includes(charm(architecture)), packed.printed);
  });

  test('makes the same bytes the second time', async () => {
    const again = join(folder(), 'again');
    const { code, stderr } = await crosslink('pack', '--arch', own, '--output', again);
    assert.equal(code, 0, stderr);
    const [first, second] = await Promise.all([
      readFile(charm(own)),
      readFile(join(again, charmFileName(own))),
    ]);
    assert.ok(first.equals(second));
  });

  for (const architecture of both) {
    test(`${architecture}: at most ${limitBytes / 1e6} MB`, async () => {
      assert.ok((await stat(charm(architecture))).size <= limitBytes);
    });

    test(`${architecture}: what Juju reads, the bundle, Node and the licences, and nothing else`, async () => {
      const entries = centralDirectory(await readFile(charm(architecture)));
      const chunk = /^charm\/[A-Za-z-]+-[A-Z0-9]{8}\.mjs$/;
      assert.deepEqual(
        entries.map(({ name }) => name).filter((name) => !chunk.test(name)),
        [
          'LICENSE',
          'LICENSE.third-party',
          'actions.yaml',
          'charm/main.mjs',
          'config.yaml',
          'dispatch',
          'manifest.yaml',
          'metadata.yaml',
          'node/libatomic.so.1',
          'node/node',
        ],
      );
      for (const { name, mode } of entries) {
        assert.equal(mode, ['dispatch', 'node/node'].includes(name) ? 0o100755 : 0o100644, name);
      }
    });

    test(`${architecture}: the manifest has bases of this architecture, which makes it format v2`, async () => {
      const manifest: unknown = parse(await readFile(join(unpacked(architecture), 'manifest.yaml'), 'utf8'));
      const base = (channel: string) => ({ name: 'ubuntu', channel, architectures: [architecture] });
      assert.deepEqual(manifest, { bases: [base('24.04'), base('22.04')] });
    });

    test(`${architecture}: the Node of this project's version, for that machine`, async () => {
      const node = await readFile(join(unpacked(architecture), 'node/node'));
      const libatomic = await readFile(join(unpacked(architecture), 'node/libatomic.so.1'));
      for (const file of [node, libatomic]) {
        assert.equal(new ElfImage(file).machine, architectures[architecture].elfMachine);
      }
      assert.ok(node.includes(`/release/${process.version}/node-${process.version}`));
      assert.equal(new ElfImage(node).loadedEnd, node.length, 'nothing that is not loaded');
    });

    test(`${architecture}: no path of the machine that it was made on`, async () => {
      for (const file of await readdir(join(unpacked(architecture), 'charm'))) {
        const text = await readFile(join(unpacked(architecture), 'charm', file), 'utf8');
        assert.ok(!text.includes(projectFolder), file);
      }
    });
  }

  test('its Node starts with the libatomic that is next to it', async () => {
    const here = join(unpacked(own), 'node');
    const { stdout, stderr } = await promisify(execFile)(join(here, 'node'), ['-p', 'process.version'], {
      env: { LD_LIBRARY_PATH: here, LD_DEBUG: 'libs' },
      maxBuffer: 16e6,
    });
    assert.equal(stdout.trim(), process.version);
    assert.match(stderr, new RegExp(`calling init: ${here}/libatomic\\.so\\.1`));
  });
});
