import { type Attributes, context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** Spans of this process, from {@link startRecording} on. */
export interface Recording {
  /**
   * Ends it.
   * @returns the spans that have ended by now, as the body of an OTLP request in protobuf; undefined when there are
   * none
   */
  stop(): Uint8Array | undefined;
}

/** No hook comes near; a loop that went wild must not fill the memory. */
const mostSpans = 5_000;

/**
 * Makes what is instrumented with `@opentelemetry/api` record from now on, in all of this process.
 * @param attributes - of the resource: who it is that does all this
 */
export function startRecording(attributes: Attributes): Recording {
  const spans: ReadableSpan[] = [];
  const processor: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      if (spans.length < mostSpans) spans.push(span);
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const resource = defaultResource().merge(resourceFromAttributes(attributes));
  // Follows promises, so that a call to Grafana finds the span that it belongs to.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ resource, spanProcessors: [processor] }));
  return {
    stop() {
      trace.disable();
      context.disable();
      if (spans.length === 0) return undefined;
      return ProtobufTraceSerializer.serializeRequest(spans);
    },
  };
}
