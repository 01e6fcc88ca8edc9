import { type ArrowLayout, layoutOf } from './arrow-layout.ts';
import { bitmapBytes, packBits } from './bitmap.ts';
import { FrameError } from './errors.ts';
import { type Field, type FieldOf, isPacked } from './field.ts';
import { checkEnum } from './fields.ts';
import { type Frame, rowCount } from './frame.ts';
import { toJson } from './schema-json.ts';

/**
 * Encode a frame as an Arrow IPC file, the form in which Grafana takes frames from plugins. Typed arrays are copied
 * once, into the file; half surrogate pairs in texts become U+FFFD.
 * @returns the file; its memory is not shared with the frame
 * @throws {FrameError} `LENGTH_MISMATCH`, `BAD_VALUE`, `BAD_SCHEMA`, or `TOO_LARGE` over 2 GiB in one column of text
 */
export function encodeArrow(frame: Frame): Uint8Array {
  const rows = rowCount(frame);
  const layout = layoutOf(frame, rows === 0);
  const { head, tail } = layout;
  if (rows === 0) return Buffer.concat([head, tail]);

  const columns = frame.fields.map(columnOf);
  let bodyLength = 0;
  for (const { parts } of columns) for (const part of parts) bodyLength += padded(part.byteLength);

  const file = Buffer.allocUnsafeSlow(head.length + bodyLength + tail.length);
  const view = new DataView(file.buffer);
  file.set(head);
  file.set(tail, head.length + bodyLength);
  fillIn(view, layout, columns, rows, bodyLength);
  let position = head.length;
  for (const { parts } of columns) {
    for (const part of parts) {
      if (typeof part.bytes === 'string') file.write(part.bytes, position, 'utf8');
      else file.set(part.bytes, position);
      const end = position + part.byteLength;
      position += padded(part.byteLength);
      if (position > end) file.fill(0, end, position);
    }
  }
  return file;
}

/** One Arrow buffer: bytes, or text that is written as UTF-8 where it belongs. */
interface Part {
  readonly bytes: Uint8Array | string;
  readonly byteLength: number;
}

interface Column {
  readonly nullCount: number;
  /** As many as `buffersOf` the type says. */
  readonly parts: readonly Part[];
}

function padded(byteLength: number): number {
  return Math.ceil(byteLength / 8) * 8;
}

function fillIn(
  view: DataView,
  layout: ArrowLayout,
  columns: readonly Column[],
  rows: number,
  bodyLength: number,
): void {
  putLong(view, layout.rowsAt, rows);
  putLong(view, layout.bodyLengthAt, bodyLength);
  putLong(view, layout.head.length + bodyLength + layout.tailBodyLengthAt, bodyLength);
  let node = layout.nodesAt;
  let buffer = layout.buffersAt;
  let offset = 0;
  for (const { nullCount, parts } of columns) {
    putLong(view, node, rows);
    putLong(view, node + 8, nullCount);
    node += 16;
    for (const { byteLength } of parts) {
      putLong(view, buffer, offset);
      putLong(view, buffer + 8, byteLength);
      buffer += 16;
      offset += padded(byteLength);
    }
  }
}

/** A whole number up to 2^53 as a 64-bit integer. */
function putLong(view: DataView, position: number, value: number): void {
  view.setUint32(position, value, true); // takes the value modulo 2^32
  view.setUint32(position + 4, Math.floor(value / 4294967296), true);
}

const nothing: Part = { bytes: new Uint8Array(0), byteLength: 0 };

function columnOf(field: Field): Column {
  if (isPacked(field.type)) return packedColumn(field as Exclude<Field, FieldOf<'string' | 'bool' | 'json'>>);
  const { values, length, name, nullable } = field as FieldOf<'string' | 'bool' | 'json'>;
  const nullCount = field.nullCount;
  const validity = nullCount > 0 ? part(packBits(length, (row) => values[row] !== null)) : nothing;
  switch (field.type) {
    case 'bool':
      return { nullCount, parts: [validity, part(packBits(length, (row) => values[row] === true))] };
    case 'json': {
      const texts = field.values.map((value) =>
        value === null && nullable ? null : toJson(value, `field "${name}": a value`),
      );
      return { nullCount, parts: [validity, ...textParts(name, texts)] };
    }
    default:
      if (!nullable) checkNoNull(field as FieldOf<'string'>);
      return { nullCount, parts: [validity, ...textParts(name, values as readonly (string | null)[])] };
  }
}

function packedColumn(field: Exclude<Field, FieldOf<'string' | 'bool' | 'json'>>): Column {
  if (field.type === 'enum') checkEnum(field);
  const { values, validity, nullCount } = field;
  return {
    nullCount,
    parts: [
      nullCount > 0 ? part((validity as Uint8Array).subarray(0, bitmapBytes(field.length))) : nothing,
      part(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
    ],
  };
}

function part(bytes: Uint8Array): Part {
  return { bytes, byteLength: bytes.byteLength };
}

function checkNoNull({ name, values }: FieldOf<'string'>): void {
  const row = values.indexOf(null);
  if (row < 0) return;
  throw new FrameError(
    'BAD_VALUE',
    `field "${name}", row ${row} is null but the field is not nullable: leave out nullable: false`,
  );
}

/** V8's longest string, and well below the 2 GiB that Arrow's 32-bit offsets reach. */
const MOST_CHARACTERS = 2 ** 29 - 25;

/** Offsets and bytes of a column of text. Joined first: one call that writes all is far faster than one per row. */
function textParts(name: string, texts: readonly (string | null)[]): [Part, Part] {
  const offsets = new Int32Array(texts.length + 1);
  let characters = 0;
  for (let row = 0; row < texts.length; row++) {
    characters += texts[row]?.length ?? 0;
    offsets[row + 1] = characters;
  }
  if (characters > MOST_CHARACTERS) {
    throw new FrameError(
      'TOO_LARGE',
      `field "${name}" holds ${characters} characters, more than ${MOST_CHARACTERS}: split the frame`,
    );
  }
  const joined = texts.join('');
  const byteLength = Buffer.byteLength(joined, 'utf8');
  if (byteLength === characters) return [part(bytesOf(offsets)), { bytes: joined, byteLength }];
  // Not all of it is ASCII, so that lengths in characters are not lengths in bytes.
  let end = 0;
  for (let row = 0; row < texts.length; row++) {
    end += Buffer.byteLength(texts[row] ?? '', 'utf8');
    offsets[row + 1] = end;
  }
  if (end > 2 ** 31 - 1) {
    throw new FrameError('TOO_LARGE', `field "${name}" holds ${end} bytes, more than 2 GiB: split the frame`);
  }
  // Two halves of a surrogate pair that met in joining are no pair: each is to become U+FFFD.
  if (end !== byteLength)
    return textParts(
      name,
      texts.map((text) => text?.toWellFormed() ?? null),
    );
  return [part(bytesOf(offsets)), { bytes: joined, byteLength }];
}

function bytesOf(offsets: Int32Array): Uint8Array {
  return new Uint8Array(offsets.buffer);
}
