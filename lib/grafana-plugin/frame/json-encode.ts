import { FrameError } from './errors.ts';
import { type Field, type FieldOf, type FieldType, kindOf } from './field.ts';
import { checkEnum } from './fields.ts';
import { type Frame, rowCount } from './frame.ts';
import { halvesOf, splitMilliseconds } from './nanoseconds.ts';
import { configJson, labelsJson, metaJson, plainToJson, toJson } from './schema-json.ts';

/** Which part of a frame to write: a stream sends the schema once and then only data. */
export type FrameInclude = 'all' | 'schema' | 'data';

/**
 * Encode a frame as Grafana's frame JSON, which streams carry and which recent Grafana also asks queries for.
 * @throws {FrameError} `LENGTH_MISMATCH`, `BAD_VALUE`, `BAD_SCHEMA`, or `TOO_LARGE` over 512 MiB of text
 */
export function encodeFrameJson(frame: Frame, include: FrameInclude = 'all'): Uint8Array {
  return Buffer.from(frameToJson(frame, include), 'utf8');
}

/** The same as text. */
export function frameToJson(frame: Frame, include: FrameInclude = 'all'): string {
  try {
    // Grafana's reader needs the schema before it can read data.
    const parts: string[] = [];
    if (include !== 'data') parts.push(`"schema":${schemaText(frame)}`);
    if (include !== 'schema') parts.push(`"data":${dataText(frame)}`);
    return `{${parts.join(',')}}`;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new FrameError('TOO_LARGE', `frame "${frame.name}" is too long for one JSON text: split it`, {
      cause,
    });
  }
}

/** The name of each type in `typeInfo`. */
export function wireType(type: FieldType): string {
  return type === 'time' ? 'time.Time' : type === 'json' ? 'json.RawMessage' : type;
}

function schemaText({ name, refId, meta, fields }: Frame): string {
  const parts: string[] = [];
  if (name !== '') parts.push(`"name":${toJson(name, 'name')}`);
  if (refId !== '') parts.push(`"refId":${toJson(refId, 'refId')}`);
  if (meta) parts.push(`"meta":${metaJson(meta, `frame "${name}"`)}`);
  parts.push(`"fields":[${fields.map(fieldText).join(',')}]`);
  return `{${parts.join(',')}}`;
}

function fieldText({ name, type, nullable, labels, config }: Field): string {
  const where = `field "${name}"`;
  const parts: string[] = [];
  if (name !== '') parts.push(`"name":${toJson(name, 'name')}`);
  parts.push(`"type":"${kindOf(type)}"`);
  parts.push(`"typeInfo":{"frame":"${wireType(type)}"${nullable ? ',"nullable":true' : ''}}`);
  if (labels) parts.push(`"labels":${labelsJson(labels, where)}`);
  if (config) parts.push(`"config":${configJson(config, where)}`);
  return `{${parts.join(',')}}`;
}

function dataText(frame: Frame): string {
  rowCount(frame);
  const columns = frame.fields.map(columnOf);
  const parts = [`"values":[${columns.map(({ values }) => values).join(',')}]`];
  if (columns.some(({ entities }) => entities)) {
    parts.push(
      `"entities":[${columns.map(({ entities }) => JSON.stringify(entities ?? null, entityOrder)).join(',')}]`,
    );
  }
  if (columns.some(({ nanos }) => nanos)) {
    parts.push(
      `"nanos":[${columns.map(({ nanos }) => (nanos ? `[${nanos.join(',')}]` : 'null')).join(',')}]`,
    );
  }
  return `{${parts.join(',')}}`;
}

/** Rows whose value JSON has no word for; they are null among the values. */
interface Entities {
  NaN?: number[];
  Inf?: number[];
  NegInf?: number[];
}

/** Go's order. */
const entityOrder = ['NaN', 'Inf', 'NegInf'];

interface Column {
  /** a JSON array */
  values: string;
  entities?: Entities | undefined;
  /** beyond the millisecond, per row */
  nanos?: number[] | undefined;
}

function columnOf(field: Field): Column {
  switch (field.type) {
    case 'float32':
    case 'float64':
      return floats(field);
    case 'time':
      return times(field);
    case 'json':
      return { values: toJson(field.values, `field "${field.name}"`) };
    case 'string':
    case 'bool':
      if (!field.nullable && (field.values as readonly unknown[]).includes(null)) {
        throw new FrameError('BAD_VALUE', `field "${field.name}" has a null: leave out nullable: false`);
      }
      return { values: plainToJson(field.values, `field "${field.name}"`) };
    case 'enum':
      checkEnum(field);
      break;
  }
  return { values: `[${withNulls(field).join(',')}]` };
}

/** Digits are put down bare, so that 64-bit integers keep all of theirs. */
function withNulls(field: Exclude<Field, FieldOf<'string' | 'bool' | 'json'>>): ArrayLike<unknown> & {
  join(separator: string): string;
} {
  if (field.nullCount === 0) return field.values;
  return Array.from<unknown, unknown>(field, (value) => (value === null ? 'null' : value));
}

function floats(field: FieldOf<'float32'> | FieldOf<'float64'>): Column {
  const { values, length } = field;
  const hasNulls = field.nullCount > 0;
  const written: (number | string | null)[] = new Array(length);
  let entities: Entities | undefined;
  let hasNegativeZero = false;
  for (let row = 0; row < length; row++) {
    const value = values[row] as number;
    if (hasNulls && field.at(row) === null) {
      written[row] = null;
      continue;
    }
    written[row] = value;
    if (value - value !== 0) {
      entities ??= {};
      const kind = Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : 'NegInf';
      entities[kind] ??= [];
      entities[kind].push(row);
    } else if (value === 0 && Object.is(value, -0)) {
      hasNegativeZero = true;
    }
  }
  // JSON.stringify writes NaN and the infinities as null, which is what is wanted, but -0 as 0.
  if (!hasNegativeZero) return { values: JSON.stringify(written), entities };
  const texts = written.map((value) =>
    value === null || !Number.isFinite(value) ? 'null' : Object.is(value, -0) ? '-0' : String(value),
  );
  return { values: `[${texts.join(',')}]`, entities };
}

function times(field: FieldOf<'time'>): Column {
  const { values, length } = field;
  const hasNulls = field.nullCount > 0;
  const halves = halvesOf(values);
  const written: (number | null)[] = new Array(length);
  let nanos: number[] | undefined;
  for (let row = 0; row < length; row++) {
    if (hasNulls && field.at(row) === null) {
      written[row] = null;
      continue;
    }
    const [unixMs, beyondNs] = splitMilliseconds(halves, row);
    written[row] = unixMs;
    if (beyondNs !== 0) {
      nanos ??= new Array<number>(length).fill(0);
      nanos[row] = beyondNs;
    }
  }
  return { values: JSON.stringify(written), nanos };
}
