import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { create, fromBinary, toBinary, toJson, toJsonString } from '@bufbuild/protobuf';
import type { Span as JaegerSpan, KeyValue as Tag } from '../../../../lib/jaeger-storage/proto/model_pb.ts';
import { SpanRefType, SpanSchema, ValueType } from '../../../../lib/jaeger-storage/proto/model_pb.ts';
import type { AnyValue, KeyValue } from '../../../../lib/jaeger-storage/proto/otlp_common_pb.ts';
import { AnyValueSchema } from '../../../../lib/jaeger-storage/proto/otlp_common_pb.ts';
import type { ResourceSpans } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { ResourceSpansSchema, TracesDataSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { SpansResponseChunkSchema } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import type { EncodedSpans } from '../../../../lib/jaeger-storage/trace-store.ts';
import { jsonOf, type Value } from './fixture-values.ts';
import { hexOf, SECOND } from './fixtures.ts';

/** One span with its resource and scope: OTLP's as a ResourceSpans that has this span alone. */
type OneSpan =
  | { readonly format: 'otlp'; readonly span: ResourceSpans }
  | { readonly format: 'jaeger'; readonly span: JaegerSpan };

/** How spans are shared out among messages is free, so they are compared one by one. */
export function spansIn(encoded: readonly EncodedSpans[]): readonly OneSpan[] {
  return encoded.flatMap(({ format, bytes }): OneSpan[] => {
    if (format === 'jaeger') {
      return fromBinary(SpansResponseChunkSchema, bytes).spans.map((span) => ({ format, span }));
    }
    return fromBinary(TracesDataSchema, bytes).resourceSpans.flatMap((resourceSpans) =>
      resourceSpans.scopeSpans.flatMap((scopeSpans) =>
        scopeSpans.spans.map((span): OneSpan => {
          const one = { ...resourceSpans, scopeSpans: [{ ...scopeSpans, spans: [span] }] };
          return { format, span: create(ResourceSpansSchema, one) };
        }),
      ),
    );
  });
}

export function traceIdIn(one: OneSpan): string {
  const span = one.format === 'jaeger' ? one.span : one.span.scopeSpans[0]?.spans[0];
  return hexOf(span?.traceId ?? new Uint8Array());
}

export function spanIdIn(one: OneSpan): string {
  const span = one.format === 'jaeger' ? one.span : one.span.scopeSpans[0]?.spans[0];
  return hexOf(span?.spanId ?? new Uint8Array());
}

/**
 * Are these the same spans, in whatever order? To the last field where they come in the format they were written in;
 * where they were translated, by what both models can say.
 */
export function assertSameSpans(got: readonly EncodedSpans[], written: readonly EncodedSpans[]): void {
  const [actual, expected] = [spansIn(got), spansIn(written)];
  assert.equal(actual.length, expected.length, 'number of spans');
  const isTranslated = formatsOf(actual) !== formatsOf(expected);
  // Of thousands of spans, texts are made only where there is a difference to be shown.
  if (!isTranslated && isDeepStrictEqual(actual.map(binary).sort(), expected.map(binary).sort())) return;
  const describe = isTranslated ? common : exact;
  assert.deepEqual(actual.map(describe).sort(), expected.map(describe).sort());
}

function formatsOf(spans: readonly OneSpan[]): string {
  return spans
    .map(({ format }) => format)
    .sort()
    .join();
}

function binary(one: OneSpan): string {
  const bytes =
    one.format === 'jaeger' ? toBinary(SpanSchema, one.span) : toBinary(ResourceSpansSchema, one.span);
  return Buffer.from(bytes).toString('latin1');
}

function exact(one: OneSpan): string {
  return one.format === 'jaeger'
    ? toJsonString(SpanSchema, one.span)
    : toJsonString(ResourceSpansSchema, one.span);
}

function common(one: OneSpan): string {
  return JSON.stringify(one.format === 'jaeger' ? commonOfJaeger(one.span) : commonOfOtlp(one.span), null, 1);
}

/** What Jaeger's model has as tags and OTLP has fields for. */
const FIELD_TAGS = [
  'span.kind',
  'error',
  'otel.status_code',
  'otel.status_description',
  'otel.scope.name',
  'otel.scope.version',
  'w3c.tracestate',
];

/** A link that does not say what it is reads as this in Jaeger. */
const NO_REFERENCE = 'follows_from';

function commonOfJaeger(span: JaegerSpan): unknown {
  const tag = (key: string) => span.tags.find((one) => one.key === key);
  const status = tag('otel.status_code')?.vStr.toLowerCase() ?? (tag('error')?.vBool ? 'error' : 'unset');
  const traceId = hexOf(span.traceId);
  const parent = span.references.find(
    ({ refType, traceId: id }) => refType === SpanRefType.CHILD_OF && hexOf(id) === traceId,
  );
  const start = nanoseconds(span.startTime);
  return {
    traceId,
    spanId: hexOf(span.spanId),
    parentId: hexOf(parent?.spanId ?? new Uint8Array()),
    service: span.process?.serviceName,
    resource: (span.process?.tags ?? []).map(tagText).sort(),
    scope: [tag('otel.scope.name')?.vStr ?? '', tag('otel.scope.version')?.vStr ?? ''],
    name: span.operationName,
    kind: tag('span.kind')?.vStr ?? '',
    start: String(start),
    duration: String(nanoseconds(span.duration)),
    attributes: span.tags
      .filter(({ key }) => !FIELD_TAGS.includes(key))
      .map(tagText)
      .sort(),
    events: span.logs
      .map((log) => ({
        time: String(nanoseconds(log.timestamp)),
        name: log.fields.find(({ key }) => key === 'event')?.vStr ?? '',
        attributes: log.fields
          .filter(({ key }) => key !== 'event')
          .map(tagText)
          .sort(),
      }))
      .map((event) => JSON.stringify(event))
      .sort(),
    links: span.references
      .filter((reference) => reference !== parent)
      .map(({ traceId: id, spanId, refType }) =>
        [hexOf(id), hexOf(spanId), refType === SpanRefType.CHILD_OF ? 'child_of' : 'follows_from'].join(),
      )
      .sort(),
    status: [status, tag('otel.status_description')?.vStr ?? ''],
    traceState: tag('w3c.tracestate')?.vStr ?? '',
    warnings: span.warnings,
  };
}

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES = ['unset', 'ok', 'error'];

function commonOfOtlp({ resource, scopeSpans }: ResourceSpans): unknown {
  const [{ scope, spans: [span] = [] } = {}] = scopeSpans;
  assert.ok(span !== undefined, 'a ResourceSpans without a span');
  const isService = ({ key }: KeyValue) => key === 'service.name';
  const isWarnings = ({ key }: KeyValue) => key === '@jaeger@warnings';
  return {
    traceId: hexOf(span.traceId),
    spanId: hexOf(span.spanId),
    parentId: hexOf(span.parentSpanId),
    service: resource?.attributes.find(isService)?.value?.value.value,
    resource: (resource?.attributes ?? [])
      .filter((one) => !isService(one))
      .map(attributeText)
      .sort(),
    scope: [scope?.name ?? '', scope?.version ?? ''],
    name: span.name,
    kind: KINDS[span.kind],
    start: String(span.startTimeUnixNano),
    duration: String(span.endTimeUnixNano - span.startTimeUnixNano),
    attributes: span.attributes
      .filter((one) => !isWarnings(one))
      .map(attributeText)
      .sort(),
    events: span.events
      .map(({ timeUnixNano, name, attributes }) => ({
        time: String(timeUnixNano),
        name,
        attributes: attributes.map(attributeText).sort(),
      }))
      .map((event) => JSON.stringify(event))
      .sort(),
    links: span.links
      .map(({ traceId, spanId, attributes }) => {
        const type = attributes.find(({ key }) => key === 'opentracing.ref_type')?.value?.value.value;
        return [hexOf(traceId), hexOf(spanId), type ?? NO_REFERENCE].join();
      })
      .sort(),
    status: [STATUSES[span.status?.code ?? 0], span.status?.message ?? ''],
    traceState: span.traceState,
    warnings: span.attributes.filter(isWarnings).flatMap(({ value }) => plain(value)),
  };
}

function attributeText({ key, value }: KeyValue): string {
  const kind = value?.value.case;
  if (kind === 'arrayValue' || kind === 'kvlistValue')
    return `${key} stringValue ${JSON.stringify(jsonOf(plain(value)))}`;
  return `${key} ${kind} ${value === undefined ? '' : JSON.stringify(Object.values(toJson(AnyValueSchema, value) ?? {})[0])}`;
}

/** The value in the words of the fixtures. */
function plain(value: AnyValue | undefined): Value {
  const one = value?.value;
  switch (one?.case) {
    case undefined:
      return '';
    case 'arrayValue':
      return one.value.values.map(plain);
    case 'kvlistValue':
      return Object.fromEntries(one.value.values.map((entry) => [entry.key, plain(entry.value)]));
    default:
      return one?.value ?? '';
  }
}

function tagText({ key, ...tag }: Tag): string {
  return attributeText({ key, value: create(AnyValueSchema, { value: oneOf(tag) }) } as KeyValue);
}

function oneOf(tag: Omit<Tag, 'key'>): AnyValue['value'] {
  switch (tag.vType) {
    case ValueType.BOOL:
      return { case: 'boolValue', value: tag.vBool };
    case ValueType.INT64:
      return { case: 'intValue', value: tag.vInt64 };
    case ValueType.FLOAT64:
      return { case: 'doubleValue', value: tag.vFloat64 };
    case ValueType.BINARY:
      return { case: 'bytesValue', value: tag.vBinary };
    default:
      return { case: 'stringValue', value: tag.vStr };
  }
}

function nanoseconds(time: { readonly seconds: bigint; readonly nanos: number } | undefined): bigint {
  return (time?.seconds ?? 0n) * SECOND + BigInt(time?.nanos ?? 0);
}
