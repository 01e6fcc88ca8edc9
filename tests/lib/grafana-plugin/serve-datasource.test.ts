import assert from 'node:assert/strict';
import * as z from 'zod';
import { startTestPlugin } from '../../../lib/grafana-plugin/testing/index.ts';
import { frameOf, id, serving } from './serving.ts';

suite('instances of a served datasource', () => {
  test('settings that a schema refuses are shown where the answer would be', async () => {
    await using plugin = await startTestPlugin({
      id,
      settings: z.object({ limit: z.number() }),
      create: ({ jsonData }) => ({
        queryData: () => ({ A: frameOf(jsonData.limit) }),
        checkHealth: () => ({ status: 'ok', message: `limit ${jsonData.limit}` }),
      }),
    });
    const good = { jsonData: { limit: 3 } };
    assert.deepEqual(await plugin.checkHealth(good), { status: 'ok', message: 'limit 3' });
    const bad = { jsonData: { limit: 'x' }, updated: new Date(1) };
    const health = await plugin.checkHealth(bad);
    assert.equal(health.status, 'error');
    assert.match(health.message, /its settings are wrong: .*limit/s);
    assert.equal((await plugin.query([{ refId: 'A' }], bad)).get('A')?.status, 400);
  });

  test('saved settings make another, and the end disposes of all', async () => {
    const made: string[] = [];
    const disposed: string[] = [];
    const plugin = await startTestPlugin({
      id,
      create: ({ uid, updated }) => {
        const name = `${uid}@${updated.getTime()}`;
        made.push(name);
        return {
          checkHealth: () => ({ status: 'ok', message: name }),
          dispose: () => void disposed.push(name),
        };
      },
    });
    for (const [uid, ms] of [
      ['a', 1],
      ['a', 1],
      ['b', 1],
      ['a', 2],
    ] as const) {
      assert.equal((await plugin.checkHealth({ uid, updated: new Date(ms) })).message, `${uid}@${ms}`);
    }
    assert.deepEqual(made, ['a@1', 'b@1', 'a@2']);
    await plugin.stop();
    assert.deepEqual(disposed.toSorted(), ['a@1', 'a@2', 'b@1']);
  });
});

suite('health', () => {
  test('has a message, and details where there are some', async () => {
    await using plugin = await serving({
      checkHealth: () => ({ status: 'ok', message: 'fine', details: { version: 3 } }),
    });
    assert.deepEqual(await plugin.checkHealth(), { status: 'ok', message: 'fine', details: { version: 3 } });
  });

  test('a throw is an answer that Grafana shows', async () => {
    await using plugin = await serving({
      checkHealth() {
        throw new Error('wrong password');
      },
    });
    assert.deepEqual(await plugin.checkHealth(), { status: 'error', message: 'wrong password' });
  });

  test('a plugin without one says so', async () => {
    await using plugin = await serving({});
    await assert.rejects(plugin.checkHealth(), { code: 'UNIMPLEMENTED' });
  });
});
