import { type DescField, ScalarType } from '@bufbuild/protobuf';

/** Where a message is being written: room was made for exactly what has been measured before. */
export interface Output {
  readonly bytes: Buffer;
  at: number;
  /** Lengths found while measuring, in the order in which they are wanted again. */
  readonly lengths: readonly number[];
  next: number;
}

/** How one kind of value looks on the wire, without its tag. */
export interface Codec {
  readonly wireType: 0 | 1 | 2 | 5;
  /** Bytes that the value takes; what `write` wants to know again is appended to `lengths`. */
  measure(value: unknown, lengths: number[]): number;
  write(value: unknown, output: Output): void;
  /** Whether this is what a field has that was never set, which is not sent. */
  isDefault(value: unknown): boolean;
}

export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** @param value - below 2^32 */
export function writeVarint(value: number, output: Output): void {
  const { bytes } = output;
  let { at } = output;
  let rest = value;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  output.at = at;
}

function bigVarintSize(value: bigint): number {
  let size = 1;
  for (let rest = value; rest > 0x7fn; rest >>= 7n) size++;
  return size;
}

function writeBigVarint(value: bigint, output: Output): void {
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) output.bytes[output.at++] = Number(rest & 0x7fn) | 0x80;
  output.bytes[output.at++] = Number(rest);
}

const no = (value: unknown, what: string): TypeError => new TypeError(`${shown(value)} is no ${what}`);

function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 100);
}

function int32(value: unknown): number {
  if (typeof value !== 'number' || (value | 0) !== value) throw no(value, '32-bit integer');
  return value;
}

function uint32(value: unknown): number {
  if (typeof value !== 'number' || value >>> 0 !== value) throw no(value, 'unsigned 32-bit integer');
  return value;
}

/** Messages hold bigint, or text where their .proto file says so. */
function bits64(value: unknown, signed: boolean): bigint {
  if (typeof value !== 'bigint' && typeof value !== 'string' && typeof value !== 'number') {
    throw no(value, '64-bit integer');
  }
  const big = BigInt(value);
  const fits = signed ? BigInt.asIntN(64, big) === big : BigInt.asUintN(64, big) === big;
  if (!fits) throw no(value, signed ? '64-bit integer' : 'unsigned 64-bit integer');
  return big;
}

const isZero = (value: unknown): boolean => value === 0;
// biome-ignore lint/suspicious/noDoubleEquals: 0n, 0 and '0' are all of them
const isBigZero = (value: unknown): boolean => value == 0;

/** A value that becomes an unsigned number of 32 bits. */
function small(toBits: (value: unknown) => number): Codec {
  return {
    wireType: 0,
    measure: (value) => varintSize(toBits(value)),
    write: (value, output) => writeVarint(toBits(value), output),
    isDefault: isZero,
  };
}

/** A value that becomes an unsigned number of 64 bits. */
function big(toBits: (value: unknown) => bigint): Codec {
  return {
    wireType: 0,
    measure: (value) => bigVarintSize(toBits(value)),
    write: (value, output) => writeBigVarint(toBits(value), output),
    isDefault: isBigZero,
  };
}

function fixed(
  size: 4 | 8,
  write: (value: unknown, bytes: Buffer, at: number) => void,
  isDefault = isZero,
): Codec {
  return {
    wireType: size === 4 ? 5 : 1,
    measure: () => size,
    write: (value, output) => {
      write(value, output.bytes, output.at);
      output.at += size;
    },
    isDefault,
  };
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw no(value, 'number');
  return value;
}

// Minus zero is a value of its own.
const isPlusZero = (value: unknown): boolean => Object.is(value, 0);

/** Up to here a loop is faster than a call into Node. UTF-16 units. */
const shortText = 40;

/** UTF-8 length of a text that is short and plain; -1 where it is not. */
function asciiLength(text: string): number {
  if (text.length > shortText) return -1;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return -1;
  return text.length;
}

const text: Codec = {
  wireType: 2,
  measure(value, lengths) {
    if (typeof value !== 'string') throw no(value, 'text');
    const ascii = asciiLength(value);
    const length = ascii === -1 ? Buffer.byteLength(value) : ascii;
    lengths.push(length);
    return varintSize(length) + length;
  },
  write(value, output) {
    const string = value as string;
    const length = output.lengths[output.next++] ?? 0;
    writeVarint(length, output);
    if (string.length <= shortText && string.length === length) {
      for (let at = 0; at < length; at++) output.bytes[output.at + at] = string.charCodeAt(at);
    } else {
      output.bytes.write(string, output.at, length, 'utf8');
    }
    output.at += length;
  },
  isDefault: (value) => value === '',
};

const bytes: Codec = {
  wireType: 2,
  measure(value) {
    if (!(value instanceof Uint8Array)) throw no(value, 'Uint8Array');
    return varintSize(value.length) + value.length;
  },
  write(value, output) {
    const source = value as Uint8Array;
    writeVarint(source.length, output);
    output.bytes.set(source, output.at);
    output.at += source.length;
  },
  isDefault: (value) => value instanceof Uint8Array && value.length === 0,
};

const bool: Codec = {
  ...small((value) => {
    if (typeof value !== 'boolean') throw no(value, 'boolean');
    return value ? 1 : 0;
  }),
  isDefault: (value) => value === false,
};

/** Negative ones take ten bytes, as 64-bit numbers do. */
const signed32: Codec = {
  wireType: 0,
  measure: (value) => (int32(value) < 0 ? 10 : varintSize(int32(value))),
  write: (value, output) => {
    const integer = int32(value);
    if (integer < 0) writeBigVarint(BigInt.asUintN(64, BigInt(integer)), output);
    else writeVarint(integer, output);
  },
  isDefault: isZero,
};

const zigzag32 = (value: unknown) => ((int32(value) << 1) ^ (int32(value) >> 31)) >>> 0;
const zigzag64 = (value: unknown) => {
  const integer = bits64(value, true);
  return BigInt.asUintN(64, (integer << 1n) ^ (integer >> 63n));
};

const codecs: Readonly<Record<ScalarType, Codec>> = {
  [ScalarType.DOUBLE]: fixed(8, (value, out, at) => out.writeDoubleLE(number(value), at), isPlusZero),
  [ScalarType.FLOAT]: fixed(4, (value, out, at) => out.writeFloatLE(number(value), at), isPlusZero),
  [ScalarType.INT64]: big((value) => BigInt.asUintN(64, bits64(value, true))),
  [ScalarType.UINT64]: big((value) => bits64(value, false)),
  [ScalarType.INT32]: signed32,
  [ScalarType.FIXED64]: fixed(
    8,
    (value, out, at) => out.writeBigUInt64LE(bits64(value, false), at),
    isBigZero,
  ),
  [ScalarType.FIXED32]: fixed(4, (value, out, at) => out.writeUInt32LE(uint32(value), at)),
  [ScalarType.BOOL]: bool,
  [ScalarType.STRING]: text,
  [ScalarType.BYTES]: bytes,
  [ScalarType.UINT32]: small(uint32),
  [ScalarType.SFIXED32]: fixed(4, (value, out, at) => out.writeInt32LE(int32(value), at)),
  [ScalarType.SFIXED64]: fixed(
    8,
    (value, out, at) => out.writeBigInt64LE(bits64(value, true), at),
    isBigZero,
  ),
  [ScalarType.SINT32]: small(zigzag32),
  [ScalarType.SINT64]: big(zigzag64),
};

/** How a scalar looks on the wire; an enum is an INT32. */
export function scalarCodec(type: ScalarType): Codec {
  return codecs[type];
}

/** Keys of objects are text, whatever the map's keys are. */
export function keyOf(key: string, type: DescField['scalar']): unknown {
  switch (type) {
    case ScalarType.STRING:
      return key;
    case ScalarType.BOOL:
      return key === 'true';
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return BigInt(key);
    default:
      return Number(key);
  }
}

/** Errors say which field they are about. Caught while measuring: what could be measured can be written. */
export function named(field: DescField, codec: Codec): Codec {
  if (field.message !== undefined) return codec;
  return {
    wireType: codec.wireType,
    isDefault: codec.isDefault,
    write: codec.write,
    measure(value, lengths) {
      try {
        return codec.measure(value, lengths);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new TypeError(`${field.parent.typeName}.${field.name}: ${reason}`);
      }
    },
  };
}

export function tagOf(number: number, { wireType }: { wireType: number }): { value: number; size: number } {
  const value = ((number << 3) | wireType) >>> 0;
  return { value, size: varintSize(value) };
}
