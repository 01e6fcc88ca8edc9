import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCrosslink } from './command.ts';

/** As Jaeger up to 1.57 sets it. */
const jaeger = {
  STORAGE_PLUGIN: 'jaeger',
  PLUGIN_PROTOCOL_VERSIONS: '1',
  PLUGIN_MIN_PORT: '10000',
  PLUGIN_MAX_PORT: '25000',
};

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosslink-cli-sidecar-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

async function started(config: string, env: Readonly<Record<string, string>> = jaeger) {
  const file = join(folder, 'sidecar.yaml');
  await writeFile(file, config);
  return startCrosslink(['--config', file], env);
}

suite('crosslink as the storage plugin of Jaeger', () => {
  test('is started by Jaeger, keeps its traces in the folder of its config, and ends with it', async () => {
    const kept = join(folder, 'kept');
    const config = `folder: ${kept}\nretention: 72h\nmax-size: 10GB\ndurability: power\n`;
    const { child, finished } = await started(config);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await finished;
    assert.match(stdout, /^1\|1\|unix\|\/.+\|grpc\|?\n$/, stderr);
    assert.equal(code, 0, stderr);
    const files = await readdir(kept, { recursive: true });
    assert.ok(files.includes('lock') && files.includes(join('archive', 'lock')), files.join());
  });

  for (const [config, message] of [
    ['retention: soon', /retention: takes a time such as 72h or 30d/],
    ['max-size: 1MB', /max-size: takes a size such as 10GB, of at least 64MB/],
    ['durability: strong', /durability: Invalid option/],
    ['fodler: /x', /Unrecognized key: .*fodler/],
    ['- a', /sidecar\.yaml/],
  ] as const) {
    test(`is told what is wrong with the config '${config}'`, async () => {
      const { code, stdout, stderr } = await (await started(config)).finished;
      assert.deepEqual([code, stdout], [1, '']);
      const [line = ''] = stderr.split('\n');
      assert.match(String(JSON.parse(line)['@message']) + line, message);
    });
  }

  test('started by hand, says what to run instead', async () => {
    const { code, stderr } = await (await started('', {})).finished;
    assert.equal(code, 2);
    assert.match(stderr, /^crosslink: .*run crosslink traces serve.*\n$/);
  });
});
