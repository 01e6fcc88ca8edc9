import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { downstreamError } from '../../../lib/grafana-plugin/index.ts';
import { frameOf, serving } from './serving.ts';

suite('streams', () => {
  test('a subscriber is let in, or told why not', async () => {
    await using plugin = await serving({
      subscribeStream: ({ path, data }) => {
        if (path === 'secret') return 'permission-denied';
        if (path !== 'stream') return 'not-found';
        return { status: 'ok', initialData: { json: { said: data } } };
      },
    });
    assert.deepEqual(await plugin.subscribe('stream', { q: 1 }), {
      status: 'ok',
      initialData: { said: { q: 1 } },
    });
    assert.equal((await plugin.subscribe('secret')).status, 'permission-denied');
    assert.equal((await plugin.subscribe('other')).status, 'not-found');
  });

  test('frames go out as JSON, whole or in parts', async () => {
    await using plugin = await serving({
      async *runStream() {
        yield { frame: frameOf(), include: 'schema' };
        yield { frame: frameOf(7), include: 'data' };
        yield frameOf(8);
        yield { json: ['anything'] };
      },
    });
    const packets = await Array.fromAsync(plugin.run('stream'));
    const keys = packets.map((packet) => Object.keys(packet as object));
    assert.deepEqual(keys, [['schema'], ['data'], ['schema', 'data'], ['0']]);
  });

  test('nobody listens any more: the generator is returned and its signal aborted', async () => {
    const left: string[] = [];
    const over = Promise.withResolvers<void>();
    await using plugin = await serving({
      async *runStream({ signal }) {
        signal.addEventListener('abort', () => left.push('aborted'));
        try {
          for (let i = 0; ; i += 1) {
            yield { json: i };
            await sleep(1, undefined, { signal });
          }
        } finally {
          left.push('finally');
          over.resolve();
        }
      },
    });
    for await (const packet of plugin.run('stream')) if (packet === 2) break;
    await over.promise;
    assert.deepEqual(left, ['aborted', 'finally']);
  });

  test('a throw ends the stream with an error, a return without', async () => {
    await using plugin = await serving({
      async *runStream({ path }) {
        yield { json: 1 };
        if (path === 'bad') throw downstreamError('the source is gone');
      },
    });
    await assert.rejects(Array.fromAsync(plugin.run('bad')), {
      code: 'UNKNOWN',
      message: 'the source is gone',
    });
    assert.deepEqual(await Array.fromAsync(plugin.run('good')), [1]);
  });

  test('a message is published, or refused', async () => {
    await using plugin = await serving({
      publishStream: ({ path, data }) =>
        path === 'chat' ? { status: 'ok', data: { json: data } } : 'permission-denied',
    });
    assert.deepEqual(await plugin.publish('chat', { hello: 1 }), { status: 'ok', data: { hello: 1 } });
    assert.equal((await plugin.publish('other', {})).status, 'permission-denied');
  });
});
