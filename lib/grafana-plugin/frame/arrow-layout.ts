import type { Field, FieldType } from './field.ts';
import { kindOf } from './field.ts';
import { type Slot, type Table, writeFlatBuffer } from './flatbuffer.ts';
import type { Frame } from './frame.ts';
import { configJson, labelsJson, metaJson, toJson } from './schema-json.ts';

/**
 * The Arrow IPC file around a frame's columns. Everything but the columns' bytes, their lengths and their offsets
 * depends on the schema alone, so it is laid out once per schema and then copied and filled in: see adr/001.
 *
 *     magic, schema message, record batch message | columns | end of stream, footer, its length, magic
 *
 * @see apache/arrow: format/File.fbs, Message.fbs, Schema.fbs
 */
export interface ArrowLayout {
  /** Bytes up to the columns, then positions in them of 64-bit numbers to fill in. */
  readonly head: Uint8Array;
  readonly rowsAt: number;
  readonly bodyLengthAt: number;
  /** per field: rows, nulls */
  readonly nodesAt: number;
  /** per buffer: offset in the body, length */
  readonly buffersAt: number;
  /** Bytes after the columns. */
  readonly tail: Uint8Array;
  readonly tailBodyLengthAt: number;
}

const MAGIC = Buffer.from('ARROW1');
const V5 = 4;
const SCHEMA = 1;
const RECORD_BATCH = 3;
const NANOSECONDS = 3;

/** Arrow buffers of each type: validity, then offsets where the values differ in length, then values. */
export function buffersOf(type: FieldType): 2 | 3 {
  return type === 'string' || type === 'json' ? 3 : 2;
}

/** A schema whose text is longer than this (a plugin that puts results into `meta.custom`) will not come again. */
const MOST_KEPT_CHARACTERS = 16_384;
const MOST_KEPT = 256;
const kept = new Map<string, ArrowLayout>();

/** @throws {FrameError} `BAD_SCHEMA` */
export function layoutOf(frame: Frame, isEmpty: boolean): ArrowLayout {
  const key = keyOf(frame, isEmpty);
  const known = kept.get(key);
  if (known) return known;
  const made = layOut(frame, !isEmpty);
  if (key.length <= MOST_KEPT_CHARACTERS) {
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value as string);
    kept.set(key, made);
  }
  return made;
}

/** Frames with equal keys have the same layout. The texts are told apart by their lengths. */
function keyOf({ name, refId, meta, fields }: Frame, isEmpty: boolean): string {
  let key = `${isEmpty}${fields.length}${counted(name)}${counted(refId)}${jsonKey(meta)}`;
  for (const field of fields) {
    key += `${field.type}${field.nullable}${counted(field.name)}${jsonKey(field.labels)}${jsonKey(field.config)}`;
  }
  return key;
}

function counted(text: string): string {
  return `${text.length}:${text}`;
}

function jsonKey(value: unknown): string {
  return value === undefined ? '-' : counted(toJson(value, 'labels, config or meta'));
}

function layOut(frame: Frame, hasBatch: boolean): ArrowLayout {
  const schema = schemaTable(frame);
  const schemaMessage = framed(
    writeFlatBuffer([
      { id: 0, as: 'short', value: V5 },
      { id: 1, as: 'byte', value: SCHEMA },
      { id: 2, as: 'table', value: schema },
      { id: 3, as: 'long', value: 0n },
    ]),
  );
  const batchAt = 8 + schemaMessage.length;
  const at = { rows: 0, bodyLength: 0, nodes: 0, buffers: 0, footer: 0 };
  const batchMessage = hasBatch ? framed(batchFlatBuffer(frame, at)) : new Uint8Array(0);
  const head = Buffer.concat([MAGIC, new Uint8Array(2), schemaMessage, batchMessage]);

  const blocks: Slot = {
    id: 3,
    as: 'structs',
    count: hasBatch ? 1 : 0,
    bytesEach: 24,
    onWritten: (position) => {
      at.footer = position;
    },
  };
  const footer = writeFlatBuffer([
    { id: 0, as: 'short', value: V5 },
    { id: 1, as: 'table', value: schema },
    { id: 2, as: 'structs', count: 0, bytesEach: 24 },
    blocks,
  ]);
  const tail = Buffer.alloc(8 + footer.length + 4 + MAGIC.length);
  tail.writeInt32LE(-1, 0); // end of stream
  tail.set(footer, 8);
  if (hasBatch) {
    tail.writeBigInt64LE(BigInt(batchAt), 8 + at.footer);
    tail.writeInt32LE(batchMessage.length, 8 + at.footer + 8);
  }
  tail.writeInt32LE(footer.length, 8 + footer.length);
  tail.set(MAGIC, 8 + footer.length + 4);

  const messageAt = batchAt + 8;
  return {
    head,
    rowsAt: messageAt + at.rows,
    bodyLengthAt: messageAt + at.bodyLength,
    nodesAt: messageAt + at.nodes,
    buffersAt: messageAt + at.buffers,
    tail,
    tailBodyLengthAt: 8 + at.footer + 16,
  };
}

/** A message as it stands in the file: marker, length, FlatBuffer. */
function framed(flatBuffer: Uint8Array): Uint8Array {
  const message = Buffer.alloc(8 + flatBuffer.length);
  message.writeInt32LE(-1, 0);
  message.writeInt32LE(flatBuffer.length, 4);
  message.set(flatBuffer, 8);
  return message;
}

type Positions = { rows: number; bodyLength: number; nodes: number; buffers: number };

function batchFlatBuffer({ fields }: Frame, at: Positions): Uint8Array {
  const note = (what: keyof Positions) => (position: number) => {
    at[what] = position;
  };
  const buffers = fields.reduce((sum, { type }) => sum + buffersOf(type), 0);
  const batch: Table = [
    { id: 0, as: 'long', value: 0n, onWritten: note('rows') },
    { id: 1, as: 'structs', count: fields.length, bytesEach: 16, onWritten: note('nodes') },
    { id: 2, as: 'structs', count: buffers, bytesEach: 16, onWritten: note('buffers') },
  ];
  return writeFlatBuffer([
    { id: 0, as: 'short', value: V5 },
    { id: 1, as: 'byte', value: RECORD_BATCH },
    { id: 2, as: 'table', value: batch },
    { id: 3, as: 'long', value: 0n, onWritten: note('bodyLength') },
  ]);
}

function schemaTable({ name, refId, meta, fields }: Frame): Table {
  const metadata: [string, string | undefined][] = [
    ['name', name],
    ['refId', refId],
    ['meta', metaJson(meta, `frame "${name}"`)],
  ];
  return [
    { id: 1, as: 'tables', value: fields.map(fieldTable) },
    { id: 2, as: 'tables', value: keyValues(metadata) },
  ];
}

function fieldTable(field: Field): Table {
  const where = `field "${field.name}"`;
  const [typeNumber, type] = arrowType(field.type);
  const metadata: [string, string | undefined][] = [
    ['config', configJson(field.config, where)],
    ['labels', labelsJson(field.labels, where)],
    ['tstype', kindOf(field.type)],
  ];
  return [
    { id: 0, as: 'text', value: field.name },
    { id: 1, as: 'bool', value: field.nullable ? 1 : 0 },
    { id: 2, as: 'byte', value: typeNumber },
    { id: 3, as: 'table', value: type },
    { id: 5, as: 'tables', value: [] },
    { id: 6, as: 'tables', value: keyValues(metadata) },
  ];
}

function keyValues(pairs: [string, string | undefined][]): Table[] {
  return pairs.flatMap(([key, value]) =>
    value === undefined
      ? []
      : [
          [
            { id: 0, as: 'text', value: key },
            { id: 1, as: 'text', value },
          ] satisfies Table,
        ],
  );
}

/** The number of the type in Arrow's union of types, and what it says beside. */
function arrowType(type: FieldType): [number, Table] {
  switch (type) {
    case 'float32':
      return [3, [{ id: 0, as: 'short', value: 1 }]];
    case 'float64':
      return [3, [{ id: 0, as: 'short', value: 2 }]];
    case 'json':
      return [4, []]; // Binary
    case 'string':
      return [5, []]; // Utf8
    case 'bool':
      return [6, []];
    case 'time':
      return [10, [{ id: 0, as: 'short', value: NANOSECONDS }]];
    case 'enum':
      return integerType(16, false);
    default:
      return integerType(Number(/\d+/.exec(type)?.[0]), !type.startsWith('u'));
  }
}

function integerType(bits: number, isSigned: boolean): [number, Table] {
  return [
    2,
    [
      { id: 0, as: 'int', value: bits },
      { id: 1, as: 'bool', value: isSigned ? 1 : 0 },
    ],
  ];
}
