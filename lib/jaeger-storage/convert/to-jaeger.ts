import { create, toBinary } from '@bufbuild/protobuf';
import {
  type Span as JaegerSpan,
  SpanSchema as JaegerSpanSchema,
  type Log,
  LogSchema,
  type Process,
  ProcessSchema,
  type SpanRef,
  SpanRefSchema,
  SpanRefType,
  type KeyValue as Tag,
  KeyValueSchema as TagSchema,
  ValueType,
} from '../proto/model_pb.ts';
import {
  type AnyValue,
  AnyValueSchema,
  type InstrumentationScope,
  type KeyValue,
} from '../proto/otlp_common_pb.ts';
import {
  type ResourceSpans,
  type Span,
  type Span_Event,
  type Span_Link,
  Span_SpanKind,
  Status_StatusCode,
  TracesDataSchema,
} from '../proto/otlp_trace_pb.ts';
import { SpansResponseChunkSchema } from '../proto/storage_v1_pb.ts';
import { NO_SPAN_ID } from '../spans/ids.ts';
import { valueAt } from '../spans/otlp-value.ts';
import { NO_SERVICE_NAME } from '../spans/pseudo-attributes.ts';
import { valueTexts } from '../spans/value-text.ts';
import type { EncodedSpans } from '../trace-store.ts';
import { decode } from './decode.ts';
import * as names from './names.ts';
import { clampDuration, durationOf, timestampOf } from './times.ts';

/**
 * Spans in Jaeger's model, as Jaeger itself translates them for what reads no OTLP.
 *
 * What that model has no place for is lost: schema URLs, drop counts, attributes of scopes, attributes and trace states
 * of links, types of arrays and maps (JSON text), and of the flags all but W3C's sampled.
 * @param spans - those in Jaeger's model already stay as they are
 * @throws {TraceStoreError} code INVALID
 */
export function toJaeger(spans: EncodedSpans): EncodedSpans {
  if (spans.format === 'jaeger') return spans;
  const { resourceSpans } = decode(TracesDataSchema, spans.bytes);
  const chunk = create(SpansResponseChunkSchema, { spans: resourceSpans.flatMap(translate) });
  return { format: 'jaeger', bytes: toBinary(SpansResponseChunkSchema, chunk) };
}

function translate({ resource, scopeSpans }: ResourceSpans): JaegerSpan[] {
  const process = processOf(resource?.attributes ?? []);
  return scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => spanOf(span, scope, process)));
}

function processOf(attributes: readonly KeyValue[]): Process {
  const service = attributes.find(({ key }) => key === names.SERVICE_NAME);
  return create(ProcessSchema, {
    serviceName: service === undefined ? NO_SERVICE_NAME : textOf(service.value),
    tags: attributes.filter((attribute) => attribute !== service).map(tagOf),
  });
}

function spanOf(span: Span, scope: InstrumentationScope | undefined, process: Process): JaegerSpan {
  const warnings = span.attributes.find(({ key }) => key === names.WARNINGS);
  return create(JaegerSpanSchema, {
    traceId: span.traceId,
    spanId: idOf(span.spanId, 8),
    operationName: span.name,
    references: references(span),
    flags: span.flags & names.SAMPLED_FLAG,
    startTime: timestampOf(span.startTimeUnixNano),
    duration: durationOf(clampDuration(span.endTimeUnixNano - span.startTimeUnixNano)),
    tags: [
      // Before the attributes, as the first of equal names counts when it is read back.
      ...fieldTags(span, scope),
      ...span.attributes.filter((attribute) => attribute !== warnings).map(tagOf),
    ],
    logs: span.events.map(logOf),
    process,
    warnings: warningsOf(warnings?.value),
  });
}

/** Ids that are not there are all zero: Jaeger's readers insist on the length. */
const idOf = (id: Uint8Array, length: number) => (id.length === 0 ? new Uint8Array(length) : id);

function references({ traceId, parentSpanId, links }: Span): SpanRef[] {
  const hasParent = parentSpanId.length > 0 && Buffer.compare(parentSpanId, NO_SPAN_ID) !== 0;
  const parent = create(SpanRefSchema, { traceId, spanId: parentSpanId, refType: SpanRefType.CHILD_OF });
  return [...(hasParent ? [parent] : []), ...links.map(referenceOf)];
}

function referenceOf({ traceId, spanId, attributes }: Span_Link): SpanRef {
  const type = attributes.find(({ key }) => key === names.REFERENCE_TYPE)?.value;
  return create(SpanRefSchema, {
    traceId: idOf(traceId, 16),
    spanId: idOf(spanId, 8),
    refType: textOf(type) === names.CHILD_OF ? SpanRefType.CHILD_OF : SpanRefType.FOLLOWS_FROM,
  });
}

/** What are fields of a span or its scope in OTLP. */
function fieldTags({ kind, status, traceState }: Span, scope: InstrumentationScope | undefined): Tag[] {
  const isError = status?.code === Status_StatusCode.ERROR;
  const code = isError ? 'ERROR' : status?.code === Status_StatusCode.OK ? 'OK' : '';
  return [
    ...textTag(names.SCOPE_NAME, scope?.name),
    ...textTag(names.SCOPE_VERSION, scope?.version),
    ...textTag(names.SPAN_KIND, KINDS.get(kind)),
    ...textTag(names.STATUS_CODE, code),
    ...(isError ? [create(TagSchema, { key: names.ERROR, vType: ValueType.BOOL, vBool: true })] : []),
    ...textTag(names.STATUS_DESCRIPTION, status?.message),
    ...textTag(names.TRACE_STATE, traceState),
  ];
}

const KINDS: ReadonlyMap<Span_SpanKind, string> = new Map([
  [Span_SpanKind.INTERNAL, 'internal'],
  [Span_SpanKind.SERVER, 'server'],
  [Span_SpanKind.CLIENT, 'client'],
  [Span_SpanKind.PRODUCER, 'producer'],
  [Span_SpanKind.CONSUMER, 'consumer'],
]);

/** None where there is nothing to say. */
function textTag(key: string, text: string | undefined): Tag[] {
  return text ? [create(TagSchema, { key, vType: ValueType.STRING, vStr: text })] : [];
}

function logOf({ timeUnixNano, name, attributes }: Span_Event): Log {
  return create(LogSchema, {
    timestamp: timestampOf(timeUnixNano),
    fields: [...textTag(names.EVENT_NAME, name), ...attributes.map(tagOf)],
  });
}

function tagOf({ key, value }: KeyValue): Tag {
  const said = value?.value;
  switch (said?.case) {
    case 'boolValue':
      return create(TagSchema, { key, vType: ValueType.BOOL, vBool: said.value });
    case 'intValue':
      return create(TagSchema, { key, vType: ValueType.INT64, vInt64: said.value });
    case 'doubleValue':
      return create(TagSchema, { key, vType: ValueType.FLOAT64, vFloat64: said.value });
    case 'bytesValue':
      return create(TagSchema, { key, vType: ValueType.BINARY, vBinary: said.value });
    default:
      return create(TagSchema, { key, vType: ValueType.STRING, vStr: textOf(value) });
  }
}

/** As Jaeger 2 writes the value; arrays and maps as JSON. */
function textOf(value: AnyValue | undefined): string {
  if (value === undefined) return '';
  if (value.value.case === 'stringValue') return value.value.value;
  const bytes = toBinary(AnyValueSchema, value);
  return valueTexts(valueAt(bytes, 0, bytes.length))[0] as string;
}

function warningsOf(value: AnyValue | undefined): string[] {
  if (value === undefined) return [];
  return value.value.case === 'arrayValue' ? value.value.value.values.map(textOf) : [textOf(value)];
}
