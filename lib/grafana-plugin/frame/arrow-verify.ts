import { longAt, TableReader } from './flatbuffer-read.ts';

const MAGIC = Buffer.from('ARROW1');
const RECORD_BATCH = 3;
/** Of Arrow's types: a view of texts says how many buffers it has. */
const VIEWS = new Set([23, 24]);

/**
 * Check what the Arrow library takes on trust. Every length and position must lie inside the file, and the schema must
 * be flat, as a frame's is: otherwise a few damaged bytes make the library allocate until the process dies (adr/002).
 * @throws {RangeError}
 */
export function verifyArrow(file: Uint8Array): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = file.length - MAGIC.length;
  if (file.length < 24 || !hasMagic(file, 0) || !hasMagic(file, end)) {
    throw new RangeError('an Arrow file begins and ends with "ARROW1"');
  }
  const footerAt = end - 4 - view.getInt32(end - 4, true);
  if (footerAt < 8 || footerAt > end - 4) throw new RangeError('the footer lies outside the file');
  const footer = TableReader.root(file.subarray(footerAt, end - 4));
  const schema = footer.table(1);
  if (!schema) throw new RangeError('the footer has no schema');
  verifyMetadata(schema, 2);
  const fields = schema.tables(1);
  for (const field of fields) verifyField(field);
  const hasViews = fields.some((field) => VIEWS.has(field.byte(2)));
  verifyMetadata(footer, 4);
  if (footer.structs(2, 24, () => 0).length > 0)
    throw new RangeError('it has dictionaries, which no frame has');
  const blocks = footer.structs(3, 24, (block) => ({
    offset: longAt(block, 0),
    metadataLength: block.getInt32(8, true),
    bodyLength: longAt(block, 16),
  }));
  for (const block of blocks) verifyBatch(file, view, block, fields.length, hasViews, footerAt);
}

function hasMagic(file: Uint8Array, position: number): boolean {
  return MAGIC.every((byte, index) => file[position + index] === byte);
}

function verifyMetadata(table: TableReader, id: number): void {
  for (const pair of table.tables(id)) {
    pair.text(0);
    pair.text(1);
  }
}

function verifyField(field: TableReader): void {
  field.text(0);
  if (field.has(4)) throw new RangeError('a field is a dictionary');
  if (field.tables(5).length > 0) throw new RangeError('a field holds fields');
  field.table(3);
  verifyMetadata(field, 6);
}

interface Block {
  offset: number;
  metadataLength: number;
  bodyLength: number;
}

function verifyBatch(
  file: Uint8Array,
  view: DataView,
  { offset, metadataLength, bodyLength }: Block,
  fields: number,
  hasViews: boolean,
  footerAt: number,
): void {
  if (metadataLength < 8 || offset % 8 !== 0 || offset + metadataLength + bodyLength > footerAt) {
    throw new RangeError('a record batch lies outside the file');
  }
  if (view.getInt32(offset, true) !== -1 || view.getInt32(offset + 4, true) !== metadataLength - 8) {
    throw new RangeError('a record batch is not where the footer says');
  }
  const message = TableReader.root(file.subarray(offset + 8, offset + metadataLength));
  verifyMetadata(message, 4);
  const batch = message.byte(1) === RECORD_BATCH ? message.table(2) : undefined;
  if (!batch || message.long(3) !== bodyLength) throw new RangeError('a message is no record batch');
  if (batch.has(3)) throw new RangeError('a record batch is compressed');
  const rows = batch.long(0);
  const nodes = batch.structs(1, 16, (node) => [longAt(node, 0), longAt(node, 8)] as const);
  if (nodes.length !== fields) throw new RangeError('a record batch has other columns than the schema');
  if (nodes.some(([length, nulls]) => length !== rows || nulls > length)) {
    throw new RangeError('columns differ in length');
  }
  // Each row takes a bit at least.
  if (fields > 0 && rows > bodyLength * 8) throw new RangeError(`a record batch cannot hold ${rows} rows`);
  const buffers = batch.structs(2, 16, (buffer) => longAt(buffer, 0) + longAt(buffer, 8));
  if (buffers.some((bufferEnd) => bufferEnd > bodyLength))
    throw new RangeError('a column lies outside its batch');
  const views = batch.structs(4, 8, (count) => longAt(count, 0));
  const spare = views.reduce((sum, count) => sum + count, 0);
  if (buffers.length > 3 * fields + spare || buffers.length < 2 * fields || (!hasViews && spare > 0)) {
    throw new RangeError('a record batch has too many buffers, or too few');
  }
}
