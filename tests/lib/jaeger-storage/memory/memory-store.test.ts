import assert from 'node:assert/strict';
import { memoryStore } from '../../../../lib/jaeger-storage/memory/memory-store.ts';
import { as, encode } from '../contract/fixtures.ts';
import { Trial } from '../contract/trial.ts';

suite('memoryStore', () => {
  test('with a maximum, the traces that came first go, with all that is known of them', async () => {
    const trial = new Trial(memoryStore({ maxTraces: 2 }), 'otlp');
    await trial.write([{ traceId: '1', service: 'first' }]);
    await trial.write([{ traceId: '2' }, { traceId: '1', spanId: '2', service: 'first' }]);
    assert.equal((await trial.read(['1', '2'])).length, 2);
    await trial.write([{ traceId: '3' }]);
    assert.deepEqual(await trial.read(['1']), []);
    assert.deepEqual(await trial.ids({ service: 'first' }), []);
    assert.deepEqual(await trial.store.services(as('')), ['a-service']);
    await trial.assertTrace('2', [{ traceId: '2' }]);
    await trial.assertTrace('3', [{ traceId: '3' }]);
  });

  test('the maximum is one for each tenant', async () => {
    const trial = new Trial(memoryStore({ maxTraces: 1 }), 'jaeger');
    for (const tenant of ['a', 'b']) await trial.write([{}], { tenant });
    for (const tenant of ['a', 'b']) await trial.assertTrace('1', [{}], tenant);
  });

  test('a batch of more traces than there may be leaves the last', async () => {
    const trial = new Trial(memoryStore({ maxTraces: 3 }), 'otlp');
    await trial.write(['1', '2', '3', '4', '5'].map((traceId) => ({ traceId })));
    assert.deepEqual([...(await trial.ids({}))].sort(), ['3', '4', '5']);
  });

  for (const maxTraces of [0, -1, 1.5, Number.NaN]) {
    test(`a maximum of ${maxTraces} is none`, () =>
      assert.throws(() => memoryStore({ maxTraces }), RangeError));
  }

  test('a search that finds nothing gives nothing to wait for', async () => {
    const store = memoryStore();
    await store.write(encode('otlp', []), as(''));
    for await (const part of store.findTraces({ limit: 1 }, as('')))
      assert.fail(`found ${part.spans.length}`);
    await store.close();
  });
});
