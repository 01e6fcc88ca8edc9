import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { clientOf, PluginStartError, serve, serveStandalone } from '#lib/go-plugin';
import { FakeEffects } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';
import { connect, folder, options } from './starting.ts';
import { tester } from './tester.ts';

suite('starting a plugin', () => {
  for (const value of [undefined, 'no']) {
    test(`without the host's cookie (${value}) it explains itself and exits with 1`, async () => {
      const effects = new FakeEffects({ COOKIE: value });
      await assert.rejects(serve(options, effects), PluginStartError);
      assert.deepEqual(effects.exits, [1]);
      assert.deepEqual(effects.handshakes, []);
      const said = effects.errors.join('');
      assert.match(said, /^The test plugin is a plugin: .*\nTo use it, install it/s);
      for (const line of said.split('\n')) assert.ok(line.length <= 80, line);
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
