import { fromBinary } from '@bufbuild/protobuf';
import type { Client as GrpcClient } from '@grpc/grpc-js';
import { RpcError } from '#lib/go-plugin';
import { TraceStoreError, type TraceStoreErrorCode } from '../../../../lib/jaeger-storage/errors.ts';
import { ExportTraceServiceResponseSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_service_pb.ts';
import { readSpans } from '../../../../lib/jaeger-storage/spans/read-spans.ts';
import { splitBySize } from '../../../../lib/jaeger-storage/spans/write-spans.ts';
import type {
  EncodedSpans,
  RequestContext,
  SpanFormat,
  TracePart,
  WriteResult,
} from '../../../../lib/jaeger-storage/trace-store.ts';
import { unary } from './raw-calls.ts';

export const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
export const WRITE_SPAN = '/jaeger.storage.v1.SpanWriterPlugin/WriteSpan';
export const WRITE_SPAN_STREAM = '/jaeger.storage.v1.StreamingSpanWriterPlugin/WriteSpanStream';

/** Metadata, and more, of a call on somebody's behalf. On the wire a tenant has a name, in ASCII. */
export function callOptions({ tenant, signal }: RequestContext) {
  return { signal, metadata: { 'x-tenant': encodeURIComponent(tenant) || '-' } };
}

/** From so many spans on they are sent so many at a time, as Jaeger's collector does: one by one takes seconds. */
const manySpans = 1000;
const atATime = 64;

/** Each format by the interface that knows it: OTLP's by Export, Jaeger's span by span. */
export async function writeTo(
  connection: GrpcClient,
  spans: EncodedSpans,
  context: RequestContext,
): Promise<WriteResult> {
  return rethrown(async () => {
    if (spans.format === 'otlp') return exportSpans(connection, spans, context);
    const each = [...splitBySize(spans, 0, 1)];
    const width = each.length >= manySpans ? atATime : 1;
    for (let from = 0; from < each.length; from += width) {
      const some = each.slice(from, from + width);
      await Promise.all(some.map(({ bytes }) => unary(connection, WRITE_SPAN, bytes, callOptions(context))));
    }
    return { accepted: each.length, rejected: 0 };
  });
}

async function exportSpans(
  connection: GrpcClient,
  { bytes }: EncodedSpans,
  context: RequestContext,
): Promise<WriteResult> {
  const answer = fromBinary(
    ExportTraceServiceResponseSchema,
    await unary(connection, EXPORT, bytes, callOptions(context)),
  );
  // The answer names those that were rejected only.
  const accepted = readSpans({ format: 'otlp', bytes }).length;
  const { rejectedSpans = 0n, errorMessage = '' } = answer.partialSuccess ?? {};
  return { accepted, rejected: Number(rejectedSpans), ...(errorMessage && { reason: errorMessage }) };
}

/** The parts that the messages of an answer are, each of which holds spans of one trace. */
export async function* partsOf(
  messages: AsyncIterable<Uint8Array<ArrayBuffer>>,
  format: SpanFormat,
): AsyncGenerator<TracePart> {
  try {
    for await (const bytes of messages) {
      const spans: EncodedSpans = { format, bytes };
      const [first] = readSpans(spans);
      if (first === undefined) throw new Error('a message without spans');
      yield { traceId: first.traceId, spans: [spans] };
    }
  } catch (error) {
    throw storeError(error);
  }
}

export async function rethrown<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw storeError(error);
  }
}

const codes: Readonly<Record<string, TraceStoreErrorCode>> = {
  INVALID_ARGUMENT: 'INVALID',
  UNIMPLEMENTED: 'UNSUPPORTED',
  UNAVAILABLE: 'BUSY',
  RESOURCE_EXHAUSTED: 'FULL',
  INTERNAL: 'FAILED',
};

function storeError(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const code = codes[error.code];
  return code === undefined ? error : new TraceStoreError(code, error.message, { cause: error });
}
