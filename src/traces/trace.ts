import { fromBinary } from '@bufbuild/protobuf';
import {
  readSpans,
  type SpanRecord,
  SpanSchema,
  type TracePart,
  toOtlp,
  valueTexts,
} from '#lib/jaeger-storage';

/** A span, as people look at it. Times are Unix nanoseconds. */
export interface Span {
  /** In hex. */
  readonly spanId: string;
  /** In hex; undefined for a root. */
  readonly parentSpanId: string | undefined;
  readonly service: string;
  readonly operation: string;
  /** Lower case; '' where the span says none. */
  readonly kind: string;
  readonly startNs: bigint;
  readonly durationNs: bigint;
  readonly isError: boolean;
  /** What its status says; '' for nothing. */
  readonly statusMessage: string;
  /** By name, as text. Of equal names the last one. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
  /** In their order in time. */
  readonly events: readonly SpanEvent[];
}

export interface SpanEvent {
  readonly timeNs: bigint;
  readonly name: string;
}

/** A trace. It has at least one span. */
export interface Trace {
  /** In hex, 32 digits. */
  readonly traceId: string;
  /** By start, and parents before children that start with them. */
  readonly spans: readonly Span[];
}

/** Puts together what a store tells of traces part by part, each trace's parts one after another. */
export async function* readTraces(parts: AsyncIterable<TracePart>): AsyncGenerator<Trace> {
  let traceId: string | undefined;
  let spans: Span[] = [];
  for await (const part of parts) {
    const id = hexOf(part.traceId);
    if (id !== traceId && traceId !== undefined) {
      yield { traceId, spans: spans.toSorted(byStart) };
      spans = [];
    }
    traceId = id;
    for (const encoded of part.spans) spans.push(...readSpans(toOtlp(encoded)).map(spanOf));
  }
  if (traceId !== undefined) yield { traceId, spans: spans.toSorted(byStart) };
}

function byStart(a: Span, b: Span): number {
  if (a.startNs !== b.startNs) return a.startNs < b.startNs ? -1 : 1;
  return a.parentSpanId === b.spanId ? 1 : b.parentSpanId === a.spanId ? -1 : 0;
}

function spanOf(record: SpanRecord): Span {
  return {
    spanId: hexOf(record.spanId),
    parentSpanId: record.parentSpanId === undefined ? undefined : hexOf(record.parentSpanId),
    service: record.resource.service,
    operation: record.operation,
    kind: record.kind,
    startNs: record.startNs,
    durationNs: record.durationNs,
    isError: record.isError,
    attributes: textsOf(record.attributes.filter(({ level }) => level === 'span')),
    resource: textsOf(record.resource.attributes),
    ...decoded(record.bytes),
  };
}

function textsOf(attributes: SpanRecord['attributes']): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueTexts(value)[0] ?? '']));
}

/** What stores don't look at. A span whose texts are no UTF-8 is shown without. */
function decoded(bytes: Uint8Array): Pick<Span, 'statusMessage' | 'events'> {
  try {
    const { status, events } = fromBinary(SpanSchema, bytes);
    return {
      statusMessage: status?.message ?? '',
      events: events
        .map(({ timeUnixNano, name }) => ({ timeNs: timeUnixNano, name }))
        .toSorted((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0)),
    };
  } catch {
    return { statusMessage: '', events: [] };
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
