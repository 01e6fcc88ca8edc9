import assert from 'node:assert/strict';
import { RpcError } from '#lib/go-plugin';
import { countSpans } from '../../../../lib/jaeger-storage/spans/write-spans.ts';
import { writeStream } from '../../../../lib/jaeger-storage/storage-v1/write-stream.ts';
import { rejected } from '../../go-plugin/helpers.ts';
import { as, encode } from '../contract/fixtures.ts';
import { Lines } from '../grpc/serving.ts';
import { storeWith } from '../grpc/store-with.ts';

const request = (at: number, size = 1) =>
  encode('jaeger', [{ spanId: at.toString(16), attributes: { large: 'x'.repeat(size) } }]).bytes;

/** A store whose first write goes on until it is let go. */
function held() {
  const { promise, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const writes: number[] = [];
  const signals: AbortSignal[] = [];
  const traces = storeWith({
    async write(spans, { signal }) {
      begin();
      signals.push(signal);
      await promise;
      writes.push(countSpans(spans));
      return { accepted: 1, rejected: 0 };
    },
  });
  return { traces, letGo, begun, writes, signals };
}

suite('writing a stream', () => {
  test('what was read before the client vanished is written, and nobody can call it off', async () => {
    const { traces, letGo, begun, writes, signals } = held();
    const aborted = AbortSignal.abort();
    async function* requests() {
      yield request(1);
      await begun;
      for (let at = 2; at <= 10; at++) yield request(at);
      letGo();
      throw new RpcError('CANCELLED', 'the call was cancelled');
    }
    const options = { traces, log: new Lines().log, context: { ...as(''), signal: aborted } };
    await assert.rejects(writeStream(requests(), options), rejected('CANCELLED', /./));
    assert.deepEqual(writes, [1, 9]);
    assert.ok(signals.every((signal) => !signal.aborted));
  });

  test('reads a bounded amount while the store writes, and goes on when it is done', async () => {
    const { traces, letGo, begun, writes } = held();
    let read = 0;
    async function* requests() {
      for (; read < 100; read++) yield request(read + 1, 10_000);
    }
    const written = writeStream(requests(), { traces, log: new Lines().log, context: as('') });
    await begun;
    await new Promise(setImmediate);
    assert.ok(read < 60, `${read} of 100 spans of 10 kB were read`);
    letGo();
    await written;
    assert.equal(
      writes.reduce((sum, count) => sum + count, 0),
      100,
    );
  });

  test('ends a stream whose store fails, without reading on', async () => {
    let read = 0;
    async function* requests() {
      for (; read < 1_000_000; read++) yield request(1);
    }
    const traces = storeWith({
      async write() {
        throw new RpcError('INTERNAL', 'broken');
      },
    });
    const written = writeStream(requests(), { traces, log: new Lines().log, context: as('') });
    await assert.rejects(written, rejected('INTERNAL', 'broken'));
    assert.ok(read < 1_000_000);
  });
});
