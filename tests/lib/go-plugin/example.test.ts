import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { credentials, Client as GrpcClient } from '@grpc/grpc-js';
import { clientOf } from '#lib/go-plugin';
import { GRPCController } from '../../../lib/go-plugin/proto/controller_pb.ts';
import { KeyValue } from '../../../lib/go-plugin/proto/example_pb.ts';
import { GRPCStdio } from '../../../lib/go-plugin/proto/stdio_pb.ts';
import { eventually } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';

const folder = join(import.meta.dirname, '../../../lib/go-plugin');
const testPlugin = join(import.meta.dirname, 'test-plugin.ts');

interface Started {
  readonly child: ChildProcess;
  /** What came on standard output so far */
  stdout(): string;
  stderr(): string;
  readonly exited: Promise<number | null>;
}

function start(program: string, env: Record<string, string>): Started {
  const child = spawn(execPath, [program], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, stdout: () => stdout, stderr: () => stderr, exited };
}

async function connect({ stdout }: Started): Promise<{ connection: GrpcClient; address: string }> {
  await eventually('the handshake', () => stdout().endsWith('\n'));
  const address = stdout().split('|')[3] ?? '';
  return { address, connection: new GrpcClient(`unix:${address}`, credentials.createInsecure()) };
}

const cookie = { TEST_PLUGIN: 'yes', PLUGIN_PROTOCOL_VERSIONS: '3' };

suite('the example of lib/go-plugin', () => {
  test('keeps values, tells of changes, and ends when its host says so', async () => {
    const plugin = start(join(folder, 'example.ts'), {
      KEY_VALUE_PLUGIN: 'hello',
      PLUGIN_PROTOCOL_VERSIONS: '1',
    });
    const { connection, address } = await connect(plugin);
    const values = clientOf(KeyValue, connection);
    await assert.rejects(values.get({ key: 'a' }), { code: 'NOT_FOUND', message: "there is no 'a'" });
    await values.put({ key: 'a', value: Uint8Array.of(1) });
    const seen: number[] = [];
    for await (const { value } of values.watch({ key: 'a' })) {
      seen.push(...value);
      if (seen.length === 2) break;
      await values.put({ key: 'a', value: Uint8Array.of(2) });
    }
    assert.deepEqual(seen, [1, 2]);
    await clientOf(GRPCController, connection).shutdown({});
    assert.equal(await plugin.exited, 0);
    assert.equal(existsSync(address), false);
    assert.equal(plugin.stdout(), `1|1|unix|${address}|grpc|\n`);
    connection.close();
  });

  test('stands in the README word for word', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const [, block] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    assert.equal(block, await readFile(join(folder, 'example.ts'), 'utf8'));
  });
});

suite('a plugin as a process', () => {
  test('started by hand it explains itself on standard error only', async () => {
    for (const env of [{}, { PLUGIN_PROTOCOL_VERSIONS: '3' }] as Record<string, string>[]) {
      const plugin = start(join(folder, 'example.ts'), env);
      assert.equal(await plugin.exited, 1);
      assert.equal(plugin.stdout(), '');
      assert.match(plugin.stderr(), /^The key-value example is a plugin/);
    }
  });

  test('prints nothing but the handshake, and the rest for its host', async () => {
    const plugin = start(testPlugin, cookie);
    const { connection, address } = await connect(plugin);
    await clientOf(Tester, connection).print({ text: 'from a method' });
    let printed = '';
    for await (const { data } of clientOf(GRPCStdio, connection).streamStdio({})) {
      printed += Buffer.from(data);
      if (printed.match(/from a method\n/g)?.length === 2) break;
    }
    assert.match(printed, /^printed while modules are loaded\nprinted after the handshake\nfrom a method\n/);
    plugin.child.kill('SIGTERM');
    assert.equal(await plugin.exited, 0);
    assert.equal(plugin.stdout(), `1|3|unix|${address}|grpc|\n`);
    assert.match(plugin.stderr(), /"@message":"ready".*from a method.*"@message":"flushed"/s);
    connection.close();
  });

  test('lives on when nobody caught an error, and when its host stops listening to what it prints', async () => {
    const plugin = start(testPlugin, cookie);
    const { connection } = await connect(plugin);
    const tester = clientOf(Tester, connection);
    await tester.fail({ text: 'later' });
    await eventually(
      'both errors',
      () => /thrown when/.test(plugin.stderr()) && /rejected when/.test(plugin.stderr()),
    );
    plugin.child.stdout?.destroy();
    plugin.child.stderr?.destroy();
    await tester.fail({ text: 'later' });
    await tester.print({ text: 'x'.repeat(100_000) });
    plugin.child.kill('SIGINT');
    assert.equal((await tester.echo({ text: 'alive' })).text, 'alive');
    plugin.child.kill('SIGTERM');
    assert.equal(await plugin.exited, 0);
    connection.close();
  });

  test('ends when its host is killed', async () => {
    // A host that starts the plugin, tells its process id and handshake, and then hangs.
    const program = `
      const plugin = require('node:child_process').spawn(process.execPath, [${JSON.stringify(testPlugin)}], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      plugin.stdout.once('data', (line) => console.log(plugin.pid + ' ' + line));
      setInterval(() => {}, 1000);`;
    const host = spawn(execPath, ['-e', program], { env: { ...process.env, ...cookie } });
    const line = await new Promise<string>((resolve) =>
      host.stdout.once('data', (data) => resolve(String(data))),
    );
    const pid = Number.parseInt(line, 10);
    const address = line.split('|')[3] ?? '';
    assert.ok(existsSync(address));
    host.kill('SIGKILL');
    await eventually('the end of the plugin', () => {
      try {
        return !process.kill(pid, 0);
      } catch {
        return true;
      }
    });
    assert.equal(existsSync(address), false);
  });
});
