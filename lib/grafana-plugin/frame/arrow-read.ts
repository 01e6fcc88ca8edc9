import { isAscii } from 'node:buffer';
import {
  type Field as ArrowField,
  type Data,
  DataType,
  Precision,
  RecordBatchReader,
  type Schema,
  TimeUnit,
  type Utf8View,
  Vector,
} from 'apache-arrow';
import { verifyArrow } from './arrow-verify.ts';
import { bitAt, bitmapBytes, setBit } from './bitmap.ts';
import {
  type Field,
  FieldOf,
  type FieldType,
  type FieldValues,
  type IntegerType,
  isPacked,
  type JsonValue,
  type PackedType,
  packedArrays,
} from './field.ts';
import { createFrame, type Frame } from './frame.ts';
import {
  decodeConfig,
  decodeLabels,
  decodeMeta,
  parseExactly,
  parseJson,
  unreadable,
} from './schema-decode.ts';

/** See `decodeArrow`. */
export function readArrow(file: Uint8Array): Frame {
  // Typed arrays over the file's own memory need their alignment.
  const bytes = file.byteOffset % 8 === 0 ? file : Uint8Array.from(file);
  const { schema, batches } = openArrow(bytes);
  const where = `frame "${schema.metadata.get('name') ?? ''}"`;
  const meta = schema.metadata.get('meta');
  return createFrame({
    name: schema.metadata.get('name') ?? '',
    refId: schema.metadata.get('refId') ?? '',
    meta: meta === undefined ? undefined : decodeMeta(parseJson(meta, `${where}: meta`), where),
    fields: schema.fields.map((field, index) =>
      readField(
        field,
        batches.map((columns) => columns[index] as Data),
      ),
    ),
  });
}

function openArrow(bytes: Uint8Array): { schema: Schema; batches: Data[][] } {
  try {
    verifyArrow(bytes);
    const reader = RecordBatchReader.from(bytes).open();
    if (!reader.isFile() || !reader.isSync()) throw new RangeError('it is no file');
    const { schema } = reader;
    // One by one: the library's iterator never ends when a message turns out to be of no kind that it knows.
    const batches = Array.from({ length: reader.numRecordBatches }, (_, index) => {
      const columns = reader.readRecordBatch(index)?.data.children;
      if (columns?.length !== schema.fields.length)
        throw new RangeError(`record batch ${index} cannot be read`);
      return columns;
    });
    return { schema, batches };
  } catch (cause) {
    throw unreadable(`the Arrow file cannot be read (${(cause as Error).message})`, cause);
  }
}

function readField(field: ArrowField, chunks: readonly Data[]): Field {
  const where = `field "${field.name}"`;
  const type = fieldType(field, where);
  const labels = field.metadata.get('labels');
  const config = field.metadata.get('config');
  const options = {
    nullable: field.nullable,
    labels: labels === undefined ? undefined : decodeLabels(parseJson(labels, `${where}: labels`), where),
    config: config === undefined ? undefined : decodeConfig(parseJson(config, `${where}: config`), where),
  };
  for (const chunk of chunks) checkChunk(chunk, type, where);
  if (isPacked(type)) {
    const values = packedValues(type, chunks);
    const validity = field.nullable ? validityOf(chunks, values.length) : undefined;
    return new FieldOf<PackedType>(type, field.name, values, { ...options, validity }) as Field;
  }
  const values = chunks.flatMap((chunk) => listedValues(type, chunk, field.nullable, where));
  return new FieldOf<'json'>(type as 'json', field.name, values, options);
}

function fieldType({ type, metadata }: ArrowField, where: string): FieldType {
  if (DataType.isInt(type)) {
    if (type.bitWidth === 16 && !type.isSigned && metadata.get('tstype') === 'enum') return 'enum';
    // A damaged file may say any width.
    const name: string = `${type.isSigned ? 'int' : 'uint'}${type.bitWidth}`;
    if (isIntegerType(name)) return name;
  }
  if (DataType.isFloat(type)) {
    if (type.precision === Precision.DOUBLE) return 'float64';
    if (type.precision === Precision.SINGLE) return 'float32';
  }
  if (DataType.isUtf8(type) || DataType.isUtf8View(type)) return 'string';
  if (DataType.isBool(type)) return 'bool';
  if (DataType.isBinary(type)) return 'json';
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.NANOSECOND) return 'time';
  throw unreadable(`${where} is of Arrow type ${String(type)}, which no field of a frame is`);
}

function isIntegerType(name: string): name is IntegerType {
  return /^u?int(?:8|16|32|64)$/.test(name);
}

/** The library trusts the lengths that a file claims; a column that is shorter than its rows would read as undefined. */
function checkChunk(data: Data, type: FieldType, where: string): void {
  const { length, offset } = data;
  const rows = length + offset;
  const isShort =
    !Number.isSafeInteger(rows) ||
    length < 0 ||
    (data.nullCount > 0 && data.nullBitmap.length < bitmapBytes(rows)) ||
    (type === 'bool' && data.values.length < bitmapBytes(rows)) ||
    (isPacked(type) && data.values.length < length);
  if (isShort) throw unreadable(`${where} is shorter than the ${length} rows it claims`);
  const isText = (type === 'string' || type === 'json') && !DataType.isUtf8View(data.type);
  if (!isText || length === 0) return;
  const { valueOffsets, values } = data as Data & { valueOffsets: Int32Array; values: Uint8Array };
  let last = valueOffsets[0] ?? -1;
  for (let row = 0; row <= length; row++) {
    const next = valueOffsets[row] ?? -1;
    if (next < last || next > values.length)
      throw unreadable(`${where}, row ${row}: its text lies outside the file`);
    last = next;
  }
}

function packedValues(type: PackedType, chunks: readonly Data[]): FieldValues[PackedType] {
  const TypedArray = packedArrays[type];
  const parts = chunks.map(({ values, length }) => {
    const part = (values as Uint8Array).subarray(0, length);
    return new TypedArray(part.buffer as ArrayBuffer, part.byteOffset, length) as FieldValues[PackedType];
  });
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const all = new TypedArray(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    (all as Float64Array).set(part as Float64Array, start);
    start += part.length;
  }
  return all;
}

function validityOf(chunks: readonly Data[], length: number): Uint8Array | undefined {
  if (chunks.every(({ nullCount }) => nullCount === 0)) return undefined;
  const validity = new Uint8Array(bitmapBytes(length));
  let start = 0;
  for (const chunk of chunks) {
    for (let row = 0; row < chunk.length; row++) if (isValid(chunk, row)) setBit(validity, start + row);
    start += chunk.length;
  }
  return validity;
}

function isValid({ nullCount, nullBitmap, offset }: Data, row: number): boolean {
  return nullCount === 0 || bitAt(nullBitmap, offset + row);
}

function listedValues(type: FieldType, chunk: Data, isNullable: boolean, where: string): JsonValue[] {
  const { length, offset } = chunk;
  const values = new Array<JsonValue>(length);
  if (type === 'bool') {
    for (let row = 0; row < length; row++) {
      values[row] =
        isNullable && !isValid(chunk, row) ? null : bitAt(chunk.values as Uint8Array, offset + row);
    }
    return values;
  }
  const textAt = textsOf(chunk);
  for (let row = 0; row < length; row++) {
    if (isNullable && !isValid(chunk, row)) values[row] = null;
    else if (type === 'string') values[row] = textAt(row);
    else {
      const text = textAt(row);
      // Go's empty json.RawMessage is no bytes at all.
      values[row] = text === '' ? null : (parseExactly(text, `${where}, row ${row}`) as JsonValue);
    }
  }
  return values;
}

function textsOf(chunk: Data): (row: number) => string {
  if (DataType.isUtf8View(chunk.type)) {
    const vector = new Vector([chunk as Data<Utf8View>]);
    return (row) => {
      try {
        return vector.get(row) ?? '';
      } catch (cause) {
        throw unreadable(`row ${row}: its text lies outside the file`, cause);
      }
    };
  }
  const { valueOffsets, values } = chunk as Data & { valueOffsets: Int32Array; values: Uint8Array };
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  if (!isAscii(bytes)) return (row) => bytes.toString('utf8', valueOffsets[row], valueOffsets[row + 1]);
  const all = bytes.toString('latin1');
  return (row) => all.slice(valueOffsets[row], valueOffsets[row + 1]);
}
