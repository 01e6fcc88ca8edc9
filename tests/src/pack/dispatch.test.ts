import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '#src/local';
import { suiteFolder } from './folder.ts';

const run = promisify(execFile);
const packed = join(projectFolder, 'src/pack/dispatch');

/** A shell in the place of Node, which tells how it was started. */
const tellTale = `#!/bin/sh
echo "args $*"
echo "cache \${NODE_COMPILE_CACHE-none}"
echo "libraries $LD_LIBRARY_PATH"
umask
`;

suite('dispatch of the packed charm', () => {
  const folder = suiteFolder();

  async function charm(name: string): Promise<string> {
    const here = join(folder(), name);
    await mkdir(join(here, 'node'), { recursive: true });
    await copyFile(packed, join(here, 'dispatch'));
    await writeFile(join(here, 'node/node'), tellTale, { mode: 0o755 });
    return here;
  }

  test('needs nothing on PATH, and finds what lies next to it', async () => {
    const here = await charm("a charm's folder");
    const env = { PATH: '', JUJU_HOOK_NAME: 'update-status' };
    const { stdout } = await run(join(here, 'dispatch'), { env });
    const [args, cache, libraries, mask] = stdout.trimEnd().split('\n');
    assert.equal(args, `args --min-semi-space-size=8 ${here}/charm/main.mjs`);
    assert.equal(cache, `cache ${here}/.cache/compile`);
    assert.equal(libraries, `libraries ${here}/node`);
    assert.equal(mask, '0077');
  });

  test('may be started by a relative path', async () => {
    const here = await charm('relative');
    for (const [command, args] of [
      ['./dispatch', []],
      ['/bin/sh', ['dispatch']],
    ] as const) {
      const { stdout } = await run(command, args, { cwd: here, env: {} });
      assert.match(stdout, /^args --min-semi-space-size=8 \.\/charm\/main\.mjs/);
    }
  });

  test('begins a compile cache with a hook like most others, and uses it in all', async () => {
    const here = await charm('cache');
    const cacheOf = async (hook: string) => {
      const { stdout } = await run(join(here, 'dispatch'), { env: { JUJU_HOOK_NAME: hook } });
      return /^cache (.*)$/m.exec(stdout)?.[1];
    };
    const cache = join(here, '.cache/compile');
    assert.equal(await cacheOf('install'), 'none');
    assert.equal(await cacheOf('send-datasource-relation-changed'), cache);
    assert.equal(await cacheOf('update-status'), cache);
    assert.equal(await cacheOf(''), 'none');
    await mkdir(cache, { recursive: true });
    assert.equal(await cacheOf('install'), cache);
    assert.equal(await cacheOf(''), cache);
  });

  test('keeps no compile cache where it can not write', async () => {
    const here = await charm('read-only');
    await chmod(folder(), 0o755);
    await chmod(here, 0o555);
    // Root can write everywhere: be somebody else.
    const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const env = { JUJU_HOOK_NAME: 'update-status' };
    const { stdout } = await run(join(here, 'dispatch'), { env, ...other });
    assert.match(stdout, /^cache none$/m);
    await chmod(here, 0o755);
  });

  test('keeps what else the agent says about libraries', async () => {
    const here = await charm('libraries');
    const { stdout } = await run(join(here, 'dispatch'), { env: { LD_LIBRARY_PATH: '/opt/lib' } });
    assert.match(stdout, new RegExp(`^libraries ${here}/node:/opt/lib$`, 'm'));
  });

  test('gives Node the flags that the unpacked charm gives it', async () => {
    const flags = async (file: string) =>
      [...(await readFile(file, 'utf8')).matchAll(/^exec .*/gm)].flatMap(
        ([line]) => line.match(/ --\S+/g) ?? [],
      );
    assert.deepEqual(await flags(packed), await flags(join(projectFolder, 'charm/dispatch')));
  });
});
