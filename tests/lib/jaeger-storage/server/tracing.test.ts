import assert from 'node:assert/strict';
import { context, type Span, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type Call, RpcError } from '#lib/go-plugin';
import { tracingInterceptor } from '../../../../lib/jaeger-storage/server/tracing.ts';
import { encode } from '../contract/fixtures.ts';
import { unary } from '../grpc/raw-calls.ts';
import { EXPORT } from '../grpc/remote-store.ts';
import { served } from '../grpc/serving.ts';
import { recordingSpans } from './recording-spans.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';

function callOf(service: string, method: string, headers: Record<string, string> = {}): Call {
  return {
    ...{ service, method, kind: 'unary', signal: new AbortController().signal, deadline: undefined },
    metadata: {
      get: (name) => headers[name],
      getAll: (name) => (headers[name] === undefined ? [] : [headers[name]]),
      getBinary: () => undefined,
      names: () => Object.keys(headers),
    },
  };
}

suite('tracing of calls', () => {
  const spans = recordingSpans();

  test('a read is a span in the trace that its client names', async () => {
    const traceparent = `00-${TRACE_ID}-${PARENT_ID}-01`;
    let inside: Span | undefined;
    const read = callOf('jaeger.storage.v2.TraceReader', 'GetTraces', { traceparent });
    await tracingInterceptor(read, async () => {
      inside = trace.getActiveSpan();
    });
    const span = spans.named('jaeger.storage.v2.TraceReader/GetTraces', TRACE_ID);
    assert.equal(span.parentSpanContext?.spanId, PARENT_ID);
    assert.equal(inside?.spanContext().spanId, span.spanContext().spanId);
    assert.equal(span.kind, 1, 'SERVER');
    assert.deepEqual(span.attributes, {
      'rpc.system': 'grpc',
      'rpc.service': 'jaeger.storage.v2.TraceReader',
      'rpc.method': 'GetTraces',
    });
  });

  for (const [error, isError] of [
    [new RpcError('INTERNAL', 'broken'), true],
    [new TypeError('a bug'), true],
    [new RpcError('NOT_FOUND', 'trace not found'), false],
    [new RpcError('CANCELLED', 'left'), false],
  ] as const) {
    test(`${error.name} '${error.message}' ${isError ? 'is an error of the span' : 'is no error'}`, async () => {
      const method = `Get${error.message.replaceAll(' ', '')}`;
      const call = callOf('jaeger.storage.v1.SpanReaderPlugin', method);
      await assert.rejects(
        tracingInterceptor(call, async () => {
          throw error;
        }),
        error,
      );
      const span = spans.named(`jaeger.storage.v1.SpanReaderPlugin/${method}`);
      assert.equal(span.status.code, isError ? 2 : 0);
    });
  }

  for (const [service, method] of [
    ['jaeger.storage.v1.SpanWriterPlugin', 'WriteSpan'],
    ['jaeger.storage.v1.StreamingSpanWriterPlugin', 'WriteSpanStream'],
    ['jaeger.storage.v1.ArchiveSpanWriterPlugin', 'WriteArchiveSpan'],
    ['opentelemetry.proto.collector.trace.v1.TraceService', 'Export'],
  ] as const) {
    test(`${method} is not traced, nor is what happens in it`, async () => {
      const traceparent = `00-${TRACE_ID}-${PARENT_ID}-01`;
      await tracingInterceptor(callOf(service, method, { traceparent }), async () => {
        assert.equal(trace.getActiveSpan(), undefined);
        assert.ok(isTracingSuppressed(context.active()));
        const span = trace.getTracer('a store').startSpan('INSERT');
        assert.equal(span.isRecording(), false);
        span.end();
      });
      assert.equal(spans.count(`${service}/${method}`), 0);
    });
  }
});

suite('tracing of a server', () => {
  const spans = recordingSpans();

  test('a read over the wire goes on with the trace of its client, a write is not seen', () =>
    served({}, async ({ connection }) => {
      const metadata = { traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` };
      await unary(connection, EXPORT, encode('otlp', [{}]).bytes, { metadata });
      await unary(connection, '/jaeger.storage.v2.TraceReader/GetServices', new Uint8Array(), { metadata });
      const span = spans.named('jaeger.storage.v2.TraceReader/GetServices', TRACE_ID);
      assert.equal(span.parentSpanContext?.spanId, PARENT_ID);
      assert.equal(spans.count('opentelemetry.proto.collector.trace.v1.TraceService/Export'), 0);
    }));
});
