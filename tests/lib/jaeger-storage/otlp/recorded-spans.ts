import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';

/** A server's span and the client's within it, with everything that spans can have, as OpenTelemetry's SDK makes them. */
export function recordedSpans(): ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop' }),
    spanProcessors: [
      {
        onStart() {},
        onEnd: (span) => spans.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  const tracer = provider.getTracer('test', '1.0');
  const parent = tracer.startSpan('buy', { kind: SpanKind.SERVER, attributes: { price: 7, rebate: 0.5 } });
  const child = tracer.startSpan(
    'pay',
    { kind: SpanKind.CLIENT, links: [{ context: parent.spanContext() }] },
    trace.setSpan(ROOT_CONTEXT, parent),
  );
  child.addEvent('declined', { 'card.last': '1234' });
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'too poor' });
  child.end();
  parent.end();
  return spans;
}
