import type { Trace, TraceSummary } from '#src/traces';

/** For programs: times and durations are nanoseconds, as text, since a number of JSON does not hold them. */
export function listJson(traces: readonly TraceSummary[]): string {
  return text(
    traces.map(({ traceId, service, operation, startNs, durationNs, spans, errors, services }) => ({
      traceId,
      service,
      operation,
      startTimeUnixNano: String(startNs),
      durationNano: String(durationNs),
      spans,
      errors,
      services,
    })),
  );
}

/** Its spans by start, each with the id of its parent. */
export function traceJson({ traceId, spans }: Trace): string {
  return text({
    traceId,
    spans: spans.map((span) => ({
      spanId: span.spanId,
      parentSpanId: span.parentSpanId ?? null,
      service: span.service,
      operation: span.operation,
      kind: span.kind,
      startTimeUnixNano: String(span.startNs),
      durationNano: String(span.durationNs),
      error: span.isError,
      statusMessage: span.statusMessage,
      attributes: span.attributes,
      resource: span.resource,
      events: span.events.map(({ timeNs, name }) => ({ timeUnixNano: String(timeNs), name })),
    })),
  });
}

function text(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
