import { bitmapBytes, setBit } from './bitmap.ts';
import { isRecord } from './check-schema.ts';
import { FrameError } from './errors.ts';
import {
  type Field,
  FieldOf,
  type FieldType,
  type FieldValues,
  isPacked,
  type JsonValue,
  type PackedType,
  packedArrays,
} from './field.ts';
import { createFrame, type Frame, type FrameParts } from './frame.ts';
import { halvesOf, putMilliseconds, shown } from './nanoseconds.ts';
import { decodeConfig, decodeLabels, decodeMeta, parseExactly, unreadable } from './schema-decode.ts';

/**
 * Decode Grafana's frame JSON; 64-bit integers and nanoseconds keep every digit.
 * @param json - text or UTF-8 bytes, which may come from anywhere
 * @param schema - the frame to take the schema from when `json` holds data only, as later packets of a stream do
 * @throws {FrameError} `UNREADABLE`, or `BAD_SCHEMA` for labels, config or meta that are not what they should be
 */
export function decodeFrameJson(json: string | Uint8Array, schema?: Frame): Frame {
  const text =
    typeof json === 'string' ? json : Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString();
  const parsed = parseExactly(text, 'the frame');
  if (!isRecord(parsed)) throw unreadable('the frame is no JSON object');
  const { parts, columns } =
    parsed.schema === undefined ? takeSchema(schema) : readSchema(asNumbers(parsed.schema));
  const data = parsed.data ?? {};
  if (!isRecord(data)) throw unreadable("the frame's data is no object");
  const values = listOf(data.values, columns.length, 'data.values');
  const entities = listOf(data.entities, columns.length, 'data.entities');
  const nanos = listOf(data.nanos, columns.length, 'data.nanos');
  if (values.length > 0 && values.length !== columns.length) {
    throw unreadable(`data.values has ${values.length} columns for ${columns.length} fields`);
  }
  const fields = columns.map((column, index) => {
    const given = values[index] ?? [];
    if (!Array.isArray(given)) throw unreadable(`field "${column.name}": its values are no list`);
    return readField(column, given, entities[index], nanos[index]);
  });
  return createFrame({ ...parts, fields });
}

type ColumnSchema = Pick<Field, 'name' | 'type' | 'nullable' | 'labels' | 'config'>;
interface Schema {
  parts: FrameParts;
  columns: readonly ColumnSchema[];
}

function takeSchema(schema: Frame | undefined): Schema {
  if (schema) return { parts: schema, columns: schema.fields };
  throw new FrameError(
    'UNREADABLE',
    'the frame has data but no schema: pass the frame that came with the schema as second argument',
  );
}

/** Only values are exact: a config has numbers, however long they are written. */
function asNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(asNumbers);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asNumbers(each)]));
}

function readSchema(schema: unknown): Schema {
  if (!isRecord(schema)) throw unreadable("the frame's schema is no object");
  const { name = '', refId = '', meta, fields } = schema;
  if (typeof name !== 'string' || typeof refId !== 'string') throw unreadable('the name or refId is no text');
  const columns = listOf(fields, Number.POSITIVE_INFINITY, 'schema.fields').map(readColumnSchema);
  return { parts: { name, refId, meta: decodeMeta(meta, `frame "${name}"`) }, columns };
}

/** What Grafana's own reader takes for each type, besides the names that its writer uses. */
const types = new Map<unknown, FieldType>([
  ...([...Object.keys(packedArrays), 'string', 'bool', 'json'] as FieldType[]).map(
    (type) => [type, type] as const,
  ),
  ['time.Time', 'time'],
  ['json.RawMessage', 'json'],
  ['boolean', 'bool'],
  ['int', 'int64'],
  ['uint', 'uint64'],
  ['double', 'float64'],
  ['float', 'float64'],
]);

function readColumnSchema(field: unknown, index: number): ColumnSchema {
  if (!isRecord(field) || !isRecord(field.typeInfo)) throw unreadable(`field ${index} has no typeInfo`);
  const { name = '', typeInfo, labels, config } = field;
  const type = types.get(typeInfo.frame);
  if (typeof name !== 'string') throw unreadable(`the name of field ${index} is no text`);
  if (!type) throw unreadable(`field "${name}": ${shown(typeInfo.frame)} is no type of field`);
  const where = `field "${name}"`;
  return {
    name,
    type,
    nullable: typeInfo.nullable === true,
    labels: decodeLabels(labels, where),
    config: decodeConfig(config, where),
  };
}

function listOf(list: unknown, most: number, what: string): unknown[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || list.length > most) throw unreadable(`${what} is no list of at most ${most}`);
  return list;
}

function readField(
  column: ColumnSchema,
  given: readonly unknown[],
  entities: unknown,
  nanos: unknown,
): Field {
  const { name, type, ...options } = column;
  if (!isPacked(type)) {
    const values = given.map((value, row) => listedValue(column, value, row));
    return new FieldOf<'json'>(type as 'json', name, values, options);
  }
  const values = new packedArrays[type](given.length) as FieldValues[PackedType];
  const special =
    type === 'float32' || type === 'float64' ? specialRows(column, given.length, entities) : undefined;
  const put = writerOf(column, type, values, Array.isArray(nanos) ? nanos : undefined);
  let missing = 0;
  const validity = new Uint8Array(bitmapBytes(given.length));
  for (let row = 0; row < given.length; row++) {
    const value = given[row] ?? special?.get(row) ?? null;
    if (value === null) {
      missing++; // a column that is not nullable has its zero there
      continue;
    }
    put(row, value);
    setBit(validity, row);
  }
  const isSparse = missing > 0 && options.nullable;
  return new FieldOf<PackedType>(type, name, values, {
    ...options,
    validity: isSparse ? validity : undefined,
  }) as Field;
}

function listedValue({ name, type, nullable }: ColumnSchema, value: unknown, row: number): JsonValue {
  if (type === 'json') return value as JsonValue;
  if (value === null) return nullable ? null : type === 'bool' ? false : '';
  if (typeof value === (type === 'bool' ? 'boolean' : 'string')) return value as JsonValue;
  throw unreadable(`field "${name}", row ${row}: ${shown(value)} is no ${type}`);
}

/** Rows of a float column that stand for what JSON has no word for. */
function specialRows(
  { name }: ColumnSchema,
  rows: number,
  entities: unknown,
): Map<number, number> | undefined {
  if (!isRecord(entities)) return undefined;
  const special = new Map<number, number>();
  const kinds = { NaN: Number.NaN, Inf: Number.POSITIVE_INFINITY, NegInf: Number.NEGATIVE_INFINITY };
  for (const [kind, value] of Object.entries(kinds)) {
    for (const row of listOf(entities[kind], rows, `field "${name}": entities.${kind}`)) {
      if (!Number.isInteger(row) || (row as number) < 0 || (row as number) >= rows) {
        throw unreadable(`field "${name}": entities.${kind} names row ${shown(row)} of ${rows}`);
      }
      special.set(row as number, value);
    }
  }
  return special;
}

function writerOf(
  { name }: ColumnSchema,
  type: PackedType,
  values: FieldValues[PackedType],
  nanos: readonly unknown[] | undefined,
): (row: number, value: unknown) => void {
  const refuse = (row: number, value: unknown): never => {
    throw unreadable(`field "${name}", row ${row}: ${shown(value)} is no ${type}`);
  };
  if (type === 'time') {
    const column = values as BigInt64Array;
    const halves = halvesOf(column);
    return (row, value) => {
      const beyondNs = nanos?.[row] ?? 0;
      if (!Number.isInteger(value)) refuse(row, value);
      if (beyondNs === 0 && putMilliseconds(halves, row, value as number)) return;
      if (!Number.isInteger(beyondNs) || (beyondNs as number) < 0 || (beyondNs as number) > 999_999) {
        throw unreadable(
          `field "${name}", row ${row}: ${shown(beyondNs)} are no nanoseconds below a millisecond`,
        );
      }
      const unixNs = BigInt(value as number) * 1_000_000n + BigInt(beyondNs as number);
      column[row] = unixNs;
      if (column[row] !== unixNs) refuse(row, value); // it wrapped around
    };
  }
  if (type === 'float32' || type === 'float64') {
    const column = values as Float64Array;
    return (row, value) => {
      if (typeof value === 'number') column[row] = value;
      else if (typeof value === 'bigint') column[row] = Number(value);
      else refuse(row, value);
    };
  }
  if (type === 'int64' || type === 'uint64') {
    const column = values as BigInt64Array;
    return (row, value) => {
      const whole = Number.isSafeInteger(value) ? BigInt(value as number) : value;
      if (typeof whole !== 'bigint') return refuse(row, value);
      column[row] = whole;
      if (column[row] !== whole) refuse(row, value); // it wrapped around
    };
  }
  const column = values as Int32Array;
  return (row, value) => {
    if (!Number.isInteger(value)) refuse(row, value);
    column[row] = value as number;
    if (column[row] !== value && !Object.is(value, -0)) refuse(row, value);
  };
}
