import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { clientOf } from '#lib/go-plugin';
import { GRPCController } from '../../../../lib/go-plugin/proto/controller_pb.ts';
import { Health } from '../../../../lib/go-plugin/proto/health_pb.ts';
import { PluginCapabilities, SpanReaderPlugin } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { serveSidecar } from '../../../../lib/jaeger-storage/server/sidecar.ts';
import { collect, FakeEffects } from '../../go-plugin/helpers.ts';
import { as, encode, traceIdOf } from '../contract/fixtures.ts';
import { unary } from '../grpc/raw-calls.ts';
import { WRITE_SPAN } from '../grpc/remote-store.ts';
import { connect } from '../grpc/serving.ts';
import { storeWith } from '../grpc/store-with.ts';

const program = join(import.meta.dirname, 'sidecar-program.ts');

/** As Jaeger 1.57 does. */
function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...{ PLUGIN_PROTOCOL_VERSIONS: '1', PLUGIN_MIN_PORT: '10000', PLUGIN_MAX_PORT: '25000' },
      ...{ STORAGE_PLUGIN: 'jaeger', ...env },
    },
  });
}

async function outputOf(child: ChildProcess): Promise<{ code: unknown; out: string; error: string }> {
  let [out, error] = ['', ''];
  child.stdout?.on('data', (data) => {
    out += data;
  });
  child.stderr?.on('data', (data) => {
    error += data;
  });
  const [code] = await once(child, 'close');
  return { code, out, error };
}

suite('a sidecar', () => {
  test('lives as Jaeger wants it to: handshake, spans, archive, end', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'crosslink-')), 'config.yaml');
    await writeFile(path, 'enable_streaming_writer: true\nmax_traces: 10\n');
    const child = start(['--config', path]);
    const ended = outputOf(child);
    const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
    const [line] = (await once(lines, 'line')) as [string];
    const [core, version, network, address, protocol] = line.split('|');
    assert.deepEqual([core, version, network, protocol], ['1', '1', 'unix', 'grpc']);

    const connection = connect(`unix:${address}`);
    await clientOf(Health, connection).check({ service: 'plugin' });
    const offered = await clientOf(PluginCapabilities, connection).capabilities({});
    assert.ok(offered.streamingSpanWriter && offered.archiveSpanReader && offered.archiveSpanWriter);
    await unary(connection, WRITE_SPAN, encode('jaeger', [{}]).bytes);
    const reader = clientOf(SpanReaderPlugin, connection);
    assert.equal((await collect(reader.getTrace({ traceId: traceIdOf('1') }))).length, 1);
    const { operations } = await reader.getOperations({ service: 'a-service' });
    assert.equal(operations[0]?.spanKind, 'unspecified', 'as Jaeger of that age calls it');

    await clientOf(GRPCController, connection).shutdown({});
    const { code, error } = await ended;
    connection.close();
    assert.equal(code, 0);
    assert.match(error, /"@message":"opened".*"maxTraces":10/);
  });

  test('says how to use it to whoever starts it by hand, and opens nothing', async () => {
    const { code, out, error } = await outputOf(start([], { STORAGE_PLUGIN: '' }));
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.match(error, /^The test sidecar is a plugin/);
    assert.doesNotMatch(error, /opened/);
  });

  test('tells the log of Jaeger what is wrong with its config, and ends', async () => {
    const { code, out, error } = await outputOf(start(['--config', '/nowhere/config.yaml']));
    assert.equal(code, 1);
    assert.equal(out, '');
    const [line = ''] = error.split('\n');
    const { '@level': level, '@message': message, error: told } = JSON.parse(line);
    assert.deepEqual([level, message], ['error', 'the plugin cannot start']);
    assert.match(JSON.stringify(told), /cannot be read: ENOENT/);
  });

  const env = { STORAGE_PLUGIN: 'jaeger', PLUGIN_PROTOCOL_VERSIONS: '1' };
  const options = { config: z.object({}), args: ['--config', ''] };

  test('closes its stores at its end', async () => {
    const effects = new FakeEffects(env);
    const closed: string[] = [];
    const store = (name: string) => storeWith({ close: async () => void closed.push(name) });
    const open = async () => ({ traces: store('traces'), archive: store('archive') });
    const running = await serveSidecar({ ...options, open }, effects);
    assert.equal(effects.handshakes.length, 1);
    await running.stop();
    assert.deepEqual(closed, ['traces', 'archive']);
    assert.deepEqual(effects.exits, [0]);
  });

  test('that cannot open its stores says why, and ends', async () => {
    const effects = new FakeEffects(env);
    const open = async () => {
      throw new Error('the disk is full');
    };
    await assert.rejects(serveSidecar({ ...options, open }, effects), /the disk is full/);
    assert.deepEqual([effects.exits, effects.handshakes], [[1], []]);
    assert.match(effects.errors.join(''), /the disk is full/);
  });

  test('is one tenant', async () => {
    const effects = new FakeEffects(env);
    const traces = storeWith({});
    const running = await serveSidecar({ ...options, open: async () => ({ traces }) }, effects);
    const connection = connect(`unix:${running.address}`);
    await unary(connection, WRITE_SPAN, encode('jaeger', [{}]).bytes, { metadata: { 'x-tenant': 'a' } });
    assert.deepEqual(await traces.services(as('')), ['a-service']);
    connection.close();
    await running.stop();
  });
});
