/**
 * A small ELF executable: a header, two program headers, a dynamic section and its strings, all of which are loaded,
 * and behind them `debug` and a table of one section.
 */
export function smallElf({
  machine = 62,
  needed = ['libc.so.6'],
  names = [],
  debug = 'debug',
}: SmallElf = {}): Buffer {
  const strings = Buffer.from(['', ...needed, ...names, ''].join('\0'), 'latin1');
  const stringsAt = 64 + 2 * 56;
  const dynamicAt = stringsAt + strings.length;
  const dynamic = Buffer.concat([
    ...needed.map((name) => pair(1, strings.indexOf(`${name}\0`))),
    pair(5, address + stringsAt),
    pair(10, strings.length),
    pair(0, 0),
  ]);
  const loaded = dynamicAt + dynamic.length;
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(machine, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeBigUInt64LE(BigInt(loaded + debug.length), 40);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(2, 56);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(1, 60);
  return Buffer.concat([
    header,
    segment(1, 0, loaded),
    segment(2, dynamicAt, dynamic.length),
    strings,
    dynamic,
    Buffer.from(debug, 'latin1'),
    Buffer.alloc(64),
  ]);
}

export interface SmallElf {
  readonly machine?: number;
  readonly needed?: readonly string[];
  readonly names?: readonly string[];
  readonly debug?: string;
}

const address = 0x400000;

function pair(tag: number, value: number): Buffer {
  const entry = Buffer.alloc(16);
  entry.writeBigUInt64LE(BigInt(tag), 0);
  entry.writeBigUInt64LE(BigInt(value), 8);
  return entry;
}

function segment(type: number, offset: number, size: number): Buffer {
  const entry = Buffer.alloc(56);
  entry.writeUInt32LE(type, 0);
  entry.writeBigUInt64LE(BigInt(offset), 8);
  entry.writeBigUInt64LE(BigInt(address + offset), 16);
  entry.writeBigUInt64LE(BigInt(size), 32);
  return entry;
}
