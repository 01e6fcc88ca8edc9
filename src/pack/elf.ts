/**
 * What packing has to know about a 64-bit little-endian ELF executable. Only what the loader reads is looked at: the
 * header, the program headers and the dynamic section.
 * @see the System V ABI, chapters 4 and 5
 */
export class ElfFile {
  readonly bytes: Buffer;

  /** @throws {Error} it is no such file */
  constructor(bytes: Buffer) {
    // The magic number, then class 2 (64 bits), then data 1 (little-endian).
    if (bytes.length < headerSize || bytes.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') {
      throw new Error('it is no 64-bit little-endian ELF file');
    }
    this.bytes = bytes;
  }

  /** `e_machine`: 62 for amd64, 183 for arm64. */
  get machine(): number {
    return this.bytes.readUInt16LE(18);
  }

  /** Where the last byte that is ever loaded ends. Behind it lies what only debuggers and linkers read. */
  get loadedEnd(): number {
    return Math.max(...this.segments().map(({ offset, fileSize }) => offset + fileSize));
  }

  segments(): Segment[] {
    const start = this.#number(32);
    const size = this.bytes.readUInt16LE(54);
    return Array.from({ length: this.bytes.readUInt16LE(56) }, (_, i) => {
      const at = start + i * size;
      return {
        type: this.bytes.readUInt32LE(at),
        offset: this.#number(at + 8),
        address: this.#number(at + 16),
        fileSize: this.#number(at + 32),
      };
    });
  }

  /** Names of the shared libraries that it asks for. */
  needed(): string[] {
    const names = this.#dynamicStrings();
    return this.#dynamic()
      .filter(({ tag }) => tag === dtNeeded)
      .map(({ value }) => names.toString('latin1', value, names.indexOf(0, value)));
  }

  /** Every name that takes part in linking: libraries, symbols and the versions of both, in any order. */
  linkNames(): string[] {
    return this.#dynamicStrings().toString('latin1').split('\0');
  }

  #dynamic(): { tag: number; value: number }[] {
    const segment = this.segments().find(({ type }) => type === ptDynamic);
    if (segment === undefined) return [];
    return Array.from({ length: segment.fileSize / 16 }, (_, i) => {
      const at = segment.offset + i * 16;
      return { tag: this.#number(at), value: this.#number(at + 8) };
    });
  }

  #dynamicStrings(): Buffer {
    const entries = this.#dynamic();
    const address = entries.find(({ tag }) => tag === dtStrtab)?.value ?? 0;
    const size = entries.find(({ tag }) => tag === dtStrsz)?.value ?? 0;
    const segment = this.segments().find(({ type, address: start, fileSize }) => {
      return type === ptLoad && address >= start && address < start + fileSize;
    });
    if (segment === undefined) return Buffer.alloc(0);
    const start = segment.offset + address - segment.address;
    return this.bytes.subarray(start, start + size);
  }

  /** Tags of processors and vendors have all bits set in places; none of those is looked for. */
  #number(at: number): number {
    return Number(this.bytes.readBigUInt64LE(at));
  }
}

export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
}

export const headerSize = 64;
const ptLoad = 1;
const ptDynamic = 2;
const dtNeeded = 1;
const dtStrtab = 5;
const dtStrsz = 10;
