import { hasServiceName } from './pseudo-attributes.ts';
import type { ResourceRecord, SpanRecord } from './span-record.ts';

/** What `jaeger.storage.v2.TraceSummary` says of one trace. */
export interface TraceSummary {
  /** 16 bytes */
  readonly traceId: Uint8Array;
  /** Of the span without a parent, of several the one that starts first; '' where there is none. */
  readonly rootServiceName: string;
  readonly rootOperationName: string;
  /** Unix nanoseconds of 64 bits: times before 1970 are 0. */
  readonly minStartTimeUnixNano: bigint;
  readonly maxEndTimeUnixNano: bigint;
  readonly spanCount: number;
  readonly errorSpanCount: number;
  /** Spans whose parent is not in the trace. */
  readonly orphanSpanCount: number;
  /** In order of their names. */
  readonly services: readonly ServiceSummary[];
}

export interface ServiceSummary {
  /** '' of those that do not say one */
  readonly name: string;
  readonly spanCount: number;
  readonly errorSpanCount: number;
}

/**
 * Sums up one trace as Jaeger does for stores that can't.
 * @param spans - all spans of the trace, at least one
 * @see jaegertracing/jaeger: cmd/jaeger/internal/extension/jaegerquery/querysvc/summary.go
 */
export function summarize(spans: Iterable<SpanRecord>): TraceSummary {
  const all = [...spans];
  const root = firstRoot(all);
  const ids = new Set(all.map(({ spanId }) => idText(spanId)));
  const services = servicesOf(all);
  return {
    traceId: all[0]?.traceId ?? new Uint8Array(0),
    rootServiceName: root === undefined ? '' : serviceOf(root.resource),
    rootOperationName: root?.operation ?? '',
    minStartTimeUnixNano: clamped(all.map(({ startNs }) => startNs).reduce(min, all[0]?.startNs ?? 0n)),
    maxEndTimeUnixNano: clamped(all.map(endOf).reduce(max, all[0] === undefined ? 0n : endOf(all[0]))),
    spanCount: all.length,
    errorSpanCount: services.reduce((sum, { errorSpanCount }) => sum + errorSpanCount, 0),
    orphanSpanCount: all.filter(({ parentSpanId }) => parentSpanId && !ids.has(idText(parentSpanId))).length,
    services,
  };
}

function firstRoot(spans: readonly SpanRecord[]): SpanRecord | undefined {
  let first: SpanRecord | undefined;
  for (const span of spans) {
    if (span.parentSpanId === undefined && (first === undefined || span.startNs < first.startNs))
      first = span;
  }
  return first;
}

function servicesOf(spans: readonly SpanRecord[]): ServiceSummary[] {
  const counts = new Map<string, { spans: number; errors: number }>();
  for (const { resource, isError } of spans) {
    const name = serviceOf(resource);
    const count = counts.get(name) ?? { spans: 0, errors: 0 };
    counts.set(name, { spans: count.spans + 1, errors: count.errors + (isError ? 1 : 0) });
  }
  return [...counts]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, { spans: spanCount, errors }]) => ({ name, spanCount, errorSpanCount: errors }));
}

/** A resource without a name has none here, as Jaeger has it: only its translation gives it one. */
const serviceOf = (resource: ResourceRecord) => (hasServiceName(resource) ? resource.service : '');

const idText = (id: Uint8Array) => Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1');
const endOf = ({ startNs, durationNs }: SpanRecord) => startNs + durationNs;
const min = (one: bigint, other: bigint) => (one < other ? one : other);
const max = (one: bigint, other: bigint) => (one > other ? one : other);
const clamped = (unixNano: bigint) => max(0n, min(unixNano, 2n ** 64n - 1n));
