/**
 * As much of Go's `encoding/gob` as the unit agent's protocol needs: structs of booleans, numbers, strings, bytes
 * and lists. A stream holds messages; each is a length and a payload, which either defines a type (once for each
 * connection, under an id that its sender chose) or carries a value of one.
 * @see golang/go: src/encoding/gob/doc.go
 */

/** A decoded value. Zero values are not sent: an absent field is Go's zero of its type. */
export type GobValue =
  | boolean
  | bigint
  | string
  | Uint8Array
  | readonly GobValue[]
  | { readonly [field: string]: GobValue };

export interface GobField {
  readonly name: string;
  readonly type: number;
}

type GobType =
  | { readonly kind: 'struct'; readonly fields: readonly GobField[] }
  | { readonly kind: 'slice'; readonly element: number };

/** Ids that every stream knows. Types that are sent get ids from 65 on. */
export const builtIn = { bool: 1, int: 2, uint: 3, bytes: 5, string: 6 } as const;

/** The stream is none of gob, or of a part of it that is not known here. */
export class GobError extends Error {
  override readonly name = 'GobError';
}

// How a type definition is itself encoded, which both sides know beforehand.
const wireType = 16;
const bootstrap: ReadonlyMap<number, GobType> = new Map<number, GobType>([
  [
    wireType,
    {
      kind: 'struct',
      fields: [
        { name: 'ArrayT', type: 17 },
        { name: 'SliceT', type: 19 },
        { name: 'StructT', type: 20 },
        { name: 'MapT', type: 23 },
      ],
    },
  ],
  [
    17,
    {
      kind: 'struct',
      fields: [
        { name: 'CommonType', type: 18 },
        { name: 'Elem', type: builtIn.int },
        { name: 'Len', type: builtIn.int },
      ],
    },
  ],
  [
    18,
    {
      kind: 'struct',
      fields: [
        { name: 'Name', type: builtIn.string },
        { name: 'Id', type: builtIn.int },
      ],
    },
  ],
  [
    19,
    {
      kind: 'struct',
      fields: [
        { name: 'CommonType', type: 18 },
        { name: 'Elem', type: builtIn.int },
      ],
    },
  ],
  [
    20,
    {
      kind: 'struct',
      fields: [
        { name: 'CommonType', type: 18 },
        { name: 'Field', type: 22 },
      ],
    },
  ],
  [
    21,
    {
      kind: 'struct',
      fields: [
        { name: 'Name', type: builtIn.string },
        { name: 'Id', type: builtIn.int },
      ],
    },
  ],
  [22, { kind: 'slice', element: 21 }],
]);

/** No tool says more than this at once. */
const limitBytes = 64 * 1024 * 1024;

/** Takes a stream's bytes as they come and gives its values, with the definitions of types taken in by the way. */
export class GobDecoder {
  readonly #types = new Map(bootstrap);
  #buffer: Buffer = Buffer.alloc(0);

  push(bytes: Uint8Array): void {
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#buffer, bytes]);
  }

  /**
   * @returns the next value, or undefined when its bytes are not all there yet
   * @throws {GobError} the bytes make no sense; nothing after them can either
   */
  next(): GobValue | undefined {
    for (;;) {
      const message = this.#message();
      if (message === undefined) return undefined;
      const reader = new Reader(message);
      const id = reader.int();
      if (id < 0) {
        this.#types.set(-id, typeOf(reader.value(wireType, this.#types)));
        continue;
      }
      // A value that is no struct has a zero before it.
      if (this.#types.get(id)?.kind !== 'struct' && reader.uint() !== 0n)
        throw new GobError('expected a zero');
      return reader.value(id, this.#types);
    }
  }

  #message(): Buffer | undefined {
    const [first] = this.#buffer;
    if (first === undefined) return undefined;
    const width = first < 128 ? 0 : 256 - first;
    if (this.#buffer.length < 1 + width) return undefined;
    const length = Number(new Reader(this.#buffer.subarray(0, 1 + width)).uint());
    if (length > limitBytes) throw new GobError('a message is too long');
    const end = 1 + width + length;
    if (this.#buffer.length < end) return undefined;
    const message = this.#buffer.subarray(1 + width, end);
    this.#buffer = this.#buffer.subarray(end);
    return message;
  }
}

function typeOf(definition: GobValue): GobType {
  const { StructT, SliceT } = struct(definition);
  if (StructT !== undefined) {
    const { Field = [] } = struct(StructT);
    if (!Array.isArray(Field)) throw new GobError('a struct without fields');
    const fields = Field.map((field: GobValue) => {
      const { Name = '', Id = 0n } = struct(field);
      return { name: String(Name), type: Number(Id) };
    });
    return { kind: 'struct', fields };
  }
  if (SliceT !== undefined) return { kind: 'slice', element: Number(struct(SliceT).Elem ?? 0n) };
  throw new GobError('a kind of type that is not known here');
}

function struct(value: GobValue): { readonly [field: string]: GobValue } {
  if (typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array)) {
    return value as { readonly [field: string]: GobValue };
  }
  throw new GobError('expected a struct');
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint(): bigint {
    const first = this.#byte();
    if (first < 128) return BigInt(first);
    const width = 256 - first;
    if (width > 8) throw new GobError('a number is too long');
    let number = 0n;
    for (let i = 0; i < width; i += 1) number = number * 256n + BigInt(this.#byte());
    return number;
  }

  /** Small ones only: ids of types. */
  int(): number {
    return Number(signed(this.uint()));
  }

  value(type: number, types: ReadonlyMap<number, GobType>): GobValue {
    switch (type) {
      case builtIn.bool:
        return this.uint() !== 0n;
      case builtIn.int:
        return signed(this.uint());
      case builtIn.uint:
        return this.uint();
      case builtIn.bytes:
        return Uint8Array.from(this.#take());
      case builtIn.string:
        return this.#take().toString();
    }
    const known = types.get(type);
    if (known === undefined) throw new GobError(`type ${type} was never defined`);
    return known.kind === 'slice' ? this.#slice(known.element, types) : this.#struct(known.fields, types);
  }

  #slice(element: number, types: ReadonlyMap<number, GobType>): GobValue[] {
    const length = this.uint();
    // Each element is a byte at least: what claims more is no list.
    if (length > BigInt(this.#bytes.length - this.#at))
      throw new GobError('a list is longer than its message');
    return Array.from({ length: Number(length) }, () => this.value(element, types));
  }

  #struct(fields: readonly GobField[], types: ReadonlyMap<number, GobType>): GobValue {
    const found: [string, GobValue][] = [];
    let index = -1;
    for (let delta = this.uint(); delta !== 0n; delta = this.uint()) {
      index += Number(delta);
      const field = fields[index];
      if (field === undefined) throw new GobError('a field that its type does not have');
      found.push([field.name, this.value(field.type, types)]);
    }
    return Object.fromEntries(found);
  }

  #take(): Buffer {
    const length = Number(this.uint());
    if (length > this.#bytes.length - this.#at) throw new GobError('a message ends too early');
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new GobError('a message ends too early');
    this.#at += 1;
    return byte;
  }
}

function signed(number: bigint): bigint {
  return number % 2n === 0n ? number / 2n : -(number / 2n) - 1n;
}

/** @returns a whole number as gob writes it: one byte when it is small, else its width and then its bytes */
export function encodeUint(number: number | bigint): Buffer {
  const value = BigInt(number);
  if (value < 128n) return Buffer.of(Number(value));
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.of(256 - bytes.length), bytes]);
}

export function encodeInt(number: number | bigint): Buffer {
  const value = BigInt(number);
  return encodeUint(value < 0n ? -value * 2n - 1n : value * 2n);
}

export function encodeBytes(bytes: string | Uint8Array): Buffer {
  const content = Buffer.from(bytes);
  return Buffer.concat([encodeUint(content.length), content]);
}

export function encodeList(texts: readonly string[]): Buffer {
  return Buffer.concat([encodeUint(texts.length), ...texts.map(encodeBytes)]);
}

/** @param fields - in the order of the type, each encoded already; undefined for one that is zero and not sent */
export function encodeStruct(fields: readonly (Uint8Array | undefined)[]): Buffer {
  const parts: Uint8Array[] = [];
  let last = -1;
  for (const [index, field] of fields.entries()) {
    if (field === undefined) continue;
    parts.push(encodeUint(index - last), field);
    last = index;
  }
  return Buffer.concat([...parts, Buffer.of(0)]);
}

/** @returns one message: a value of the type with this id */
export function encodeValue(type: number, value: Uint8Array): Buffer {
  return framed(Buffer.concat([encodeInt(type), value]));
}

/** @returns one message: what the struct with this id looks like */
export function defineStruct(id: number, name: string, fields: readonly GobField[]): Buffer {
  const list = fields.map((field) => encodeStruct([encodeBytes(field.name), encodeInt(field.type)]));
  const common = encodeStruct([encodeBytes(name), encodeInt(id)]);
  const structType = encodeStruct([common, Buffer.concat([encodeUint(list.length), ...list])]);
  return framed(Buffer.concat([encodeInt(-id), encodeStruct([undefined, undefined, structType])]));
}

/** @returns one message: that the type with this id is a list */
export function defineSlice(id: number, name: string, element: number): Buffer {
  const common = encodeStruct([name === '' ? undefined : encodeBytes(name), encodeInt(id)]);
  const sliceType = encodeStruct([common, encodeInt(element)]);
  return framed(Buffer.concat([encodeInt(-id), encodeStruct([undefined, sliceType])]));
}

function framed(payload: Uint8Array): Buffer {
  return Buffer.concat([encodeUint(payload.length), payload]);
}
