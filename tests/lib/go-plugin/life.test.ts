import assert from 'node:assert/strict';
import { clientOf, implement, serve } from '#lib/go-plugin';
import { GRPCController } from '../../../lib/go-plugin/proto/controller_pb.ts';
import { eventually, FakeEffects } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';
import { connect, options } from './starting.ts';

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
