/**
 * Writes the few FlatBuffers that head an Arrow file, front to back: a table, then what it refers to. Only what Arrow's
 * schema and record batch messages need. Why not a library: adr/001.
 */

/** Slots of a table by the number that the FlatBuffers schema gives them; a slot left out has its default. */
export type Table = readonly Slot[];

export type Slot =
  | { id: number; as: 'bool' | 'byte'; value: number }
  | { id: number; as: 'short' | 'int'; value: number }
  | { id: number; as: 'long'; value: bigint; onWritten?: (position: number) => void }
  | { id: number; as: 'text'; value: string }
  | { id: number; as: 'table'; value: Table }
  | { id: number; as: 'tables'; value: readonly Table[] }
  /** Fixed-size records that hold 64-bit numbers, zero until someone fills them in at `onWritten`'s position. */
  | {
      id: number;
      as: 'structs';
      count: number;
      bytesEach: number;
      onWritten?: (position: number) => void;
    };

const sizes = {
  bool: 1,
  byte: 1,
  short: 2,
  int: 4,
  long: 8,
  text: 4,
  table: 4,
  tables: 4,
  structs: 4,
} as const;

/** @returns the buffer, its length a multiple of 8 */
export function writeFlatBuffer(root: Table): Uint8Array {
  const writer = new Writer();
  const start = writer.reserve(4, 4);
  writer.refer(start, writer.table(root));
  return writer.finish();
}

class Writer {
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  /** Room for `size` bytes such that byte `alignedAt` of them falls on a multiple of `alignment`. */
  reserve(size: number, alignment: number, alignedAt = 0): number {
    const position = roundUp(this.#used + alignedAt, alignment) - alignedAt;
    this.#used = position + size;
    if (this.#used > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#used, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return position;
  }

  refer(from: number, to: number): void {
    this.#view.setUint32(from, to - from, true);
  }

  table(slots: Table): number {
    const highest = slots.reduce((most, { id }) => Math.max(most, id), -1);
    const vtableSize = 4 + 2 * (highest + 1);
    const vtable = this.reserve(vtableSize, 2);
    const table = this.reserve(4, 4);
    this.#view.setInt32(table, table - vtable, true);
    const placed = slots.map((slot) => {
      const position = this.reserve(sizes[slot.as], sizes[slot.as]);
      this.#view.setUint16(vtable + 4 + 2 * slot.id, position - table, true);
      return { slot, position };
    });
    this.#view.setUint16(vtable, vtableSize, true);
    this.#view.setUint16(vtable + 2, this.#used - table, true);
    for (const { slot, position } of placed) this.#write(slot, position);
    return table;
  }

  #write(slot: Slot, position: number): void {
    switch (slot.as) {
      case 'bool':
      case 'byte':
        this.#view.setUint8(position, slot.value);
        break;
      case 'short':
        this.#view.setInt16(position, slot.value, true);
        break;
      case 'int':
        this.#view.setInt32(position, slot.value, true);
        break;
      case 'long':
        this.#view.setBigInt64(position, slot.value, true);
        slot.onWritten?.(position);
        break;
      case 'text':
        this.refer(position, this.#text(slot.value));
        break;
      case 'table':
        this.refer(position, this.table(slot.value));
        break;
      case 'tables': {
        const vector = this.reserve(4 + 4 * slot.value.length, 4);
        this.#view.setUint32(vector, slot.value.length, true);
        this.refer(position, vector);
        slot.value.forEach((each, index) => {
          this.refer(vector + 4 + 4 * index, this.table(each));
        });
        break;
      }
      case 'structs': {
        const vector = this.reserve(4 + slot.count * slot.bytesEach, 8, 4);
        this.#view.setUint32(vector, slot.count, true);
        this.refer(position, vector);
        slot.onWritten?.(vector + 4);
      }
    }
  }

  #text(value: string): number {
    const encoded = Buffer.from(value, 'utf8');
    const start = this.reserve(4 + encoded.length + 1, 4); // a zero byte follows, beyond the counted length
    this.#view.setUint32(start, encoded.length, true);
    this.#bytes.set(encoded, start + 4);
    return start;
  }

  finish(): Uint8Array {
    this.reserve(0, 8);
    return this.#bytes.subarray(0, this.#used);
  }
}

function roundUp(position: number, alignment: number): number {
  return Math.ceil(position / alignment) * alignment;
}
