import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import { type Call, type Interceptor, messageOf, RpcError } from '#lib/go-plugin';

type Metadata = Call['metadata'];

/** Services that write. */
const writers: ReadonlySet<string> = new Set([
  'jaeger.storage.v1.SpanWriterPlugin',
  'jaeger.storage.v1.StreamingSpanWriterPlugin',
  'jaeger.storage.v1.ArchiveSpanWriterPlugin',
  'opentelemetry.proto.collector.trace.v1.TraceService',
]);

/** In which nobody's SDK makes spans. Such a key is the same for all who give it this name, as the SDK does. */
const untraced = ROOT_CONTEXT.setValue(
  createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'),
  true,
);

const getter: TextMapGetter<Metadata> = {
  get(metadata, key) {
    const values = metadata.getAll(key);
    return values.length === 0 ? undefined : [...values];
  },
  keys: (metadata) => [...metadata.names()],
};

/**
 * A span of kind SERVER around each call that reads, in the trace that the call's metadata name; seen by those who have
 * set up an SDK of OpenTelemetry, since this uses its API alone.
 *
 * Writes are not traced: their spans would be written here, too, and make spans again.
 */
export const tracingInterceptor: Interceptor = (call, run) => {
  if (writers.has(call.service)) return context.with(untraced, run);
  const { service, method, metadata } = call;
  const parent = propagation.extract(ROOT_CONTEXT, metadata, getter);
  const options = {
    kind: SpanKind.SERVER,
    attributes: { 'rpc.system': 'grpc', 'rpc.service': service, 'rpc.method': method },
  };
  // Asked for each time: who sets up tracing may do so when this has been loaded.
  const tracer = trace.getTracer('crosslink/jaeger-storage');
  return tracer.startActiveSpan(`${service}/${method}`, options, parent, async (span) => {
    try {
      await run();
    } catch (error) {
      describe(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
};

/** That a client has left, or asked for what is not there, is nothing that went wrong. */
const harmless: ReadonlySet<string> = new Set([
  'CANCELLED',
  'NOT_FOUND',
  'UNIMPLEMENTED',
  'INVALID_ARGUMENT',
]);

function describe(span: Span, error: unknown): void {
  const code = error instanceof RpcError ? error.code : 'UNKNOWN';
  span.setAttribute('rpc.response.status_code', code);
  if (!harmless.has(code)) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
}
