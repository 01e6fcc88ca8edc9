/** Reads what {@link ByteWriter} wrote. Bytes come from the store's own file, so reading past their end is damage. */
export class ByteReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, from = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Where the next read begins. */
  get position(): number {
    return this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined || this.#at >= this.#end) throw new DamagedError('a record ends too early');
    this.#at += 1;
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const next = this.byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
      scale *= 128;
      if (scale > 2 ** 49) throw new DamagedError('a number is too long');
    }
  }

  uint32(): number {
    const low = this.byte() | (this.byte() << 8) | (this.byte() << 16);
    return (low | (this.byte() << 24)) >>> 0;
  }

  /** @returns a view */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    if (this.#at + length > this.#end) throw new DamagedError('a record ends too early');
    const value = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  skip(length: number): void {
    if (this.#at + length > this.#end) throw new DamagedError('a record ends too early');
    this.#at += length;
  }
}

/** A record of the file is not what was once written there. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
}
