import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { KeyValue as JaegerKeyValue } from '../../../../lib/jaeger-storage/proto/model_pb.ts';
import {
  KeyValueSchema as JaegerKeyValueSchema,
  ValueType,
} from '../../../../lib/jaeger-storage/proto/model_pb.ts';
import type { AnyValue, KeyValue } from '../../../../lib/jaeger-storage/proto/otlp_common_pb.ts';
import {
  AnyValueSchema,
  ArrayValueSchema,
  KeyValueListSchema,
  KeyValueSchema,
} from '../../../../lib/jaeger-storage/proto/otlp_common_pb.ts';

/** number: a double. bigint: an integer. Arrays and maps have no place in Jaeger's model; there they are JSON. */
export type Value =
  | string
  | bigint
  | number
  | boolean
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

/** As pairs where a key is to occur twice. */
export type Attributes = Readonly<Record<string, Value>> | readonly (readonly [key: string, value: Value])[];

export function pairs(attributes: Attributes | undefined): readonly (readonly [string, Value])[] {
  if (attributes === undefined) return [];
  return isList(attributes) ? attributes : Object.entries(attributes);
}

/** `Array.isArray` that knows read-only arrays. */
export function isList<Item>(value: unknown | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}

export function otlpAttributes(entries: readonly (readonly [string, Value])[]): KeyValue[] {
  return entries.map(([key, value]) => create(KeyValueSchema, { key, value: anyValue(value) }));
}

function anyValue(value: Value): AnyValue {
  return create(AnyValueSchema, { value: caseOf(value) });
}

function caseOf(value: Value): AnyValue['value'] {
  if (typeof value === 'string') return { case: 'stringValue', value };
  if (typeof value === 'boolean') return { case: 'boolValue', value };
  if (typeof value === 'bigint') return { case: 'intValue', value };
  if (typeof value === 'number') return { case: 'doubleValue', value };
  if (value instanceof Uint8Array) return { case: 'bytesValue', value };
  if (isList<Value>(value)) {
    return { case: 'arrayValue', value: create(ArrayValueSchema, { values: value.map(anyValue) }) };
  }
  return {
    case: 'kvlistValue',
    value: create(KeyValueListSchema, { values: otlpAttributes(Object.entries(value)) }),
  };
}

export function jaegerTags(entries: readonly (readonly [string, Value])[]): JaegerKeyValue[] {
  return entries.map(([key, value]) => create(JaegerKeyValueSchema, { key, ...tagValue(value) }));
}

function tagValue(value: Value): MessageInitShape<typeof JaegerKeyValueSchema> {
  if (typeof value === 'string') return { vType: ValueType.STRING, vStr: value };
  if (typeof value === 'boolean') return { vType: ValueType.BOOL, vBool: value };
  if (typeof value === 'bigint') return { vType: ValueType.INT64, vInt64: value };
  if (typeof value === 'number') return { vType: ValueType.FLOAT64, vFloat64: value };
  if (value instanceof Uint8Array) return { vType: ValueType.BINARY, vBinary: value };
  return { vType: ValueType.STRING, vStr: jsonOf(value) };
}

/** As Jaeger turns lists and maps into tags. */
export function jsonOf(value: Value): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (isList<Value>(value)) return `[${value.map(jsonOf).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonOf(item)}`).join(',')}}`;
}
