import assert from 'node:assert/strict';
import { clientOf } from '#lib/go-plugin';
import { TraceStoreError } from '../../../../lib/jaeger-storage/errors.ts';
import { PluginCapabilities, SpanWriterPlugin } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { countSpans } from '../../../../lib/jaeger-storage/spans/write-spans.ts';
import type { TraceStore } from '../../../../lib/jaeger-storage/trace-store.ts';
import { collect, eventually, rejected } from '../../go-plugin/helpers.ts';
import { as, encode, type SpanSpec, traceIdOf } from '../contract/fixtures.ts';
import { clientStream, unary } from '../grpc/raw-calls.ts';
import { WRITE_SPAN, WRITE_SPAN_STREAM } from '../grpc/remote-store.ts';
import { served } from '../grpc/serving.ts';
import { storeWith } from '../grpc/store-with.ts';

/** A WriteSpanRequest, which has the bytes of a chunk of one span. */
const request = (spec: SpanSpec = {}) => encode('jaeger', [spec]).bytes;
const numbered = (at: number) => request({ spanId: at.toString(16) });

async function countOf(traces: TraceStore, traceId = '1'): Promise<number> {
  let count = 0;
  for await (const { spans } of traces.traces([{ traceId: traceIdOf(traceId) }], as(''))) {
    for (const some of spans) count += countSpans(some);
  }
  return count;
}

suite('SpanWriterPlugin of storage_v1', () => {
  test('stores a span, byte for byte', () =>
    served({}, async ({ connection, traces }) => {
      const bytes = request({ attributes: { key: 'value' }, resource: { host: 'a' } });
      assert.equal((await unary(connection, WRITE_SPAN, bytes)).length, 0);
      const [part] = await collect(traces.traces([{ traceId: traceIdOf('1') }], as('')));
      assert.deepEqual(part?.spans[0]?.bytes, bytes);
    }));

  const bad: Readonly<Record<string, [Uint8Array, RegExp]>> = {
    'a span whose trace id is zero': [request({ traceId: '0' }), /trace id is all zero/],
    'a request without a span': [new Uint8Array(), /no span/],
    'a request that is cut off': [request().slice(0, -5), /./],
    garbage: [new Uint8Array(100).fill(255), /./],
  };
  for (const [what, [bytes, message]] of Object.entries(bad)) {
    test(`refuses ${what}, and goes on`, () =>
      served({}, async ({ connection, traces }) => {
        await assert.rejects(unary(connection, WRITE_SPAN, bytes), rejected('INVALID_ARGUMENT', message));
        await unary(connection, WRITE_SPAN, request());
        assert.equal(await countOf(traces), 1);
      }));
  }

  test('stores a tag of 10 MB', () =>
    served({}, async ({ connection, traces }) => {
      const bytes = request({ attributes: { large: 'x'.repeat(10_000_000) } });
      await unary(connection, WRITE_SPAN, bytes);
      const stream = clientStream(connection, WRITE_SPAN_STREAM);
      await stream.write(request({ spanId: '2', attributes: { large: 'y'.repeat(10_000_000) } }));
      await stream.end();
      assert.equal(await countOf(traces), 2);
    }));

  test('answers Close, and lives on', () =>
    served({}, async ({ connection, traces }) => {
      await clientOf(SpanWriterPlugin, connection).close({});
      await unary(connection, WRITE_SPAN, request());
      assert.equal(await countOf(traces), 1);
    }));
});

suite('StreamingSpanWriterPlugin of storage_v1', () => {
  test('stores all that came when its client ends the stream, and only then answers', () =>
    served({}, async ({ connection, traces }) => {
      const stream = clientStream(connection, WRITE_SPAN_STREAM);
      for (let at = 1; at <= 3000; at++) await stream.write(numbered(at));
      assert.equal((await stream.end()).length, 0);
      assert.equal(await countOf(traces), 3000);
    }));

  test('a reader sees spans while the stream goes on', () =>
    served({}, async ({ connection, traces }) => {
      const stream = clientStream(connection, WRITE_SPAN_STREAM);
      await stream.write(request());
      await eventually('the span', async () => (await countOf(traces)) === 1);
      await stream.end();
    }));

  test('writes together what came while the store was busy with what came before', async () => {
    const writes: number[] = [];
    const traces = storeWith({
      async write(spans, context) {
        writes.push(countSpans(spans));
        await new Promise((resolve) => setTimeout(resolve, 20));
        return traces.memory.write(spans, context);
      },
    });
    await served({ traces }, async ({ connection }) => {
      const stream = clientStream(connection, WRITE_SPAN_STREAM);
      for (let at = 1; at <= 500; at++) await stream.write(numbered(at));
      await stream.end();
      assert.equal(
        writes.reduce((sum, count) => sum + count, 0),
        500,
      );
      assert.ok(writes.length < 100, `${writes.length} writes`);
    });
  });

  test('reads no further than so much while the store writes', async () => {
    const { promise: mayWrite, resolve: write } = Promise.withResolvers<void>();
    const traces = storeWith({
      async write(spans, context) {
        await mayWrite;
        return traces.memory.write(spans, context);
      },
    });
    await served({ traces }, async ({ connection }) => {
      const stream = clientStream(connection, WRITE_SPAN_STREAM);
      const large = (at: number) =>
        request({ spanId: at.toString(16), attributes: { large: 'x'.repeat(50_000) } });
      let sent = 0;
      const sending = (async () => {
        for (; sent < 200; sent++) await stream.write(large(sent + 1));
      })();
      let before = -1;
      await eventually('a standstill', async () => {
        const isStill = sent === before;
        before = sent;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return isStill && sent === before;
      });
      assert.ok(sent < 150, `${sent} of 200 spans of 50 kB were taken`);
      write();
      await sending;
      await stream.end();
      assert.equal(await countOf(traces), 200);
    });
  });

  test('a message that is no span is counted, and spoils no other', () =>
    served({}, async ({ connection, traces, lines }) => {
      const stream = clientStream(connection, WRITE_SPAN_STREAM);
      const messages = [
        numbered(1),
        // Says that it is longer than it is, and would swallow the next one.
        numbered(2).slice(0, -5),
        numbered(3),
        // Whole, but nonsense within.
        Uint8Array.of(10, 3, 255, 255, 255),
        new Uint8Array(),
        new Uint8Array(100).fill(255),
        request({ traceId: '0' }),
        numbered(4),
      ];
      await Promise.all(messages.map((message) => stream.write(message)));
      await stream.end();
      assert.equal(await countOf(traces), 3);
      const rejectedSpans = lines.at('warn').map(({ rejected }) => Number(rejected));
      assert.equal(
        rejectedSpans.reduce((sum, count) => sum + count, 0),
        5,
      );
    }));

  test('a client that vanishes takes nothing with it, and stands in nobody’s way', () =>
    served({}, async ({ connection, traces, lines }) => {
      const [stream, other] = [1, 2].map(() => clientStream(connection, WRITE_SPAN_STREAM));
      assert.ok(stream && other);
      for (let at = 1; at <= 10; at++) await stream.write(numbered(at));
      await eventually('all ten', async () => (await countOf(traces)) === 10);
      stream.cancel();
      await assert.rejects(stream.answer, rejected('CANCELLED', /./));
      await other.write(numbered(11));
      await other.end();
      assert.equal(await countOf(traces), 11);
      assert.deepEqual(lines.at('error'), []);
    }));

  test('waits for a store that has too much to do', async () => {
    let busy = 3;
    const traces = storeWith({
      async write(spans, context) {
        if (busy-- > 0) throw new TraceStoreError('BUSY', 'too much');
        return traces.memory.write(spans, context);
      },
    });
    await served({ traces }, async ({ connection }) => {
      const stream = clientStream(connection, WRITE_SPAN_STREAM);
      await stream.write(request());
      await stream.end();
      assert.equal(await countOf(traces), 1);
    });
  });

  test('ends when the store cannot store anything', async () => {
    const full = async () => {
      throw new TraceStoreError('FULL', 'no room left');
    };
    await served({ traces: storeWith({ write: full }) }, async ({ connection }) => {
      const stream = clientStream(connection, WRITE_SPAN_STREAM);
      await stream.write(request());
      await assert.rejects(stream.end(), rejected('RESOURCE_EXHAUSTED', 'no room left'));
    });
  });

  test('is answered with what it has sent when the server is drained', () =>
    served({}, async ({ connection, running, traces }) => {
      const stream = clientStream(connection, WRITE_SPAN_STREAM);
      for (let at = 1; at <= 100; at++) await stream.write(numbered(at));
      await eventually('the first spans', async () => (await countOf(traces)) > 0);
      await running.stop({ graceMs: 10_000 });
      await stream.answer;
      assert.equal(await countOf(traces), 100);
    }));
});

suite('PluginCapabilities of storage_v1', () => {
  const capabilities = async (options: Parameters<typeof served>[0]) => {
    let offered: Record<string, unknown> = {};
    await served(options, async ({ connection }) => {
      const answer = await clientOf(PluginCapabilities, connection).capabilities(
        {},
        { metadata: { 'x-tenant': 'a' } },
      );
      const { archiveSpanReader, archiveSpanWriter, streamingSpanWriter } = answer;
      offered = { archiveSpanReader, archiveSpanWriter, streamingSpanWriter };
    });
    return offered;
  };

  test('tell of an archive where there is one', async () => {
    const archive = { archiveSpanReader: true, archiveSpanWriter: true };
    assert.deepEqual(await capabilities({ archive: storeWith({}) }), {
      ...archive,
      streamingSpanWriter: true,
    });
    const none = { archiveSpanReader: false, archiveSpanWriter: false };
    assert.deepEqual(await capabilities({}), { ...none, streamingSpanWriter: true });
  });

  test('tell of no streams where they are not wanted, or would mix tenants', async () => {
    assert.equal((await capabilities({ streaming: false })).streamingSpanWriter, false);
    assert.equal((await capabilities({ tenancy: {} })).streamingSpanWriter, false);
    await served({ streaming: false }, async ({ connection }) => {
      await assert.rejects(
        clientStream(connection, WRITE_SPAN_STREAM).end(),
        rejected('UNIMPLEMENTED', /WriteSpanStream/),
      );
    });
  });
});
