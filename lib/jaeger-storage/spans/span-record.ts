import type { SpanFormat, SpanKind } from '../trace-store.ts';

/** Where an attribute was found. What Jaeger's model calls tag, process tag and log field is span, resource and event. */
export type AttributeLevel = 'span' | 'resource' | 'scope' | 'event' | 'link';

/**
 * An attribute as queries see it.
 * @see value-text.ts for the texts
 */
export interface SearchableAttribute {
  readonly level: AttributeLevel;
  readonly key: string;
  readonly value: AttributeValue;
}

export type AttributeValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  /** Array or map, as JSON */
  | { readonly type: 'json'; readonly value: string };

/** OTLP's status; in 'jaeger' format what tags `error` and `otel.status_code`, or the answer of HTTP, say of it. */
export type SpanStatus = 'unset' | 'ok' | 'error';

/**
 * What spans of one sender share: OTLP's resource with the schema URL of its ResourceSpans, Jaeger's process. One object
 * for all spans of a batch that share it.
 */
export interface ResourceRecord {
  readonly format: SpanFormat;
  /**
   * 'otlp': all fields of ResourceSpans but the spans, encoded; empty where there are none. 'jaeger': field 10 of Span,
   * encoded, with an empty process where there was none.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `service.name`; where it is missing, what Jaeger's translation calls it: 'OTLPResourceNoServiceName'. */
  readonly service: string;
  /** Without `service.name`. Read when first asked for. */
  readonly attributes: readonly SearchableAttribute[];
}

/** OTLP's scope with the schema URL of its ScopeSpans. Empty in 'jaeger' format. */
export interface ScopeRecord {
  /** All fields of ScopeSpans but the spans, encoded. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly SearchableAttribute[];
}

/**
 * What a store has to know of a span. All `Uint8Array`s are views of the bytes that were read: keep copies, not views,
 * of what outlives them.
 */
export interface SpanRecord {
  readonly format: SpanFormat;
  /** 16 bytes, never all zero */
  readonly traceId: Uint8Array;
  /** 8 bytes */
  readonly spanId: Uint8Array;
  /** 8 bytes. In 'jaeger' format the first CHILD_OF reference into the same trace, or else FOLLOWS_FROM. */
  readonly parentSpanId: Uint8Array | undefined;
  readonly resource: ResourceRecord;
  readonly scope: ScopeRecord;
  readonly operation: string;
  readonly kind: SpanKind;
  /** Unix nanoseconds, as the sender says: 0 to 2^64-1 in OTLP, any time of the years 1 to 9999 in Jaeger's format. */
  readonly startNs: bigint;
  /** At least 0. */
  readonly durationNs: bigint;
  readonly status: SpanStatus;
  /** Status 'error'. */
  readonly isError: boolean;
  /** Its sender wants it kept and not found by searches: Jaeger's flag 8. */
  readonly isFirehose: boolean;
  /** The Span message; in 'jaeger' format without its process, which `resource` has. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the span, its events and its links; not those of resource and scope. Read when first asked for. */
  readonly attributes: readonly SearchableAttribute[];
}
