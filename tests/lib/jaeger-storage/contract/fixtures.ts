import { create, toBinary } from '@bufbuild/protobuf';
import type { Span as JaegerSpan } from '../../../../lib/jaeger-storage/proto/model_pb.ts';
import {
  SpanSchema as JaegerSpanSchema,
  SpanRefType,
} from '../../../../lib/jaeger-storage/proto/model_pb.ts';
import type { ResourceSpans, Span } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import {
  ResourceSpansSchema,
  SpanSchema,
  Status_StatusCode,
  TracesDataSchema,
} from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { SpansResponseChunkSchema } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import type {
  EncodedSpans,
  RequestContext,
  SpanFormat,
  SpanKind,
} from '../../../../lib/jaeger-storage/trace-store.ts';
import { type Attributes, jaegerTags, otlpAttributes, pairs, type Value } from './fixture-values.ts';

export interface EventSpec {
  /** Unix nanoseconds */
  readonly time?: bigint;
  readonly name?: string;
  readonly attributes?: Attributes;
}

export interface LinkSpec {
  readonly traceId: string;
  readonly spanId: string;
  /** In Jaeger's model the type of the reference; in OTLP the attribute that stands for it. */
  readonly type?: 'child_of' | 'follows_from';
  readonly attributes?: Attributes;
  readonly traceState?: string;
}

/**
 * A span in the words of both models, to be encoded in either: {@link otlpSpan}, {@link jaegerSpan}.
 *
 * Ids are hexadecimal and are filled up with zeros: '11' is trace 0x11.
 */
export interface SpanSpec {
  readonly traceId?: string;
  readonly spanId?: string;
  /** A span of the same trace. */
  readonly parentId?: string;
  /** undefined: 'a-service' */
  readonly service?: string;
  /** Of the resource, or of Jaeger's process. */
  readonly resource?: Attributes;
  readonly scope?: { readonly name?: string; readonly version?: string; readonly attributes?: Attributes };
  /** undefined: 'an-operation' */
  readonly name?: string;
  readonly kind?: SpanKind;
  /** Unix nanoseconds; undefined: {@link NOON} */
  readonly start?: bigint;
  /** Nanoseconds; undefined: a millisecond */
  readonly duration?: bigint;
  readonly attributes?: Attributes;
  readonly events?: readonly EventSpec[];
  readonly links?: readonly LinkSpec[];
  readonly status?: 'ok' | 'error';
  readonly statusMessage?: string;
  readonly traceState?: string;
  /** Jaeger's only: to be kept, not to be found. */
  readonly firehose?: boolean;
  /** Jaeger's own field, and in OTLP an attribute that holds a list. */
  readonly warnings?: readonly string[];
}

/** A day at noon, with nanoseconds that no double can hold. */
export const NOON = 1_790_164_800_000_000_001n;
export const MICROSECOND = 1000n;
export const MILLISECOND = 1_000_000n;
export const SECOND = 1_000_000_000n;
export const MINUTE = 60n * SECOND;
export const HOUR = 60n * MINUTE;

export function traceIdOf(hex: string): Uint8Array<ArrayBuffer> {
  return idOf(hex, 16);
}

export function spanIdOf(hex: string): Uint8Array<ArrayBuffer> {
  return idOf(hex, 8);
}

function idOf(hex: string, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(hex.padStart(2 * length, '0'), 'hex'));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** On behalf of `tenant`, with nobody who might stop waiting. */
export function as(tenant: string): RequestContext {
  return { tenant, signal: new AbortController().signal };
}

/** The bytes of these spans: OTLP's in one ResourceSpans for each run of spans of one sender. */
export function encode(format: SpanFormat, specs: readonly SpanSpec[]): EncodedSpans {
  return format === 'otlp' ? otlp(specs.map(otlpSpan)) : jaeger(specs.map(jaegerSpan));
}

export function otlp(spans: readonly ResourceSpans[]): EncodedSpans {
  const runs: ResourceSpans[] = [];
  for (const next of spans) {
    const run = runs.at(-1);
    const [runScope, nextScope] = [run?.scopeSpans.at(-1), next.scopeSpans[0]];
    if (run === undefined || !sameShell(run, next)) runs.push(structuredCopy(next));
    else if (runScope !== undefined && nextScope !== undefined) runScope.spans.push(...nextScope.spans);
  }
  return {
    format: 'otlp',
    bytes: toBinary(TracesDataSchema, create(TracesDataSchema, { resourceSpans: runs })),
  };
}

export function jaeger(spans: readonly JaegerSpan[]): EncodedSpans {
  const chunk = create(SpansResponseChunkSchema, { spans: [...spans] });
  return { format: 'jaeger', bytes: toBinary(SpansResponseChunkSchema, chunk) };
}

/** Are resource and scope, all but the spans, the same? */
function sameShell(a: ResourceSpans, b: ResourceSpans): boolean {
  return Buffer.compare(shellOf(a), shellOf(b)) === 0;
}

function shellOf({ resource, scopeSpans, schemaUrl }: ResourceSpans): Uint8Array {
  const bare = scopeSpans.map((scope) => ({ ...scope, spans: [] }));
  return toBinary(
    ResourceSpansSchema,
    create(ResourceSpansSchema, { ...(resource && { resource }), scopeSpans: bare, schemaUrl }),
  );
}

function structuredCopy({ resource, scopeSpans, schemaUrl }: ResourceSpans): ResourceSpans {
  const copies = scopeSpans.map((scope) => ({ ...scope, spans: [...scope.spans] }));
  return create(ResourceSpansSchema, { ...(resource && { resource }), scopeSpans: copies, schemaUrl });
}

const KINDS = { '': 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** A ResourceSpans with this one span: pass some of them to {@link otlp}. */
export function otlpSpan(spec: SpanSpec): ResourceSpans {
  return create(ResourceSpansSchema, {
    resource: { attributes: otlpAttributes([['service.name', serviceOf(spec)], ...pairs(spec.resource)]) },
    scopeSpans: [
      {
        scope: { ...spec.scope, attributes: otlpAttributes(pairs(spec.scope?.attributes)) },
        spans: [bareOtlpSpan(spec)],
      },
    ],
  });
}

function bareOtlpSpan(spec: SpanSpec): Span {
  const start = spec.start ?? NOON;
  const warnings = spec.warnings === undefined ? [] : ([['@jaeger@warnings', spec.warnings]] as const);
  return create(SpanSchema, {
    traceId: traceIdOf(spec.traceId ?? '1'),
    spanId: spanIdOf(spec.spanId ?? '1'),
    parentSpanId: spec.parentId === undefined ? new Uint8Array() : spanIdOf(spec.parentId),
    traceState: spec.traceState ?? '',
    name: operationOf(spec),
    kind: KINDS[spec.kind ?? ''],
    startTimeUnixNano: start,
    endTimeUnixNano: start + durationOf(spec),
    attributes: otlpAttributes([...pairs(spec.attributes), ...warnings]),
    events: (spec.events ?? []).map((event) => ({
      timeUnixNano: event.time ?? start,
      name: event.name ?? '',
      attributes: otlpAttributes(pairs(event.attributes)),
    })),
    links: (spec.links ?? []).map((link) => ({
      traceId: traceIdOf(link.traceId),
      spanId: spanIdOf(link.spanId),
      traceState: link.traceState ?? '',
      attributes: otlpAttributes([
        ...(link.type === undefined ? [] : ([['opentracing.ref_type', link.type]] as const)),
        ...pairs(link.attributes),
      ]),
    })),
    status: { code: STATUS_CODES[spec.status ?? 'unset'], message: spec.statusMessage ?? '' },
  });
}

const STATUS_CODES = {
  unset: Status_StatusCode.UNSET,
  ok: Status_StatusCode.OK,
  error: Status_StatusCode.ERROR,
} as const;

/** In Jaeger's model, which says as tags what OTLP has fields for. Attributes of scope and links have no place there. */
export function jaegerSpan(spec: SpanSpec): JaegerSpan {
  const start = spec.start ?? NOON;
  const tags: (readonly [string, Value])[] = [...pairs(spec.attributes)];
  if (spec.kind) tags.push(['span.kind', spec.kind]);
  if (spec.status === 'error') tags.push(['error', true]);
  if (spec.status !== undefined) tags.push(['otel.status_code', spec.status.toUpperCase()]);
  if (spec.statusMessage) tags.push(['otel.status_description', spec.statusMessage]);
  if (spec.traceState) tags.push(['w3c.tracestate', spec.traceState]);
  if (spec.scope?.name) tags.push(['otel.scope.name', spec.scope.name]);
  if (spec.scope?.version) tags.push(['otel.scope.version', spec.scope.version]);
  const parent = spec.parentId === undefined ? [] : [{ traceId: spec.traceId ?? '1', spanId: spec.parentId }];
  return create(JaegerSpanSchema, {
    traceId: traceIdOf(spec.traceId ?? '1'),
    spanId: spanIdOf(spec.spanId ?? '1'),
    operationName: operationOf(spec),
    flags: spec.firehose ? 9 : 1,
    startTime: timestampOf(start),
    duration: { seconds: durationOf(spec) / SECOND, nanos: Number(durationOf(spec) % SECOND) },
    references: [...parent.map((link) => ({ ...link, type: 'child_of' })), ...(spec.links ?? [])].map(
      (link) => ({
        traceId: traceIdOf(link.traceId),
        spanId: spanIdOf(link.spanId),
        refType: link.type === 'child_of' ? SpanRefType.CHILD_OF : SpanRefType.FOLLOWS_FROM,
      }),
    ),
    tags: jaegerTags(tags),
    logs: (spec.events ?? []).map((event) => ({
      timestamp: timestampOf(event.time ?? start),
      fields: jaegerTags([
        ...(event.name ? ([['event', event.name]] as const) : []),
        ...pairs(event.attributes),
      ]),
    })),
    process: { serviceName: serviceOf(spec), tags: jaegerTags(pairs(spec.resource)) },
    warnings: [...(spec.warnings ?? [])],
  });
}

export function serviceOf(spec: SpanSpec): string {
  return spec.service ?? 'a-service';
}

export function operationOf(spec: SpanSpec): string {
  return spec.name ?? 'an-operation';
}

export function durationOf(spec: SpanSpec): bigint {
  return spec.duration ?? MILLISECOND;
}

export function timestampOf(ns: bigint): { seconds: bigint; nanos: number } {
  const nanos = ((ns % SECOND) + SECOND) % SECOND;
  return { seconds: (ns - nanos) / SECOND, nanos: Number(nanos) };
}
