import type { AttributeLevel, AttributeValue, SearchableAttribute } from './span-record.ts';
import { textAt } from './text.ts';
import { doubleText } from './value-text.ts';
import { boolAt, FIXED64, int64At, LENGTH, tagOf, VARINT, WireReader } from './wire.ts';

const KEY = tagOf(1, LENGTH);
const VALUE = tagOf(2, LENGTH);
/** The one field of an ArrayValue, and of a KeyValueList. */
const ITEM = tagOf(1, LENGTH);

const STRING_VALUE = tagOf(1, LENGTH);
const BOOL_VALUE = tagOf(2, VARINT);
const INT_VALUE = tagOf(3, VARINT);
const DOUBLE_VALUE = tagOf(4, FIXED64);
const ARRAY_VALUE = tagOf(5, LENGTH);
const KVLIST_VALUE = tagOf(6, LENGTH);
const BYTES_VALUE = tagOf(7, LENGTH);

/** Reads an encoded KeyValue of OTLP, which {@link checkWire} has seen. */
export function otlpAttributeAt(
  bytes: Uint8Array,
  from: number,
  to: number,
  level: AttributeLevel,
): SearchableAttribute {
  let key = '';
  let value = NOTHING;
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === KEY) key = textAt(bytes, field.from, field.to);
    else if (field.tag === VALUE) value = valueAt(bytes, field.from, field.to);
  }
  return { level, key, value };
}

/** What Jaeger makes of an AnyValue without a value. */
const NOTHING: AttributeValue = { type: 'string', value: '' };

/** Reads an encoded AnyValue: the last value counts, as for every oneof. */
export function valueAt(bytes: Uint8Array, from: number, to: number): AttributeValue {
  let value = NOTHING;
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === STRING_VALUE) value = { type: 'string', value: textAt(bytes, field.from, field.to) };
    else if (field.tag === BOOL_VALUE) value = { type: 'bool', value: boolAt(bytes, field.from) };
    else if (field.tag === INT_VALUE) value = { type: 'int', value: int64At(bytes, field.from) };
    else if (field.tag === DOUBLE_VALUE) value = { type: 'double', value: doubleAt(bytes, field.from) };
    else if (field.tag === BYTES_VALUE)
      value = { type: 'bytes', value: bytes.subarray(field.from, field.to) };
    else if (field.tag === ARRAY_VALUE || field.tag === KVLIST_VALUE)
      value = { type: 'json', value: jsonOf(field) ?? '' };
  }
  return value;
}

export function doubleAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0, true);
}

/**
 * The JSON of the value that `field` is, as Go writes it: maps sorted by key, the last of equal keys, `<`, `>` and `&`
 * escaped, bytes in base64. undefined where JSON can't say it: Go then says nothing at all.
 */
function jsonOf(field: WireReader): string | undefined {
  const { bytes, from, to } = field;
  switch (field.tag) {
    case STRING_VALUE:
      return jsonString(textAt(bytes, from, to));
    case BOOL_VALUE:
      return String(boolAt(bytes, from));
    case INT_VALUE:
      return String(int64At(bytes, from));
    case DOUBLE_VALUE: {
      const value = doubleAt(bytes, from);
      return Number.isFinite(value) ? doubleText(value) : undefined;
    }
    case BYTES_VALUE:
      // To Go, no bytes are nil.
      if (from === to) return 'null';
      return `"${Buffer.from(bytes.subarray(from, to)).toString('base64')}"`;
    case ARRAY_VALUE:
      return jsonArray(bytes, from, to);
    case KVLIST_VALUE:
      return jsonObject(bytes, from, to);
    default:
      return undefined;
  }
}

function jsonArray(bytes: Uint8Array, from: number, to: number): string | undefined {
  const items: string[] = [];
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag !== ITEM) continue;
    const item = jsonAt(bytes, field.from, field.to);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return `[${items.join(',')}]`;
}

function jsonObject(bytes: Uint8Array, from: number, to: number): string | undefined {
  const entries = new Map<string, string>();
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag !== ITEM) continue;
    const [key, value] = entryAt(bytes, field.from, field.to);
    if (value === undefined) return undefined;
    entries.set(key, value);
  }
  const sorted = [...entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${sorted.map(([key, value]) => `${jsonString(key)}:${value}`).join(',')}}`;
}

function entryAt(bytes: Uint8Array, from: number, to: number): [key: string, value: string | undefined] {
  let key = '';
  let value: string | undefined = 'null';
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === KEY) key = textAt(bytes, field.from, field.to);
    else if (field.tag === VALUE) value = jsonAt(bytes, field.from, field.to);
  }
  return [key, value];
}

/** Of an encoded AnyValue. */
function jsonAt(bytes: Uint8Array, from: number, to: number): string | undefined {
  let json: string | undefined = 'null';
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    const number = field.tag >>> 3;
    if (number >= 1 && number <= 7) json = jsonOf(field);
  }
  return json;
}

function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
