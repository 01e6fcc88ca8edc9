import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** Sets OpenTelemetry's SDK up for the tests of a suite, as a program does that wants its traces. */
export function recordingSpans() {
  const ended: ReadableSpan[] = [];
  const processor: SpanProcessor = {
    onStart() {},
    onEnd: (span) => void ended.push(span),
    async forceFlush() {},
    async shutdown() {},
  };
  const release = () => {
    trace.disable();
    context.disable();
    propagation.disable();
  };
  suiteSetup(() => {
    release();
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [processor] }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  });
  suiteTeardown(release);

  return {
    named(name: string, traceId?: string): ReadableSpan {
      const found = ended.find(
        (span) => span.name === name && (traceId === undefined || span.spanContext().traceId === traceId),
      );
      if (found === undefined) throw new Error(`no span '${name}' among ${ended.map((span) => span.name)}`);
      return found;
    },
    count: (name: string) => ended.filter((span) => span.name === name).length,
  };
}
