/**
 * A 64-bit little-endian ELF executable in memory, as far as one has to read and change it to ship a Node. Only what the
 * kernel and the loader go by is looked at: the header, the program headers and the dynamic section; sections are for
 * linkers and debuggers.
 * @see the System V ABI, chapters 4 and 5
 */
export class ElfImage {
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

  /** Where the process begins. */
  get entry(): bigint {
    return this.bytes.readBigUInt64LE(24);
  }

  get segments(): Segment[] {
    const start = Number(this.bytes.readBigUInt64LE(32));
    const size = this.bytes.readUInt16LE(54);
    return Array.from({ length: this.bytes.readUInt16LE(56) }, (_, i) =>
      readSegment(this.bytes, start + i * size),
    );
  }

  /** @throws {Error} there is none */
  segment(type: number): Segment {
    const found = this.segments.find((segment) => segment.type === type);
    if (found === undefined) throw new Error(`it has no program header of type ${type}`);
    return found;
  }

  /** Where in the file lies what the process finds at an address. */
  offsetOf(address: number): number {
    const found = this.segments.find(
      ({ type, address: start, fileSize }) =>
        type === pt.load && address >= start && address < start + fileSize,
    );
    if (found === undefined) throw new Error(`no part of the file is loaded at address ${address}`);
    return found.offset + address - found.address;
  }

  /** The dynamic section's entries, without the nulls at its end. */
  get dynamic(): DynamicEntry[] {
    const { offset, fileSize } = this.segment(pt.dynamic);
    const entries = Array.from({ length: fileSize / 16 }, (_, i) => ({
      tag: this.bytes.readBigUInt64LE(offset + i * 16),
      value: Number(this.bytes.readBigUInt64LE(offset + i * 16 + 8)),
    }));
    const end = entries.findIndex(({ tag }) => tag === dt.null);
    return end === -1 ? entries : entries.slice(0, end);
  }

  /** Writes the dynamic section anew; what is left of its room becomes nulls, which end it. */
  set dynamic(entries: readonly DynamicEntry[]) {
    const { offset, fileSize } = this.segment(pt.dynamic);
    if ((entries.length + 1) * 16 > fileSize) throw new Error('its dynamic section has no room for more');
    this.bytes.fill(0, offset, offset + fileSize);
    for (const [i, { tag, value }] of entries.entries()) {
      this.bytes.writeBigUInt64LE(tag, offset + i * 16);
      this.bytes.writeBigUInt64LE(BigInt(value), offset + i * 16 + 8);
    }
  }

  /** @throws {Error} there is none */
  dynamicValue(tag: bigint): number {
    const found = this.dynamic.find((entry) => entry.tag === tag);
    if (found === undefined) throw new Error(`its dynamic section has no entry ${tag}`);
    return found.value;
  }

  /** Offset in the file of a string of the dynamic string table. */
  stringOffset(index: number): number {
    return this.offsetOf(this.dynamicValue(dt.strtab)) + index;
  }

  string(index: number): string {
    const start = this.stringOffset(index);
    return this.bytes.toString('latin1', start, this.bytes.indexOf(0, start));
  }

  /** Where in the file the last byte that is ever loaded ends. Behind it lies what only debuggers and linkers read. */
  get loadedEnd(): number {
    return Math.max(...this.segments.map(({ offset, fileSize }) => offset + fileSize));
  }

  /** Where in the file the table of sections begins; 0 when there is none. */
  get sectionsOffset(): number {
    return Number(this.bytes.readBigUInt64LE(40));
  }

  /** Makes the header say that there is no table of sections. */
  dropSections(): void {
    this.bytes.writeBigUInt64LE(0n, 40); // e_shoff
    this.bytes.fill(0, 58, headerSize); // e_shentsize, e_shnum, e_shstrndx
  }

  /** Every name that takes part in linking: libraries, symbols and the versions of both, in any order. */
  get linkNames(): string[] {
    const start = this.stringOffset(0);
    return this.bytes.toString('latin1', start, start + this.dynamicValue(dt.strsz)).split('\0');
  }

  /** The libraries that the loader looks for before the process starts. */
  get needed(): string[] {
    return this.dynamic.filter(({ tag }) => tag === dt.needed).map(({ value }) => this.string(value));
  }

  /**
   * Offset in the file of a symbol's entry in the dynamic symbol table.
   * @throws {Error} there is none of that name
   */
  symbol(name: string): number {
    const table = this.offsetOf(this.dynamicValue(dt.symtab));
    // Nothing says how long the table is; that the string table lies behind it is what every linker does.
    const end = this.offsetOf(this.dynamicValue(dt.strtab));
    const wanted = `${name}\0`;
    for (let at = table; at + symbolSize <= end; at += symbolSize) {
      const start = end + this.bytes.readUInt32LE(at);
      if (this.bytes.toString('latin1', start, start + wanted.length) === wanted) return at;
    }
    throw new Error(`it has no symbol ${name}`);
  }
}

export interface Segment {
  readonly type: number;
  /** 4 readable, 2 writable, 1 executable, added up. */
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  /** Above `fileSize`: the rest is zeros. */
  readonly memorySize: number;
  readonly align: number;
}

export interface DynamicEntry {
  readonly tag: bigint;
  readonly value: number;
}

export const headerSize = 64;
export const segmentSize = 56;
export const symbolSize = 24;
/** Types of program headers. */
export const pt = { load: 1, dynamic: 2, interp: 3, note: 4, phdr: 6 } as const;
/** Tags of the dynamic section. */
export const dt = {
  null: 0n,
  needed: 1n,
  strtab: 5n,
  symtab: 6n,
  strsz: 10n,
  rpath: 15n,
  versym: 0x6ffffff0n,
  verneed: 0x6ffffffen,
  verneednum: 0x6fffffffn,
} as const;

function readSegment(bytes: Buffer, at: number): Segment {
  return {
    type: bytes.readUInt32LE(at),
    flags: bytes.readUInt32LE(at + 4),
    offset: Number(bytes.readBigUInt64LE(at + 8)),
    address: Number(bytes.readBigUInt64LE(at + 16)),
    fileSize: Number(bytes.readBigUInt64LE(at + 32)),
    memorySize: Number(bytes.readBigUInt64LE(at + 40)),
    align: Number(bytes.readBigUInt64LE(at + 48)),
  };
}

/** The table of program headers as it stands in a file. */
export function writeSegments(segments: readonly Segment[]): Buffer {
  const bytes = Buffer.alloc(segments.length * segmentSize);
  for (const [i, segment] of segments.entries()) {
    const at = i * segmentSize;
    bytes.writeUInt32LE(segment.type, at);
    bytes.writeUInt32LE(segment.flags, at + 4);
    bytes.writeBigUInt64LE(BigInt(segment.offset), at + 8);
    bytes.writeBigUInt64LE(BigInt(segment.address), at + 16);
    bytes.writeBigUInt64LE(BigInt(segment.address), at + 24); // the physical address, which nobody reads
    bytes.writeBigUInt64LE(BigInt(segment.fileSize), at + 32);
    bytes.writeBigUInt64LE(BigInt(segment.memorySize), at + 40);
    bytes.writeBigUInt64LE(BigInt(segment.align), at + 48);
  }
  return bytes;
}
