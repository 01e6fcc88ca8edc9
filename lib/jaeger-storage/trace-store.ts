import type { Condition } from './filter/condition.ts';

/**
 * Spans as they travel and as they are kept: encoded, so that what a store does not look at comes back as it came, be it
 * invalid UTF-8, NaN or a field of next year's. Two `bytes` of one format, one after the other, are again such bytes.
 */
export interface EncodedSpans {
  /**
   * - 'otlp': `opentelemetry.proto.trace.v1.TracesData`, the same bytes as an `ExportTraceServiceRequest`
   * - 'jaeger': `jaeger.storage.v1.SpansResponseChunk`, the same bytes as `WriteSpanRequest`s one after the other
   */
  readonly format: SpanFormat;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type SpanFormat = 'otlp' | 'jaeger';

/** On whose behalf a store is asked. */
export interface RequestContext {
  /** Whose spans: tenants see nothing of each other. '' where tenancy is off, which is a tenant as well. */
  readonly tenant: string;
  /** Of the user who asks, without the word Bearer, where Jaeger passes it on. For stores that ask others. */
  readonly bearerToken?: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export interface WriteResult {
  /** Spans that are stored now, those included that were there already. */
  readonly accepted: number;
  /** Spans that can't be stored, whoever tries again. */
  readonly rejected: number;
  /** Why: for a log, where spans were rejected. */
  readonly reason?: string;
}

/** Times are Unix nanoseconds, as bigint: a number is exact only to 2^53. Absent bounds do not bound. */
export interface TimeRange {
  /** At or after. */
  readonly startMin?: bigint | undefined;
  /** At or before. */
  readonly startMax?: bigint | undefined;
}

/** Times where the trace is thought to have been; a store may use them to look in fewer places, and need not. */
export interface TraceReference extends TimeRange {
  /** 16 bytes */
  readonly traceId: Uint8Array;
}

/**
 * Asks for traces that have one span for which all of this holds at once. Texts are compared byte for byte; all bounds
 * are inclusive.
 */
export interface TraceQuery extends TimeRange {
  /** undefined: any */
  readonly service?: string | undefined;
  /** undefined: any */
  readonly operation?: string | undefined;
  /**
   * Each has to be among the attributes of the span, its resource, its scope, one of its events or one of its links; in
   * 'jaeger' format its tags, those of its process, and the fields of its logs. Values are compared as text: see
   * spans/value-text.ts. Names that are no attributes but mean what spans have otherwise, such as `error`, are listed in
   * spans/pseudo-attributes.ts.
   */
  readonly attributes?: readonly Attribute[] | undefined;
  /** Nanoseconds */
  readonly durationMin?: bigint | undefined;
  readonly durationMax?: bigint | undefined;
  /** What else has to hold of the span. */
  readonly filter?: Condition | undefined;
  /** Most traces to find, at least 1. Where there are more, the newest count: those whose matching span starts last. */
  readonly limit: number;
}

export interface Attribute {
  readonly key: string;
  /** As text: '123', '72.5', 'true'. */
  readonly value: string;
}

/** What there is of one trace, or the next part of it where it is long. Never empty. */
export interface TracePart {
  /** 16 bytes */
  readonly traceId: Uint8Array;
  /** Each holds at least one span, all of them of this trace. */
  readonly spans: readonly EncodedSpans[];
}

export interface FoundTrace {
  /** 16 bytes */
  readonly traceId: Uint8Array;
  /** The earliest start and latest end of its spans, where that is known at no cost. Unix nanoseconds. */
  readonly start?: bigint | undefined;
  readonly end?: bigint | undefined;
}

/** Lower case; '' where the span says none, or says what OpenTelemetry does not know. */
export type SpanKind = '' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface Operation {
  readonly name: string;
  readonly kind: SpanKind;
}

export interface OperationQuery {
  readonly service: string;
  /** undefined: all kinds */
  readonly kind?: string | undefined;
}

/** How often spans of one service are the parents of spans of another, or of the same. */
export interface DependencyLink {
  readonly parent: string;
  readonly child: string;
  readonly callCount: bigint;
}

/**
 * Keeps spans and finds them again: what an engine implements, and all that the servers around it know of it.
 *
 * Methods reject with a {@link TraceStoreError} where the caller can do something about it. Streams are asked for their
 * next part when there is room for it; `return()` ends them early.
 * @see jaegertracing/jaeger: internal/storage/v2/api/tracestore (the contract kept here)
 */
export interface TraceStore {
  /**
   * Resolves when the spans are as safe as the store makes them, and a reader finds them.
   *
   * A span that is there already, byte for byte, is stored once. One with the same ids and other content is another span.
   * @throws {TraceStoreError} code INVALID: the bytes are no spans, and nothing of them is stored; BUSY: more has come
   *   than can be written, come again; FULL: no room; FAILED
   */
  write(spans: EncodedSpans, context: RequestContext): Promise<WriteResult>;

  /** The traces that there are of those asked for, one after the other. */
  traces(wanted: readonly TraceReference[], context: RequestContext): AsyncIterable<TracePart>;

  /** All spans of the traces that match, one trace after the other, the newest trace first. */
  findTraces(query: TraceQuery, context: RequestContext): AsyncIterable<TracePart>;

  /** The same traces, in the same order. */
  findTraceIds(query: TraceQuery, context: RequestContext): Promise<readonly FoundTrace[]>;

  /** Names, without duplicates, in order. */
  services(context: RequestContext): Promise<readonly string[]>;

  /** Without duplicates of name and kind, in order. */
  operations(query: OperationQuery, context: RequestContext): Promise<readonly Operation[]>;

  /** Summed up over the child spans that start in the range; calls within one service included. */
  dependencies(range: TimeRange, context: RequestContext): Promise<readonly DependencyLink[]>;

  /** Writes what was taken, and lets go of everything. Later calls reject. */
  close(): Promise<void>;
}
