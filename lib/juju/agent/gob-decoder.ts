import { builtIn, GobError, type GobField, type GobValue, isStruct } from './gob.ts';

type GobType =
  | { readonly kind: 'struct'; readonly fields: readonly GobField[] }
  | { readonly kind: 'slice'; readonly element: number };

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
      if (this.#types.get(id)?.kind !== 'struct' && reader.uint() !== 0)
        throw new GobError('expected a zero');
      return reader.value(id, this.#types);
    }
  }

  #message(): Buffer | undefined {
    const [first] = this.#buffer;
    if (first === undefined) return undefined;
    const width = first < 128 ? 0 : 256 - first;
    if (this.#buffer.length < 1 + width) return undefined;
    const length = new Reader(this.#buffer.subarray(0, 1 + width)).uint();
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
  if (isStruct(value)) return value;
  throw new GobError('expected a struct');
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @throws {GobError} also for one that JavaScript's numbers can't hold: no length and no id is so large */
  uint(): number {
    const number = this.#bigUint();
    if (typeof number === 'number') return number;
    throw new GobError('a number is too long');
  }

  /** Small ones only: ids of types. */
  int(): number {
    return Number(signed(BigInt(this.uint())));
  }

  value(type: number, types: ReadonlyMap<number, GobType>): GobValue {
    switch (type) {
      case builtIn.bool:
        return this.uint() !== 0;
      case builtIn.int:
        return signed(BigInt(this.#bigUint()));
      case builtIn.uint:
        return BigInt(this.#bigUint());
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
    if (length > this.#bytes.length - this.#at) throw new GobError('a list is longer than its message');
    return Array.from({ length }, () => this.value(element, types));
  }

  #struct(fields: readonly GobField[], types: ReadonlyMap<number, GobType>): GobValue {
    const found: [string, GobValue][] = [];
    let index = -1;
    for (let delta = this.uint(); delta !== 0; delta = this.uint()) {
      index += delta;
      const field = fields[index];
      if (field === undefined) throw new GobError('a field that its type does not have');
      found.push([field.name, this.value(field.type, types)]);
    }
    return Object.fromEntries(found);
  }

  #take(): Buffer {
    const length = this.uint();
    if (length > this.#bytes.length - this.#at) throw new GobError('a message ends too early');
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** A number where one can hold it: most are lengths, of which a stream is full. */
  #bigUint(): number | bigint {
    const first = this.#byte();
    if (first < 128) return first;
    const width = 256 - first;
    if (width > 8) throw new GobError('a number is too long');
    if (width > this.#bytes.length - this.#at) throw new GobError('a message ends too early');
    this.#at += width;
    if (width <= 6) return this.#bytes.readUIntBE(this.#at - width, width);
    return BigInt(`0x${this.#bytes.toString('hex', this.#at - width, this.#at)}`);
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
