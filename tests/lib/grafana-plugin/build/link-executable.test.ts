import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ElfImage, pt, type Segment } from '#lib/elf';
import { ownTarget, targets } from '#lib/grafana-plugin/build';
import { nodeRuntime } from '#src/pack';
import { findLibc } from '../../../../lib/grafana-plugin/build/libc.ts';
import { linkExecutable } from '../../../../lib/grafana-plugin/build/link-executable.ts';
import { seaBlob } from '../../../../lib/grafana-plugin/build/sea-blob.ts';

const own = ownTarget() ?? 'linux_amd64';
const program = `console.log(JSON.stringify([process.execPath, process.execArgv.length, process.argv.slice(2)]));`;

suite('a single executable', () => {
  let folder = '';
  let node: Buffer;
  let blob: Buffer;

  suiteSetup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink-link-test-'));
    const architecture = own === 'linux_amd64' ? 'amd64' : 'arm64';
    ({ node } = await nodeRuntime(architecture));
    blob = await seaBlob(Buffer.from(program), own);
  });
  suiteTeardown(() => rm(folder, { recursive: true, force: true }));

  async function link(name: string, bringsLibc: boolean): Promise<{ file: string; image: ElfImage }> {
    const bytes = Buffer.concat(linkExecutable({ target: own, node, blob, bringsLibc }));
    const file = join(folder, name);
    await writeFile(file, bytes, { mode: 0o755 });
    return { file, image: new ElfImage(bytes) };
  }

  function run(file: string, ...args: string[]) {
    return promisify(execFile)(file, args, { env: {}, cwd: '/' });
  }

  test('runs the program, with its arguments, and says nothing else', async () => {
    const { file } = await link('plain', false);
    const { stdout, stderr } = await run(file, '-version', '--help');
    assert.deepEqual(JSON.parse(stdout), [file, 3, ['-version', '--help']]);
    assert.equal(stderr, '');
  });

  test('needs what Node needs, other than libatomic', async () => {
    const { file, image } = await link('needs', false);
    const wanted = new ElfImage(node).needed;
    assert.ok(wanted.includes('libatomic.so.1'), 'or it is no longer necessary to do anything about it');
    assert.deepEqual(
      image.needed,
      wanted.filter((name) => name !== 'libatomic.so.1'),
    );
    const { stderr } = await promisify(execFile)(file, [], {
      env: { LD_DEBUG: 'files,versions' },
      maxBuffer: 16e6,
    });
    assert.ok(stderr.includes('libstdc++.so.6'), 'the loader tells what it does');
    assert.doesNotMatch(stderr, /atomic/i);
  });

  test('has its segments in the order and the places that the kernel and the loader ask for', async () => {
    for (const bringsLibc of [false, true]) {
      const { image } = await link('segments', bringsLibc);
      const loads = image.segments.filter(({ type }) => type === pt.load);
      assert.equal(
        loads.length,
        new ElfImage(node).segments.filter(({ type }) => type === pt.load).length + 2,
      );
      for (const [i, { offset, address, fileSize, memorySize, align }] of loads.entries()) {
        assert.equal(offset % align, address % align);
        assert.ok(offset + fileSize <= image.bytes.length);
        const next: Segment | undefined = loads[i + 1];
        if (next !== undefined) assert.ok(address + memorySize <= next.address, 'one behind the other');
      }
      // Also on kernels that know the headers' address only as an offset from the first segment.
      const first = loads[0] as Segment;
      const headers = image.segment(pt.phdr);
      assert.equal(headers.address - first.address, headers.offset);
      assert.equal(Number(image.bytes.readBigUInt64LE(32)), headers.offset);
      assert.equal(
        image.segments.some(({ type }) => type === pt.interp),
        !bringsLibc,
      );
    }
  });

  test('is the same whether Node still has its symbols or not', async () => {
    const { image } = await link('stripped', false);
    const whole = await readFile(process.execPath);
    assert.ok(whole.length > node.length);
    const bytes = Buffer.concat(linkExecutable({ target: own, node: whole, blob, bringsLibc: false }));
    assert.ok(bytes.equals(image.bytes));
  });

  test('leaves the Node that it is made of as it was', async () => {
    const before = Buffer.from(node.subarray(0, 1000));
    await link('unchanged', true);
    assert.ok(node.subarray(0, 1000).equals(before));
    assert.ok(new ElfImage(node).needed.includes('libatomic.so.1'));
  });

  suite('that brings its C library', () => {
    test('takes it from beside itself, and knows its own path', async () => {
      const { file, image } = await link('brings', true);
      const beside = join(folder, `lib_${own}`);
      await mkdir(beside, { recursive: true });
      for (const [name, content] of await findLibc(own, image.needed))
        await writeFile(join(beside, name), content);
      const { stdout, stderr } = await promisify(execFile)(file, ['a'], {
        env: { LD_DEBUG: 'libs' },
        cwd: '/',
        maxBuffer: 16e6,
      });
      assert.deepEqual(JSON.parse(stdout), [file, 3, ['a']]);
      const initialised = [...stderr.matchAll(/calling init: (\S+)/g)].map(([, path = '']) => path);
      assert.ok(initialised.length >= 4, stderr);
      for (const path of initialised) {
        // The loader itself goes by the name that Node has for it.
        if (!path.endsWith(`/${targets[own].loader}`)) assert.ok(path.startsWith(beside), path);
      }
    });

    test('says what is missing when that is gone', async () => {
      const { file } = await link('brings', true);
      const alone = join(folder, 'alone');
      await mkdir(alone);
      await copyFile(file, join(alone, 'plugin'));
      const loader = join(alone, `lib_${own}`, targets[own].loader);
      await assert.rejects(run(join(alone, 'plugin')), {
        code: 1,
        stdout: '',
        stderr: `this plugin brings its own C library and can't start: ${loader} is not there or can't be read; copy all of dist/, or build it anew\n`,
      });
    });
  });

  test('a Node of another machine, or without the mark, is refused', () => {
    const other = own === 'linux_amd64' ? 'linux_arm64' : 'linux_amd64';
    const parts = { node, blob, bringsLibc: false };
    assert.throws(() => linkExecutable({ ...parts, target: other }), /Node is for machine \d+/);
    const unmarked = Buffer.from(node);
    unmarked.fill(0, unmarked.indexOf('NODE_SEA_FUSE_'), unmarked.indexOf('NODE_SEA_FUSE_') + 20);
    assert.throws(
      () => linkExecutable({ ...parts, target: own, node: unmarked }),
      /can become a single executable/,
    );
    assert.throws(
      () => linkExecutable({ ...parts, target: own, node: Buffer.from('#!/bin/sh') }),
      /no 64-bit/,
    );
  });
});

suite('the C library', () => {
  test('is found with all that it needs itself, for this machine', async () => {
    const found = await findLibc(own, ['libstdc++.so.6']);
    for (const name of ['libc.so.6', 'libm.so.6', 'libgcc_s.so.1', targets[own].loader])
      assert.ok(found.has(name), name);
    for (const content of found.values())
      assert.equal(new ElfImage(content).machine, targets[own].elfMachine);
  });

  test('that is not here: says what to install', async () => {
    await assert.rejects(findLibc('linux_arm64', ['libc.so.6'], ['/nowhere']), {
      name: 'PluginBuildError',
      message:
        'libc.so.6 for linux_arm64 is not on this machine, and --with-libc takes it from there; install ' +
        'libc6-arm64-cross and libstdc++6-arm64-cross (so called on Debian and Ubuntu), or build without linux_arm64',
    });
  });
});
