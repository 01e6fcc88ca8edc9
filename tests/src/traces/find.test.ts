import assert from 'node:assert/strict';
import { findTrace, findTraces, type TraceReader, type Wanted } from '#src/traces';
import { memoryStore } from '../../../lib/jaeger-storage/memory/memory-store.ts';
import type { EncodedSpans, TraceStore } from '../../../lib/jaeger-storage/trace-store.ts';
import { all, context, encoded } from './traces.ts';

const [one, two, other] = ['abc1'.padEnd(32, '0'), 'abc2'.padEnd(32, '0'), 'def0'.padEnd(32, '0')];

async function readerOf(...spans: EncodedSpans[]): Promise<TraceReader> {
  const store: TraceStore = memoryStore();
  for (const batch of spans) await store.write(batch, context);
  return {
    ...context,
    traces: store.traces.bind(store),
    findTraces: store.findTraces.bind(store),
    findTraceIds: store.findTraceIds.bind(store),
    services: store.services.bind(store),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

const anything: Wanted = { tags: [], errors: false, limit: 10 };

suite('traces that are looked for', () => {
  test('come whole, the newest first, with what their spans tell', async () => {
    const more = {
      status: { code: 2, message: 'too poor' },
      events: [
        { timeUnixNano: 9n, name: 'second' },
        { timeUnixNano: 7n, name: 'first' },
      ],
      attributes: [{ key: 'price', value: { value: { case: 'intValue', value: 7n } } }],
    };
    await using reader = await readerOf(
      encoded({ traceId: one, startNs: 5n }, { traceId: two, startNs: 6n, more: more as never }),
      encoded({ traceId: one, startNs: 4n, spanId: 'bbbbbbbbbbbbbbbb', service: 'proxy', name: 'pass on' }),
    );
    const [first, second] = await all(findTraces(reader, anything));
    assert.deepEqual([first?.traceId, second?.traceId], [two, one]);
    assert.deepEqual(
      second?.spans.map(({ service, operation, startNs }) => [service, operation, startNs]),
      [
        ['proxy', 'pass on', 4n],
        ['shop', 'buy', 5n],
      ],
    );
    const span = first?.spans[0];
    assert.deepEqual(
      [span?.isError, span?.statusMessage, span?.attributes],
      [true, 'too poor', { price: '7' }],
    );
    assert.deepEqual(
      span?.events.map(({ name }) => name),
      ['first', 'second'],
    );
  });

  test('by service, operation, tag, error, age and duration', async () => {
    const error = { status: { code: 2, message: '' } };
    const tagged = { attributes: [{ key: 'k', value: { value: { case: 'stringValue', value: 'a=b' } } }] };
    await using reader = await readerOf(
      encoded({ traceId: one, service: 'a', name: 'x', startNs: 100n, durationNs: 5n, more: error as never }),
      encoded({
        traceId: two,
        service: 'b',
        name: 'y',
        startNs: 200n,
        durationNs: 50n,
        more: tagged as never,
      }),
    );
    const found = async (wanted: Partial<Wanted>) =>
      (await all(findTraces(reader, { ...anything, ...wanted }))).map(({ traceId }) => traceId);
    assert.deepEqual(await found({ service: 'a' }), [one]);
    assert.deepEqual(await found({ operation: 'y' }), [two]);
    assert.deepEqual(await found({ tags: [{ key: 'k', value: 'a=b' }] }), [two]);
    assert.deepEqual(await found({ errors: true }), [one]);
    assert.deepEqual(await found({ since: 150n }), [two]);
    assert.deepEqual(await found({ minDuration: 50n }), [two]);
    assert.deepEqual(await found({ maxDuration: 5n }), [one]);
    assert.deepEqual(await found({ limit: 1 }), [two]);
    assert.deepEqual(await found({ service: 'a', operation: 'y' }), []);
  });

  test('spans written by Jaeger 1.x are shown as well', async () => {
    // A WriteSpanRequest: trace id, span id, operation, process with its service.
    const id = Buffer.from(one, 'hex');
    const inner = [...[0x0a, 16, ...id], ...[0x12, 8, 1, 2, 3, 4, 5, 6, 7, 8], ...[0x1a, 1, 0x78]];
    const process = [0x52, 3, 0x0a, 1, 0x61];
    const bytes = Uint8Array.from([0x0a, inner.length + process.length, ...inner, ...process]);
    await using reader = await readerOf({ format: 'jaeger', bytes });
    const [trace] = await all(findTraces(reader, anything));
    assert.deepEqual(
      trace?.spans.map(({ service, operation, spanId }) => [service, operation, spanId]),
      [['a', 'x', '0102030405060708']],
    );
  });
});

suite('a trace by how its id begins', () => {
  test('all of it, a part of it, in capitals too', async () => {
    await using reader = await readerOf(encoded({ traceId: one }, { traceId: two }, { traceId: other }));
    for (const id of [one, one.toUpperCase(), 'abc1', 'ABC1', 'abc100000000']) {
      const found = await findTrace(reader, id);
      assert.equal(found.kind === 'found' && found.trace.traceId, one, id);
    }
  });

  test('several that begin so are all named', async () => {
    await using reader = await readerOf(encoded({ traceId: one }, { traceId: two }, { traceId: other }));
    const found = await findTrace(reader, 'abc');
    assert.deepEqual(found.kind === 'several' && found.ids.toSorted(), [one, two]);
  });

  test('an id of 64 bits, as Jaeger shows it', async () => {
    await using reader = await readerOf(encoded({ traceId: '00000000000000005b8efff798038103' }));
    assert.equal((await findTrace(reader, '5b8efff798038103')).kind, 'found');
  });

  test('none', async () => {
    await using reader = await readerOf(encoded({ traceId: one }));
    assert.deepEqual(await findTrace(reader, 'ffff'), { kind: 'none' });
    assert.deepEqual(await findTrace(reader, other), { kind: 'none' });
  });
});
