/** A FlatBuffers table in bytes that nobody has checked: whatever it points at is held to lie inside them. */
export class TableReader {
  readonly #view: DataView;
  readonly #position: number;
  readonly #vtable: number;
  readonly #vtableSize: number;

  private constructor(view: DataView, position: number) {
    this.#view = view;
    this.#position = position;
    this.#vtable = position - view.getInt32(position, true);
    this.#vtableSize = shortAt(view, this.#vtable);
  }

  /**
   * The table that a whole buffer is.
   * @throws {RangeError} here and in every method, for what lies outside the buffer
   */
  static root(bytes: Uint8Array): TableReader {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new TableReader(view, view.getUint32(0, true));
  }

  /** Where a slot's value is; `undefined` when it has its default. */
  #at(id: number): number | undefined {
    if (4 + 2 * id + 2 > this.#vtableSize) return undefined;
    const offset = shortAt(this.#view, this.#vtable + 4 + 2 * id);
    return offset === 0 ? undefined : this.#position + offset;
  }

  has(id: number): boolean {
    return this.#at(id) !== undefined;
  }

  byte(id: number): number {
    const at = this.#at(id);
    return at === undefined ? 0 : this.#view.getUint8(at);
  }

  /** @throws {RangeError} beyond 2^53, too */
  long(id: number): number {
    const at = this.#at(id);
    return at === undefined ? 0 : longAt(this.#view, at);
  }

  table(id: number): TableReader | undefined {
    const at = this.#at(id);
    return at === undefined ? undefined : new TableReader(this.#view, at + this.#view.getUint32(at, true));
  }

  tables(id: number): TableReader[] {
    const { start, count } = this.#vector(id, 4);
    return Array.from({ length: count }, (_, index) => {
      const at = start + 4 * index;
      return new TableReader(this.#view, at + this.#view.getUint32(at, true));
    });
  }

  /** Records of a fixed size, read through a view of each. */
  structs<T>(id: number, bytesEach: number, read: (struct: DataView) => T): T[] {
    const { start, count } = this.#vector(id, bytesEach);
    const { buffer, byteOffset } = this.#view;
    return Array.from({ length: count }, (_, index) =>
      read(new DataView(buffer, byteOffset + start + index * bytesEach, bytesEach)),
    );
  }

  /** Checks that a text lies inside. */
  text(id: number): void {
    this.#vector(id, 1);
  }

  #vector(id: number, bytesEach: number): { start: number; count: number } {
    const at = this.#at(id);
    if (at === undefined) return { start: 0, count: 0 };
    const vector = at + this.#view.getUint32(at, true);
    const count = this.#view.getUint32(vector, true);
    const start = vector + 4;
    if (start + count * bytesEach > this.#view.byteLength)
      throw new RangeError(`a list of ${count} in slot ${id}`);
    return { start, count };
  }
}

/** The FlatBuffers library of JavaScript takes these for signed; what it would see otherwise than this is refused. */
function shortAt(view: DataView, position: number): number {
  const value = view.getInt16(position, true);
  if (value < 0) throw new RangeError(`an offset of ${value}`);
  return value;
}

/** A 64-bit integer that must be a length or position: from 0 to 2^53. */
export function longAt(view: DataView, position: number): number {
  const value = Number(view.getBigInt64(position, true));
  if (value < 0 || !Number.isSafeInteger(value)) throw new RangeError(`a length of ${value}`);
  return value;
}
