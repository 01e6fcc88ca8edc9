import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { eventually } from '../go-plugin/helpers.ts';

const library = pathToFileURL(join(import.meta.dirname, '../../../lib/grafana-plugin/index.ts')).href;
const source = `
  import { serveDatasource } from ${JSON.stringify(library)};
  await serveDatasource({ id: 'acme-things-datasource', create: () => ({}) });
`;
const address = 'GF_PLUGIN_GRPC_ADDRESS_ACME_THINGS_DATASOURCE';
/** As Grafana sets it. */
const hosted = { PLUGIN_PROTOCOL_VERSIONS: '2', grafana_plugin_type: 'datasource' };

suite('standalone', () => {
  let folder: string;
  setup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink-'));
    await writeFile(join(folder, 'backend.mjs'), source);
    await writeFile(
      join(folder, 'plugin.json'),
      JSON.stringify({ id: 'acme-things-datasource', executable: 'gpx_things' }),
    );
  });
  teardown(() => rm(folder, { recursive: true, force: true }));

  test('the plugin that Grafana has started tells it where the other one is', async () => {
    const child = spawn(process.execPath, [join(folder, 'backend.mjs')], {
      env: { ...hosted, [address]: '127.0.0.1:4711' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = await once(createInterface(child.stdout), 'line', {
        signal: AbortSignal.timeout(20_000),
      });
      assert.equal(line, '1|2|tcp|127.0.0.1:4711|grpc');
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  });

  test('and ends with its host', async () => {
    // A host that starts it and is killed.
    const host = spawn(
      process.execPath,
      [
        '-e',
        `const { spawn } = require('node:child_process');
         const child = spawn(process.execPath, [${JSON.stringify(join(folder, 'backend.mjs'))}], { stdio: ['ignore', 'pipe', 'inherit'] });
         child.stdout.once('data', () => console.log(child.pid));`,
      ],
      { env: { ...hosted, [address]: '127.0.0.1:4711' }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [pid] = await once(createInterface(host.stdout), 'line', { signal: AbortSignal.timeout(20_000) });
    const isAlive = () => {
      try {
        return process.kill(Number(pid), 0);
      } catch {
        return false;
      }
    };
    try {
      assert.equal(isAlive(), true);
      host.kill('SIGKILL');
      await eventually('the end of the plugin', () => !isAlive());
    } finally {
      if (isAlive()) process.kill(Number(pid), 'SIGKILL');
    }
  });

  test('ends the plugin that Grafana runs, and no other program of the folder', async function () {
    if (process.platform !== 'linux') {
      console.log('skipped: it finds other plugins by /proc, which only Linux has');
      this.skip();
    }
    // A tool of the project and its plugin, each a copy of a program that waits.
    await mkdir(join(folder, 'node_modules/tool'), { recursive: true });
    const tool = join(folder, 'node_modules/tool/watcher');
    const beside = join(folder, 'watcher');
    const managed = join(folder, `gpx_things_linux_amd64`);
    for (const program of [tool, beside, managed]) await copyFile('/bin/sleep', program);
    const [watching, other, running] = [tool, beside, managed].map((program) =>
      spawn(program, ['60'], { stdio: 'ignore' }),
    );
    assert.ok(watching && other && running);
    const ended = once(running, 'exit', { signal: AbortSignal.timeout(20_000) });
    const child = spawn(process.execPath, [join(folder, 'backend.mjs'), '-standalone'], {
      cwd: folder,
      env: { [address]: '' },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    try {
      assert.deepEqual(await ended, [null, 'SIGTERM']);
      // What it would have ended besides, it would have ended by the time it has gone itself.
      child.kill('SIGTERM');
      await once(child, 'exit');
      assert.deepEqual([watching.exitCode, watching.signalCode], [null, null]);
      assert.deepEqual([other.exitCode, other.signalCode], [null, null]);
    } finally {
      for (const each of [child, watching, other, running]) each.kill('SIGKILL');
    }
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`leaves a note while it serves, of the version that Grafana speaks, and none after ${signal}`, async () => {
      const child = spawn(process.execPath, [join(folder, 'backend.mjs'), '-standalone'], {
        cwd: folder,
        env: { [address]: '' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const notes = async () => (await readdir(folder)).filter((name) => name.endsWith('.txt')).toSorted();
      try {
        const said: string[] = [];
        for await (const line of createInterface(child.stderr)) {
          said.push(line);
          if (!line.includes('Standalone plugin server')) continue;
          assert.deepEqual(await notes(), ['pid.txt', 'standalone.txt']);
          child.kill(signal);
        }
        assert.match(said.join('\n'), /"ProtocolVersion":2,/);
        assert.deepEqual(await notes(), []);
      } finally {
        child.kill('SIGKILL');
      }
    });
  }
});
