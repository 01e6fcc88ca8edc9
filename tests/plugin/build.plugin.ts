import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ElfImage, pt } from '#lib/elf';
import { isTarget, ownTarget, type Target, targets } from '#lib/grafana-plugin/build';
import { findLibc } from '../../lib/grafana-plugin/build/libc.ts';
import { startCrosslink } from '../cli/command.ts';
import { pluginFolders, pluginJson } from '../lib/grafana-plugin/build/plugin-folder.ts';
import { suiteFolder } from '../src/pack/folder.ts';
import { bareRoot, canHaveRoots, runIn } from './bare-root.ts';

const all = Object.keys(targets).filter(isTarget);
const own = ownTarget() ?? 'linux_amd64';

/** What a plugin needs that does something: names of hosts, threads, and native code of Node's. */
const backend = `
import { lookup } from 'node:dns/promises';
import { gzipSync } from 'node:zlib';
import { Worker } from 'node:worker_threads';
const { address } = await lookup(process.argv[2] ?? '127.0.0.1');
const threads = await new Promise((resolve, reject) => {
  new Worker('require("node:worker_threads").parentPort.postMessage(1)', { eval: true }).on('message', resolve).on('error', reject);
});
const built = Reflect.get(globalThis, '__CROSSLINK_PLUGIN_BUILD__');
console.log(JSON.stringify({ built, address, threads, gzip: gzipSync('x').length > 0, path: process.execPath, arch: process.arch, version: process.version, environment: Object.keys(process.env) }));
`;
const built = { id: 'acme-weather-datasource', version: '1.2.3', time: '2026-03-02T04:05:06.000Z' };

function told(path: string, target: Target, environment: string[] = []) {
  const facts = { arch: targets[target].nodeArch, version: process.version };
  return { built, address: '127.0.0.1', threads: 1, gzip: true, path, ...facts, environment };
}

/** A program that runs arm64 executables here. */
function qemu(): string | undefined {
  if (process.arch === 'arm64') return undefined;
  for (const name of [process.env.QEMU_AARCH64 ?? '', 'qemu-aarch64-static', 'qemu-aarch64']) {
    try {
      if (name !== '') execFileSync(name, ['--version'], { stdio: 'ignore' });
      if (name !== '') return name;
    } catch {}
  }
  return undefined;
}

suite('crosslink plugin build, with a backend', function () {
  this.timeout(300_000);
  const folders = pluginFolders();
  const scratch = suiteFolder();
  let folder = '';
  const libcFor: Target[] = [];
  const dist = (name: string) => join(folder, name);
  const executable = (name: string, target: Target) => join(dist(name), `gpx_weather_${target}`);

  async function build(name: string, ...options: string[]): Promise<string> {
    const args = ['plugin', 'build', folder, '--out', dist(name), ...options];
    const { code, stdout, stderr } = await startCrosslink(args, { SOURCE_DATE_EPOCH: '1772424306' }).finished;
    assert.equal(code, 0, stderr);
    return stdout;
  }

  suiteSetup(async () => {
    folder = await folders.make({
      'src/plugin.json': JSON.stringify(pluginJson({ backend: true, executable: 'gpx_weather' })),
      'src/backend.ts': backend,
    });
    console.log(await build('plain'));
    for (const target of all) {
      const found = await findLibc(target, ['libstdc++.so.6']).catch(() => undefined);
      if (found !== undefined) libcFor.push(target);
    }
    console.log(await build('libc', '--with-libc', '--target', libcFor.join(',')));
  });

  for (const target of all) {
    test(`${target}: an executable for that machine, with the program in it and without libatomic`, async () => {
      const file = executable('plain', target);
      assert.equal((await stat(file)).mode & 0o777, 0o755);
      const image = new ElfImage(await readFile(file));
      assert.equal(image.machine, targets[target].elfMachine);
      assert.ok(!image.needed.includes('libatomic.so.1'));
      const notes = image.segments.filter(({ type }) => type === pt.note);
      const blob = notes.map(({ offset, fileSize }) => image.bytes.subarray(offset, offset + fileSize));
      assert.ok(blob.some((bytes) => bytes.includes('NODE_SEA_BLOB') && bytes.includes(built.time)));
    });
  }

  test('the same sources give the same bytes', async () => {
    await build('again');
    for (const target of all) {
      const [one, two] = await Promise.all([
        readFile(executable('plain', target)),
        readFile(executable('again', target)),
      ]);
      assert.ok(one.equals(two), target);
    }
  });

  test('it runs here, without an environment', async () => {
    const file = executable('plain', own);
    const { stdout, stderr } = await promisify(execFile)(file, [], { env: {}, cwd: '/' });
    assert.deepEqual(JSON.parse(stdout), told(file, own));
    assert.equal(stderr, '');
  });

  test('it runs while it is being built anew', async () => {
    const file = executable('again', own);
    const running = promisify(execFile)(file, [], { env: {} });
    await build('again', '--target', own);
    assert.deepEqual(JSON.parse((await running).stdout), told(file, own));
  });

  test('the licences of Node and of the C library go with it', async () => {
    const text = await readFile(join(dist('libc'), 'LICENSE.third-party'), 'utf8');
    assert.match(text, /Node\.js is licensed for use as follows/);
    assert.match(text, /GNU Lesser General Public License/);
  });

  suite('in a root of its own', () => {
    setup(function () {
      if (canHaveRoots()) return;
      console.log('skipped: this machine does not let us have namespaces (unshare)');
      this.skip();
    });

    test('with the libraries of a stock Ubuntu, which has no libatomic', async () => {
      const root = join(scratch(), 'ubuntu');
      const { needed } = new ElfImage(await readFile(executable('plain', own)));
      const libraries = new Map<string, Uint8Array>();
      const interp = process.arch === 'arm64' ? '/lib' : '/lib64';
      for (const [name, content] of await findLibc(own, needed)) {
        const places = [
          interp,
          '/lib',
          process.arch === 'arm64' ? '/lib/aarch64-linux-gnu' : '/lib/x86_64-linux-gnu',
        ];
        for (const place of places) libraries.set(`${place}/${name}`, content);
      }
      await bareRoot(root, dist('plain'), libraries);
      const path = `/dist/gpx_weather_${own}`;
      const { stdout, stderr } = await runIn(root, path);
      assert.deepEqual(JSON.parse(stdout), told(path, own));
      assert.equal(stderr, '');
    });

    test('with no library at all, as on Alpine', async () => {
      const root = join(scratch(), 'alpine');
      const hosts = Buffer.from('127.0.0.1 weather.example\n');
      await bareRoot(root, dist('libc'), new Map([['/etc/hosts', hosts]]));
      const path = `/dist/gpx_weather_${own}`;
      const { stdout, stderr } = await runIn(root, path, 'weather.example');
      assert.deepEqual(JSON.parse(stdout), told(path, own));
      assert.equal(stderr, '');
    });
  });

  for (const [name, what] of [
    ['plain', 'with the C library of its machine'],
    ['libc', 'with nothing'],
  ] as const) {
    test(`linux_arm64: runs ${what}`, async function () {
      const emulator = qemu();
      if (emulator === undefined || !libcFor.includes('linux_arm64')) {
        console.log(
          'skipped: needs qemu-user-static, libc6-arm64-cross and libstdc++6-arm64-cross, or arm64 itself',
        );
        this.skip();
      }
      const root = join(scratch(), `arm64-${name}`);
      await mkdir(join(root, 'lib'), { recursive: true });
      if (name === 'plain') {
        const { needed } = new ElfImage(await readFile(executable('plain', 'linux_arm64')));
        for (const [library, content] of await findLibc('linux_arm64', needed)) {
          await writeFile(join(root, 'lib', library), content, { mode: 0o755 });
        }
      }
      const file = executable(name, 'linux_arm64');
      const { stdout } = await promisify(execFile)(emulator, ['-L', root, file], { env: {} });
      assert.deepEqual(JSON.parse(stdout), told(file, 'linux_arm64'));
    });
  }
});
