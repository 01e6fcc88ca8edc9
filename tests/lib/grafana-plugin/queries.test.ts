import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import {
  byQueryType,
  DatasourceError,
  downstreamError,
  perQuery,
} from '../../../lib/grafana-plugin/index.ts';
import { frameOf, serving, valuesOf } from './serving.ts';

suite('queries', () => {
  for (const format of ['arrow', 'json'] as const) {
    test(`are answered in ${format} where Grafana asks for it`, async () => {
      await using plugin = await serving({
        queryData: () => ({ A: frameOf(1, 2, 3), B: [frameOf(4), frameOf(5)] }),
      });
      const answers = await plugin.query([{ refId: 'A' }, { refId: 'B' }], { format });
      assert.deepEqual(valuesOf(answers.get('A')?.frames[0]), [1, 2, 3]);
      assert.deepEqual(answers.get('B')?.frames.map(valuesOf), [[4], [5]]);
      assert.equal(answers.get('A')?.status, 200);
      assert.equal(answers.get('A')?.frames[0]?.refId, 'A', 'a frame without a refId gets that of its query');
    });
  }

  test('one that is wrong, and one that throws, fail alone', async () => {
    await using plugin = await serving({
      queryData: perQuery(z.object({ limit: z.number() }), ({ refId, model }) => {
        if (refId === 'C') throw downstreamError('the database is away', { status: 503 });
        if (refId === 'D') throw new Error('a bug');
        return frameOf(model.limit);
      }),
    });
    const answers = await plugin.query([
      { refId: 'A', limit: 1 },
      { refId: 'B', limit: 'x' },
      { refId: 'C', limit: 1 },
      { refId: 'D', limit: 1 },
    ]);
    const shown = [...answers].map(([refId, { status, error, errorSource, frames }]) => [
      refId,
      status,
      errorSource,
      error !== '',
      frames.length,
    ]);
    assert.deepEqual(shown.toSorted(), [
      ['A', 200, '', false, 1],
      ['B', 400, 'downstream', true, 0],
      ['C', 503, 'downstream', true, 0],
      ['D', 500, 'plugin', true, 0],
    ]);
    assert.match(answers.get('B')?.error ?? '', /the query is wrong: .*limit/s);
  });

  test('a frame that can not be put on the wire fails its query alone', async () => {
    const broken = { ...frameOf(1), fields: [frameOf(1).fields[0], frameOf(1, 2).fields[1]] };
    await using plugin = await serving({
      queryData: () => ({ A: frameOf(1), B: broken as ReturnType<typeof frameOf> }),
    });
    const answers = await plugin.query([{ refId: 'A' }, { refId: 'B' }]);
    assert.equal(answers.get('A')?.status, 200);
    assert.equal(answers.get('B')?.status, 500);
    assert.match(answers.get('B')?.error ?? '', /rows/);
  });

  test('frames and an error may come together', async () => {
    await using plugin = await serving({
      queryData: () => ({
        A: { frames: [frameOf(1)], error: new DatasourceError('cut short', { status: 422 }) },
      }),
    });
    const answer = (await plugin.query([{ refId: 'A' }])).get('A');
    assert.equal(answer?.frames.length, 1);
    assert.equal(answer?.status, 422);
    assert.equal(answer?.error, 'cut short');
  });

  test('a throw of the whole names whose fault it is', async () => {
    await using plugin = await serving({
      queryData() {
        throw downstreamError('no route');
      },
    });
    await assert.rejects(plugin.query([{ refId: 'A' }]), { code: 'UNKNOWN', message: 'no route' });
  });

  test('find their function by type, and one of no known type fails alone', async () => {
    const values = (value: number) => perQuery(z.unknown(), () => frameOf(value));
    await using plugin = await serving({ queryData: byQueryType({ logs: values(1), traces: values(2) }) });
    const answers = await plugin.query([
      { refId: 'A', queryType: 'logs' },
      { refId: 'B', queryType: 'traces' },
      { refId: 'C', queryType: 'constructor' },
    ]);
    assert.deepEqual(valuesOf(answers.get('A')?.frames[0]), [1]);
    assert.deepEqual(valuesOf(answers.get('B')?.frames[0]), [2]);
    assert.equal(answers.get('C')?.status, 501);
  });

  test('run no more at a time than Grafana is configured for', async () => {
    let running = 0;
    let most = 0;
    await using plugin = await serving({
      queryData: perQuery(z.unknown(), async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(1);
        running -= 1;
        return frameOf(1);
      }),
    });
    const queries = Array.from({ length: 12 }, (_, i) => ({ refId: `Q${i}` }));
    const answers = await plugin.query(queries, { grafana: { GF_CONCURRENT_QUERY_COUNT: '3' } });
    assert.equal(answers.size, 12);
    assert.equal(most, 3);
  });

  test('a refId of any spelling is only a name', async () => {
    await using plugin = await serving({ queryData: perQuery(z.unknown(), () => frameOf(1)) });
    const answers = await plugin.query([{ refId: '__proto__' }, { refId: 'constructor' }, { refId: '' }]);
    assert.deepEqual([...answers.keys()].toSorted(), ['', '__proto__', 'constructor']);
  });

  test('a query that nobody waits for is aborted', async () => {
    const aborted = Promise.withResolvers<void>();
    await using plugin = await serving({
      async queryData({ signal }) {
        signal.addEventListener('abort', () => aborted.resolve());
        waiting.resolve();
        await aborted.promise;
        return {};
      },
    });
    const waiting = Promise.withResolvers<void>();
    const controller = new AbortController();
    const query = plugin.query([{ refId: 'A' }], { signal: controller.signal });
    await waiting.promise;
    controller.abort();
    await assert.rejects(query, { code: 'CANCELLED' });
    await aborted.promise;
  });
});
