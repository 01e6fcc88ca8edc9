import type { SpanKind } from '../trace-store.ts';
import { doubleAt } from './otlp-value.ts';
import type { AttributeLevel, AttributeValue, SearchableAttribute, SpanStatus } from './span-record.ts';
import { textAt } from './text.ts';
import { boolAt, FIXED64, int32At, int64At, LENGTH, tagOf, VARINT, WireReader } from './wire.ts';

const KEY = tagOf(1, LENGTH);
const TYPE = tagOf(2, VARINT);
const STRING = tagOf(3, LENGTH);
const BOOL = tagOf(4, VARINT);
const INT64 = tagOf(5, VARINT);
const FLOAT64 = tagOf(6, FIXED64);
const BINARY = tagOf(7, LENGTH);

/** Where each type has its value, by the number that the type has. */
const PLACES = [STRING, BOOL, INT64, FLOAT64, BINARY];

/** Reads an encoded KeyValue of Jaeger's model, which {@link checkWire} has seen. */
export function tagAt(
  bytes: Uint8Array,
  from: number,
  to: number,
  level: AttributeLevel,
): SearchableAttribute {
  let key = '';
  let type = 0;
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === KEY) key = textAt(bytes, field.from, field.to);
    else if (field.tag === TYPE) type = int32At(bytes, field.from);
  }
  return { level, key, value: tagValue(bytes, from, to, type) };
}

/** The type alone says which field counts; one that is not there has its zero value. */
function tagValue(bytes: Uint8Array, from: number, to: number, type: number): AttributeValue {
  const place = PLACES[type] ?? STRING;
  let value = zeroOf(place);
  const field = new WireReader(bytes, from, to);
  while (field.next()) if (field.tag === place) value = valueIn(field);
  return value;
}

function zeroOf(place: number): AttributeValue {
  if (place === BOOL) return { type: 'bool', value: false };
  if (place === INT64) return { type: 'int', value: 0n };
  if (place === FLOAT64) return { type: 'double', value: 0 };
  if (place === BINARY) return { type: 'bytes', value: new Uint8Array(0) };
  return { type: 'string', value: '' };
}

function valueIn({ bytes, tag, from, to }: WireReader): AttributeValue {
  if (tag === BOOL) return { type: 'bool', value: boolAt(bytes, from) };
  if (tag === INT64) return { type: 'int', value: int64At(bytes, from) };
  if (tag === FLOAT64) return { type: 'double', value: doubleAt(bytes, from) };
  if (tag === BINARY) return { type: 'bytes', value: bytes.subarray(from, to) };
  return { type: 'string', value: textAt(bytes, from, to) };
}

/** The value of a span's first tag of this name. */
export type FindTag = (key: string) => AttributeValue | undefined;

export const findTagIn =
  (attributes: readonly SearchableAttribute[]): FindTag =>
  (key) =>
    attributes.find((one) => one.level === 'span' && one.key === key)?.value;

const KINDS: ReadonlySet<string> = new Set<SpanKind>([
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
]);

/** By the tag `span.kind`, which Jaeger reads in lower case only. */
export function kindOf(find: FindTag): SpanKind {
  const kind = find('span.kind');
  return kind?.type === 'string' && KINDS.has(kind.value) ? (kind.value as SpanKind) : '';
}

/**
 * What OpenTelemetry calls the status: tag `error` where it is true, or else `otel.status_code`, or else what the answer
 * of HTTP means for this kind of span.
 * @see open-telemetry/opentelemetry-collector-contrib: pkg/translator/jaeger/jaegerproto_to_traces.go
 */
export function statusOf(find: FindTag): SpanStatus {
  if (find('error')?.value === true || find('error')?.value === 'true') return 'error';
  const said = find('otel.status_code');
  if (said !== undefined) {
    const code = String(said.value).toUpperCase();
    return code === 'ERROR' ? 'error' : code === 'OK' ? 'ok' : 'unset';
  }
  const http = httpStatus(find('http.status_code'));
  if (http === undefined || (http >= 100 && http < 400)) return 'unset';
  return http >= 400 && http < 500 && kindOf(find) === 'server' ? 'unset' : 'error';
}

function httpStatus(value: AttributeValue | undefined): number | undefined {
  if (value?.type === 'int') return Number(value.value);
  return value?.type === 'string' && /^[+-]?[0-9]{1,18}$/.test(value.value) ? Number(value.value) : undefined;
}
