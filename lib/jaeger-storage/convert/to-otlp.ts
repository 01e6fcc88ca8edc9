import { create, equals, toBinary } from '@bufbuild/protobuf';
import {
  type Span as JaegerSpan,
  type Log,
  type Process,
  ProcessSchema,
  type SpanRef,
  SpanRefType,
  type KeyValue as Tag,
} from '../proto/model_pb.ts';
import { AnyValueSchema, ArrayValueSchema, type KeyValue, KeyValueSchema } from '../proto/otlp_common_pb.ts';
import {
  type ResourceSpans,
  ResourceSpansSchema,
  type ScopeSpans,
  ScopeSpansSchema,
  type Span,
  type Span_Event,
  Span_EventSchema,
  type Span_Link,
  Span_LinkSchema,
  Span_SpanKind,
  SpanSchema,
  type Status,
  Status_StatusCode,
  StatusSchema,
  type TracesData,
  TracesDataSchema,
} from '../proto/otlp_trace_pb.ts';
import { SpansResponseChunkSchema } from '../proto/storage_v1_pb.ts';
import { wideTraceId } from '../spans/ids.ts';
import { kindOf, statusOf } from '../spans/jaeger-tags.ts';
import { NO_SERVICE_NAME } from '../spans/pseudo-attributes.ts';
import type { EncodedSpans } from '../trace-store.ts';
import { decode } from './decode.ts';
import * as names from './names.ts';
import { attributeOf, TagsToTake, textValue } from './tags.ts';
import { clampUnixNano, nanosecondsOf } from './times.ts';

/**
 * Spans in OTLP, as Jaeger itself translates those of its old model.
 *
 * A tag that becomes a field is no attribute any more; one that can't, such as a `span.kind` that OpenTelemetry does not
 * know, remains. Lost are process ids, of the flags all but W3C's sampled, and times before 1970.
 * @param spans - those in OTLP already stay as they are
 * @throws {TraceStoreError} code INVALID
 */
export function toOtlp(spans: EncodedSpans): EncodedSpans {
  if (spans.format === 'otlp') return spans;
  const chunk = decode(SpansResponseChunkSchema, spans.bytes);
  return { format: 'otlp', bytes: toBinary(TracesDataSchema, grouped(chunk.spans)) };
}

/** Spans one after the other of equal processes, and equal scopes, share one ResourceSpans and one ScopeSpans. */
function grouped(spans: readonly JaegerSpan[]): TracesData {
  const resourceSpans: ResourceSpans[] = [];
  let process: Process | undefined;
  for (const span of spans) {
    let last = resourceSpans.at(-1);
    if (last === undefined || !isSame(process, span.process)) {
      last = resourceOf(span.process);
      resourceSpans.push(last);
      process = span.process;
    }
    const [scope, rest] = takeScope(span.tags);
    scopeSpansFor(last, scope).spans.push(spanOf(span, rest));
  }
  return create(TracesDataSchema, { resourceSpans });
}

function isSame(one: Process | undefined, other: Process | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return equals(ProcessSchema, one, other);
}

function resourceOf(process: Process | undefined): ResourceSpans {
  const service = process?.serviceName ?? '';
  const name = create(KeyValueSchema, { key: names.SERVICE_NAME, value: textValue(service) });
  const tags = process?.tags.map(attributeOf) ?? [];
  return create(ResourceSpansSchema, {
    resource: { attributes: service === NO_SERVICE_NAME ? tags : [name, ...tags] },
  });
}

interface Scope {
  readonly name: string;
  readonly version: string;
}

/** A version alone, of nothing, remains a tag. */
function takeScope(tags: readonly Tag[]): [scope: Scope | undefined, rest: readonly Tag[]] {
  const taken = new TagsToTake(tags);
  const name = taken.text(names.SCOPE_NAME);
  if (name === undefined) return [undefined, tags];
  return [{ name, version: taken.text(names.SCOPE_VERSION) ?? '' }, taken.rest()];
}

function scopeSpansFor({ scopeSpans }: ResourceSpans, scope: Scope | undefined): ScopeSpans {
  const last = scopeSpans.at(-1);
  if (last !== undefined && last.scope?.name === scope?.name && last.scope?.version === scope?.version)
    return last;
  const made = create(ScopeSpansSchema, scope === undefined ? {} : { scope });
  scopeSpans.push(made);
  return made;
}

function spanOf(span: JaegerSpan, tags: readonly Tag[]): Span {
  const taken = new TagsToTake(tags);
  const start = nanosecondsOf(span.startTime);
  const traceId = wide(span.traceId);
  const parent = parentOf(span.references, traceId);
  // The status may depend on the kind, so it is read before that is taken.
  const status = takeStatus(taken);
  const kind = takeKind(taken);
  const traceState = taken.text(names.TRACE_STATE) ?? '';
  return create(SpanSchema, {
    traceId,
    spanId: span.spanId,
    traceState,
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    name: span.operationName,
    kind,
    startTimeUnixNano: clampUnixNano(start),
    endTimeUnixNano: clampUnixNano(start + nanosecondsOf(span.duration)),
    attributes: [...taken.rest().map(attributeOf), ...warningsOf(span.warnings)],
    events: span.logs.map(eventOf),
    links: span.references
      .filter((one) => one !== parent || one.refType !== SpanRefType.CHILD_OF)
      .map(linkOf),
    ...(status === undefined ? {} : { status }),
    flags: span.flags & names.SAMPLED_FLAG,
  });
}

/** 16 bytes, of 8 that are the lower half. */
const wide = (id: Uint8Array) => (id.length === 8 ? wideTraceId(id) : id);

/** The first CHILD_OF of the same trace, or else the first FOLLOWS_FROM, which remains a link as well. */
function parentOf(references: readonly SpanRef[], traceId: Uint8Array): SpanRef | undefined {
  const own = references.filter((one) => Buffer.compare(wide(one.traceId), traceId) === 0);
  return (
    own.find(({ refType }) => refType === SpanRefType.CHILD_OF) ??
    own.find(({ refType }) => refType === SpanRefType.FOLLOWS_FROM)
  );
}

const KINDS = {
  internal: Span_SpanKind.INTERNAL,
  server: Span_SpanKind.SERVER,
  client: Span_SpanKind.CLIENT,
  producer: Span_SpanKind.PRODUCER,
  consumer: Span_SpanKind.CONSUMER,
};

function takeKind(taken: TagsToTake): Span_SpanKind {
  const kind = kindOf((key) => taken.find(key));
  if (kind === '') return Span_SpanKind.UNSPECIFIED;
  taken.remove(names.SPAN_KIND);
  return KINDS[kind];
}

const CODES = { unset: Status_StatusCode.UNSET, ok: Status_StatusCode.OK, error: Status_StatusCode.ERROR };

/** @see statusOf for which tag says it */
function takeStatus(taken: TagsToTake): Status | undefined {
  const code = CODES[statusOf((key) => taken.find(key))];
  const error = taken.find(names.ERROR);
  const said = taken.seeText(names.STATUS_CODE)?.toUpperCase();
  const isErrorTag = error?.type === 'bool' && error.value;
  if (isErrorTag) taken.remove(names.ERROR);
  if (said === 'OK' || said === 'ERROR' || said === 'UNSET') taken.remove(names.STATUS_CODE);
  const description = taken.text(names.STATUS_DESCRIPTION);
  if (description !== undefined) return create(StatusSchema, { code, message: description });
  if (code === Status_StatusCode.UNSET) return undefined;
  const message = isErrorTag || said === undefined ? taken.seeText(names.HTTP_STATUS_MESSAGE) : undefined;
  return create(StatusSchema, { code, message: message ?? '' });
}

function linkOf({ traceId, spanId, refType }: SpanRef): Span_Link {
  const type = refType === SpanRefType.CHILD_OF ? names.CHILD_OF : names.FOLLOWS_FROM;
  return create(Span_LinkSchema, {
    traceId: wide(traceId),
    spanId,
    attributes: [{ key: names.REFERENCE_TYPE, value: textValue(type) }],
  });
}

function eventOf({ timestamp, fields }: Log): Span_Event {
  const taken = new TagsToTake(fields);
  const name = taken.text(names.EVENT_NAME) ?? '';
  return create(Span_EventSchema, {
    timeUnixNano: clampUnixNano(nanosecondsOf(timestamp)),
    name,
    attributes: taken.rest().map(attributeOf),
  });
}

function warningsOf(warnings: readonly string[]): KeyValue[] {
  if (warnings.length === 0) return [];
  const value = create(ArrayValueSchema, { values: warnings.map(textValue) });
  return [
    create(KeyValueSchema, {
      key: names.WARNINGS,
      value: create(AnyValueSchema, { value: { case: 'arrayValue', value } }),
    }),
  ];
}
