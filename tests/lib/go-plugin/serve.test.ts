import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, Client as GrpcClient } from '@grpc/grpc-js';
import {
  clientOf,
  PluginStartError,
  RpcError,
  type ServeOptions,
  serve,
  serveStandalone,
} from '#lib/go-plugin';
import { GRPCController } from '../../../lib/go-plugin/proto/controller_pb.ts';
import { Health, HealthCheckResponse_ServingStatus } from '../../../lib/go-plugin/proto/health_pb.ts';
import { ServerReflection } from '../../../lib/go-plugin/proto/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../../lib/go-plugin/proto/reflection_v1alpha_pb.ts';
import { GRPCStdio, StdioData_Channel } from '../../../lib/go-plugin/proto/stdio_pb.ts';
import { eventually, FakeEffects } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';
import { tester } from './tester.ts';

const options: ServeOptions = {
  name: 'The test plugin',
  cookie: { key: 'COOKIE', value: 'yes' },
  versions: { 1: ({ broker }) => [tester(broker)] },
};

function connect(address: string): GrpcClient {
  const target = address.startsWith('/') ? `unix:${address}` : address;
  return new GrpcClient(target, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
}

async function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'crosslink-'));
}

suite('starting a plugin', () => {
  for (const value of [undefined, 'no']) {
    test(`without the host's cookie (${value}) it explains itself and exits with 1`, async () => {
      const effects = new FakeEffects({ COOKIE: value });
      await assert.rejects(serve(options, effects), PluginStartError);
      assert.deepEqual(effects.exits, [1]);
      assert.deepEqual(effects.handshakes, []);
      assert.match(effects.errors.join(''), /^The test plugin is a plugin: .*\nTo use it, install it/);
    });
  }

  test('it says once where it serves, and serves there', async () => {
    const effects = new FakeEffects();
    const plugin = await serve(options, effects);
    assert.deepEqual(effects.handshakes, [`1|1|unix|${plugin.address}|grpc|\n`]);
    assert.match(plugin.address, /\/plugin[0-9a-f]+$/);
    const connection = connect(plugin.address);
    assert.equal((await clientOf(Tester, connection).echo({ text: 'a' })).text, 'a');
    connection.close();
    await plugin.stop();
    await plugin.stopped;
    assert.deepEqual(effects.exits, [0]);
    assert.equal(existsSync(plugin.address), false);
    assert.deepEqual([effects.signals.size, effects.ticks.size, effects.exitListeners.size], [0, 0, 0]);
    assert.deepEqual([effects.uncaught, effects.sink], [undefined, undefined], 'nothing is left behind');
  });

  test('a host that asks for multiplexing is told that there is none', async () => {
    const effects = new FakeEffects({ PLUGIN_MULTIPLEX_GRPC: 'true' });
    const plugin = await serve(options, effects);
    assert.deepEqual(effects.handshakes, [`1|1|unix|${plugin.address}|grpc||false\n`]);
    await plugin.stop();
  });

  for (const [asked, version] of [
    ['2', 2],
    ['1,3,2', 3],
    ['9', 1],
    ['', 1],
    ['x,2', 2],
  ] as const) {
    test(`of the versions '${asked}' it takes ${version}`, async () => {
      const effects = new FakeEffects({ PLUGIN_PROTOCOL_VERSIONS: asked });
      const plugin = await serve({ ...options, versions: { 1: [], 2: [], 3: [] } }, effects);
      assert.equal(plugin.version, version);
      assert.equal(effects.handshakes[0]?.split('|')[1], String(version));
      assert.equal(effects.errors.join('').includes('are no numbers'), asked.includes('x'));
      await plugin.stop();
    });
  }

  test('sockets are made where the host says, for the group that it says', async () => {
    const directory = await folder();
    const group = String(process.getgid?.());
    const effects = new FakeEffects({ PLUGIN_UNIX_SOCKET_DIR: directory, PLUGIN_UNIX_SOCKET_GROUP: group });
    const plugin = await serve(options, effects);
    assert.ok(plugin.address.startsWith(`${directory}/plugin`));
    const { mode, gid } = await stat(plugin.address);
    assert.deepEqual([mode & 0o777, String(gid)], [0o660, group]);
    await plugin.stop();
    await rm(directory, { recursive: true });
  });

  const impossible: [string, Record<string, string>, RegExp][] = [
    [
      'a path that is too long',
      { PLUGIN_UNIX_SOCKET_DIR: `/tmp/${'x'.repeat(100)}` },
      /sockets allow 107.*shorter/,
    ],
    ['a directory that is not there', { PLUGIN_UNIX_SOCKET_DIR: '/tmp/is-not-there' }, /is-not-there; check/],
    ['a group that is not there', { PLUGIN_UNIX_SOCKET_GROUP: 'is-not-there' }, /group 'is-not-there'/],
    ['a port that is none', { PLUGIN_MIN_PORT: 'x' }, /PLUGIN_MIN_PORT is no port number/],
    ['a certificate that is none', { PLUGIN_CLIENT_CERT: 'x' }, /PLUGIN_CLIENT_CERT holds no certificate/],
  ];
  for (const [what, env, message] of impossible) {
    test(`${what} is said, and ends it with 1`, async () => {
      const effects = new FakeEffects(env);
      await assert.rejects(serve(options, effects), message);
      assert.deepEqual([effects.exits, effects.handshakes], [[1], []]);
      const [line = ''] = effects.errors;
      assert.equal(JSON.parse(line)['@level'], 'error');
      assert.match(JSON.parse(line).error, message);
    });
  }

  test('on TCP it takes the first free port of the range', async () => {
    const taken = createServer();
    const first = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    const env = { PLUGIN_MIN_PORT: String(first), PLUGIN_MAX_PORT: String(first + 20) };
    const plugin = await serve({ ...options, network: 'tcp' }, new FakeEffects(env));
    const [host, port] = plugin.address.split(':');
    assert.equal(host, '127.0.0.1');
    assert.ok(Number(port) > first && Number(port) <= first + 20);
    await plugin.stop();
    const only = { PLUGIN_MIN_PORT: String(first), PLUGIN_MAX_PORT: String(first) };
    await assert.rejects(serve({ ...options, network: 'tcp' }, new FakeEffects(only)), /no free port/);
    taken.close();
  });

  test('on Windows it serves on TCP', async () => {
    const effects = new FakeEffects();
    effects.platform = 'win32';
    const plugin = await serve(options, effects);
    assert.equal(plugin.network, 'tcp');
    effects.alive = false;
    effects.tick();
    await plugin.stopped;
  });
});

suite('the end of a plugin', () => {
  test('comes when the host asks, with an answer', async () => {
    const effects = new FakeEffects();
    let flushed = false;
    const stop = async () => {
      flushed = true;
    };
    const plugin = await serve({ ...options, stop }, effects);
    const connection = connect(plugin.address);
    await clientOf(GRPCController, connection).shutdown({});
    await plugin.stopped;
    assert.deepEqual([effects.exits, flushed], [[0], true]);
    connection.close();
  });

  test('comes when the host is gone', async () => {
    const effects = new FakeEffects();
    const plugin = await serve(options, effects);
    effects.tick();
    assert.deepEqual(effects.exits, []);
    effects.parentPid = 1;
    effects.tick();
    await plugin.stopped;
    assert.deepEqual(effects.exits, [0]);
    assert.match(effects.errors.join(''), /the host is gone/);
  });

  test('by SIGTERM lets calls finish, and SIGINT is nothing', async () => {
    const effects = new FakeEffects();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { implement } = await import('#lib/go-plugin');
    let begun = false;
    const slow = implement(Tester, {
      async echo(request) {
        begun = true;
        await promise;
        return request;
      },
    });
    const plugin = await serve({ ...options, versions: { 1: [slow] } }, effects);
    const connection = connect(plugin.address);
    const answer = clientOf(Tester, connection).echo({ text: 'still' });
    await eventually('the call', () => begun);
    effects.signals.get('SIGINT')?.();
    effects.signals.get('SIGTERM')?.();
    resolve();
    assert.equal((await answer).text, 'still');
    await plugin.stopped;
    assert.deepEqual(effects.exits, [0]);
    connection.close();
  });

  test('does not wait for ever for what the plugin flushes', async () => {
    const effects = new FakeEffects();
    const plugin = await serve({ ...options, stop: () => new Promise(() => {}) }, effects);
    const began = Date.now();
    await plugin.stop();
    assert.ok(Date.now() - began < 1900);
    assert.match(effects.errors.join(''), /before it has flushed/);
  });

  test('what it fails to flush is logged', async () => {
    const effects = new FakeEffects();
    const plugin = await serve({ ...options, stop: () => Promise.reject(new Error('no flush')) }, effects);
    await plugin.stop();
    assert.deepEqual(effects.exits, [0]);
    assert.match(effects.errors.join(''), /no flush/);
  });

  test('does not come from an error that nobody caught, unless asked for', async () => {
    const effects = new FakeEffects();
    const plugin = await serve(options, effects);
    effects.uncaught?.(new Error('stray'), 'unhandledRejection');
    assert.deepEqual(effects.exits, []);
    const line = JSON.parse(effects.errors[0] ?? '');
    assert.deepEqual([line['@level'], line.error, line.origin], ['error', 'stray', 'unhandledRejection']);
    await plugin.stop();

    const strict = new FakeEffects();
    const ending = await serve({ ...options, onUncaught: 'exit' }, strict);
    strict.uncaught?.(new Error('stray'), 'uncaughtException');
    await ending.stopped;
    assert.deepEqual(strict.exits, [1]);
  });
});

suite('what go-plugin adds to each plugin', () => {
  async function plugged(
    use: (connection: GrpcClient, effects: FakeEffects) => Promise<void>,
  ): Promise<void> {
    const effects = new FakeEffects();
    const plugin = await serve(options, effects);
    const connection = connect(plugin.address);
    try {
      await use(connection, effects);
    } finally {
      connection.close();
      await plugin.stop();
    }
  }

  test('health: it serves, and knows no other service', () =>
    plugged(async (connection) => {
      const health = clientOf(Health, connection);
      const { SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;
      for (const service of ['plugin', '']) assert.equal((await health.check({ service })).status, SERVING);
      await assert.rejects(
        health.check({ service: 'other' }),
        (e) => e instanceof RpcError && e.code === 'NOT_FOUND',
      );
      assert.deepEqual(Object.keys((await health.list({})).statuses).toSorted(), ['', 'plugin']);
      for await (const { status } of health.watch({ service: 'other' })) {
        assert.equal(status, SERVICE_UNKNOWN);
        break;
      }
    }));

  test('stdio: what was printed before and after the host listens', () =>
    plugged(async (connection, effects) => {
      effects.sink?.('stdout', Buffer.from('early '));
      effects.sink?.('stdout', Buffer.from('early\n'));
      effects.sink?.('stderr', Buffer.from('error\n'));
      const got: [number, string][] = [];
      for await (const { channel, data } of clientOf(GRPCStdio, connection).streamStdio({})) {
        got.push([channel, Buffer.from(data).toString()]);
        if (got.length === 2) effects.sink?.('stdout', Buffer.from('late\n'));
        if (got.length === 3) break;
      }
      const { STDOUT, STDERR } = StdioData_Channel;
      assert.deepEqual(got, [
        [STDOUT, 'early early\n'],
        [STDERR, 'error\n'],
        [STDOUT, 'late\n'],
      ]);
    }));

  test('stdio: a host that does not read costs bounded memory, and is told what it missed', () =>
    plugged(async (connection, effects) => {
      for (let at = 0; at < 100; at++) effects.sink?.('stdout', new Uint8Array(10_000).fill(at));
      const [text, bytes]: [string[], number[]] = [[], []];
      for await (const { channel, data } of clientOf(GRPCStdio, connection).streamStdio({})) {
        if (channel === StdioData_Channel.STDERR) text.push(Buffer.from(data).toString());
        else bytes.push(data.length);
        if (channel === StdioData_Channel.STDOUT && data.at(-1) === 99) break;
      }
      const kept = bytes.reduce((sum, length) => sum + length, 0);
      assert.ok(kept > 200_000 && kept <= 256 * 1024, String(kept));
      assert.match(text.join(''), new RegExp(`^\\[${1_000_000 - kept} bytes of output were dropped`));
    }));

  for (const descriptor of [ServerReflection, ServerReflectionAlpha] as (typeof ServerReflection)[]) {
    test(`reflection: ${descriptor.typeName}`, () =>
      plugged(async (connection) => {
        const ask = [
          { messageRequest: { case: 'listServices' as const, value: '' } },
          { messageRequest: { case: 'fileContainingSymbol' as const, value: 'crosslink.test.Blob' } },
          { messageRequest: { case: 'fileByFilename' as const, value: 'none.proto' } },
        ];
        const answers = [];
        for await (const { messageResponse } of clientOf(descriptor, connection).serverReflectionInfo(ask)) {
          answers.push(messageResponse);
        }
        const [list, file, error] = answers;
        assert.ok(list?.case === 'listServicesResponse');
        const names = list.value.service.map(({ name }) => name);
        for (const name of [
          'crosslink.test.Tester',
          'plugin.GRPCBroker',
          'grpc.reflection.v1alpha.ServerReflection',
        ]) {
          assert.ok(names.includes(name), name);
        }
        assert.ok(file?.case === 'fileDescriptorResponse');
        assert.ok(Buffer.from(file.value.fileDescriptorProto[0] ?? []).includes('tester.proto'));
        assert.ok(error?.case === 'errorResponse' && error.value.errorCode === 5);
      }));
  }
});

suite('standalone', () => {
  test('serves on TCP, and says where and how to attach', async () => {
    const effects = new FakeEffects({ COOKIE: undefined });
    const plugin = await serveStandalone({ services: [tester()], version: 2 }, effects);
    const [said = '', json = ''] = effects.errors;
    assert.match(said, /^Serving on 127\.0\.0\.1:\d+ without a host/);
    const Addr = { Network: 'tcp', String: plugin.address };
    assert.deepEqual(JSON.parse(json), { Protocol: 'grpc', ProtocolVersion: 2, Pid: 4711, Test: true, Addr });
    const connection = connect(plugin.address);
    assert.equal((await clientOf(Tester, connection).echo({ text: 'a' })).text, 'a');
    connection.close();
    effects.signals.get('SIGINT')?.();
    await plugin.stopped;
    assert.deepEqual([effects.exits, effects.handshakes], [[0], []]);
  });

  test('an address that cannot be served on is said', async () => {
    for (const address of ['nonsense', '127.0.0.1:99999', '192.0.2.1:1']) {
      const effects = new FakeEffects();
      await assert.rejects(serveStandalone({ services: [], address }, effects), PluginStartError);
    }
  });
});
