import {
  create,
  type DescField,
  type DescMessage,
  isMessage,
  type MessageInitShape,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type Codec,
  keyOf,
  named,
  type Output,
  scalarCodec,
  tagOf,
  varintSize,
  writeVarint,
} from './encode-scalars.ts';

/**
 * Writes messages of one type, given as messages or as plain objects of their shape.
 *
 * protobuf-es does the same in steps of its own: a message is made of the plain object, and is written to a buffer that
 * grows and shifts, so that a frame of 50 MB is copied six times. Here a message is measured first and then written to
 * its place, once. Tests hold the two against each other.
 * @throws {TypeError} what is wrong with which field
 */
export type Encoder = (message: unknown) => Encoded;

/** A message that is measured and not written yet. */
export interface Encoded {
  readonly byteLength: number;
  /** Writes it there; once. What it was made of must not have changed. */
  copy(target: Buffer, at: number): void;
}

export function encoderOf(schema: DescMessage): Encoder {
  let writer: MessageWriter | undefined;
  let supported: boolean | undefined;
  return (message) => {
    // Compiled with the first message: most methods of most services are never called.
    supported ??= isSupported(schema, new Set());
    if (!supported)
      return Buffer.from(toBinary(schema, create(schema, message as MessageInitShape<DescMessage>)));
    writer ??= writerOf(schema);
    return new Measured(writer, message);
  };
}

/**
 * For grpc-js, which asks a serialized message for its length, makes room for it and has it copied there: a message that
 * is not written yet can do just that, and so is written once, to where it is sent from. (grpc-js 1.14: serializeMessage
 * in server-interceptors.ts. A test fails where a later version wants more.)
 */
export function asBuffer(encoded: Encoded): Buffer {
  return encoded as unknown as Buffer;
}

/** All of it at once. */
export function toBuffer(encoded: Encoded): Buffer {
  if (Buffer.isBuffer(encoded)) return encoded;
  const bytes = Buffer.allocUnsafe(encoded.byteLength);
  encoded.copy(bytes, 0);
  return bytes;
}

type Fields = Readonly<Record<string, unknown>>;

class Measured implements Encoded {
  readonly byteLength: number;
  readonly #writer: MessageWriter;
  readonly #message: unknown;
  readonly #lengths: number[] = [];

  constructor(writer: MessageWriter, message: unknown) {
    this.#writer = writer;
    this.#message = message;
    this.byteLength = writer.measureFields(message, this.#lengths);
  }

  copy(bytes: Buffer, at: number): void {
    this.#writer.writeFields(this.#message as Fields, { bytes, at, lengths: this.#lengths, next: 0 });
  }
}

interface FieldWriter {
  /** Bytes of the field with its tag; 0 where it is not sent. */
  measure(message: Fields, lengths: number[]): number;
  write(message: Fields, output: Output): void;
}

/** Writes all fields of a message; as a codec, with their length before them. */
class MessageWriter implements Codec {
  readonly wireType = 2;
  readonly #schema: DescMessage;
  #fields: readonly FieldWriter[] = [];

  constructor(schema: DescMessage) {
    this.#schema = schema;
  }

  /** Apart from the constructor, as messages may hold messages of their own type. */
  compile(): void {
    const fields = this.#schema.fields.toSorted((a, b) => a.number - b.number);
    this.#fields = fields.map(fieldWriter);
  }

  measureFields(message: unknown, lengths: number[]): number {
    if (typeof message !== 'object' || message === null) {
      throw new TypeError(`${String(message)} is no ${this.#schema.typeName}`);
    }
    if (isMessage(message) && message.$typeName !== this.#schema.typeName) {
      throw new TypeError(`a ${message.$typeName} is no ${this.#schema.typeName}`);
    }
    let size = 0;
    for (const field of this.#fields) size += field.measure(message as unknown as Fields, lengths);
    return size;
  }

  writeFields(message: Fields, output: Output): void {
    for (const field of this.#fields) field.write(message, output);
  }

  measure(message: unknown, lengths: number[]): number {
    const index = lengths.push(0) - 1;
    const size = this.measureFields(message, lengths);
    lengths[index] = size;
    return varintSize(size) + size;
  }

  write(message: unknown, output: Output): void {
    writeVarint(output.lengths[output.next++] ?? 0, output);
    this.writeFields(message as Fields, output);
  }

  isDefault(): boolean {
    return false;
  }
}

const writers = new WeakMap<DescMessage, MessageWriter>();

function writerOf(schema: DescMessage): MessageWriter {
  let writer = writers.get(schema);
  if (writer === undefined) {
    writer = new MessageWriter(schema);
    writers.set(schema, writer);
    writer.compile();
  }
  return writer;
}

function fieldWriter(field: DescField): FieldWriter {
  switch (field.fieldKind) {
    case 'list':
      return field.packed ? packedWriter(field) : listWriter(field);
    case 'map':
      return mapWriter(field);
    default:
      return singleWriter(field);
  }
}

function codecOf(field: DescField): Codec {
  if (field.message !== undefined) return writerOf(field.message);
  return scalarCodec(field.scalar ?? ScalarType.INT32);
}

function singleWriter(field: DescField): FieldWriter {
  const codec = named(field, codecOf(field));
  const tag = tagOf(field.number, codec);
  const { localName, oneof } = field;
  // A field with presence of its own is sent with any value; without, its default means that it is not there.
  const implicit = field.presence === 2 && field.fieldKind !== 'message';
  const read = (message: Fields): unknown => {
    if (oneof === undefined) {
      const value = message[localName];
      return value === null || (implicit && value !== undefined && codec.isDefault(value))
        ? undefined
        : value;
    }
    const chosen = message[oneof.localName] as { case?: string; value?: unknown } | undefined;
    return chosen?.case === localName ? chosen.value : undefined;
  };
  return {
    measure(message, lengths) {
      const value = read(message);
      return value === undefined ? 0 : tag.size + codec.measure(value, lengths);
    },
    write(message, output) {
      const value = read(message);
      if (value === undefined) return;
      writeVarint(tag.value, output);
      codec.write(value, output);
    },
  };
}

function listWriter(field: DescField): FieldWriter {
  const codec = named(field, codecOf(field));
  const tag = tagOf(field.number, codec);
  const { localName } = field;
  return {
    measure(message, lengths) {
      const items = (message[localName] ?? []) as readonly unknown[];
      let size = items.length * tag.size;
      for (const item of items) size += codec.measure(item, lengths);
      return size;
    },
    write(message, output) {
      for (const item of (message[localName] ?? []) as readonly unknown[]) {
        writeVarint(tag.value, output);
        codec.write(item, output);
      }
    },
  };
}

function packedWriter(field: DescField): FieldWriter {
  const codec = named(field, codecOf(field));
  const tag = tagOf(field.number, { wireType: 2 });
  const { localName } = field;
  return {
    measure(message, lengths) {
      const items = (message[localName] ?? []) as readonly unknown[];
      if (items.length === 0) return 0;
      let size = 0;
      for (const item of items) size += codec.measure(item, lengths);
      lengths.push(size);
      return tag.size + varintSize(size) + size;
    },
    write(message, output) {
      const items = (message[localName] ?? []) as readonly unknown[];
      if (items.length === 0) return;
      writeVarint(tag.value, output);
      writeVarint(output.lengths[output.next++] ?? 0, output);
      for (const item of items) codec.write(item, output);
    },
  };
}

function mapWriter(field: DescField & { fieldKind: 'map' }): FieldWriter {
  const keys = named(field, scalarCodec(field.mapKey));
  const values = named(field, codecOf(field));
  const tag = tagOf(field.number, { wireType: 2 });
  const { localName, mapKey } = field;
  return {
    measure(message, lengths) {
      let total = 0;
      for (const [key, value] of entriesOf(message[localName])) {
        const index = lengths.push(0) - 1;
        // One byte each for the tags of key and value, which are the fields 1 and 2 of an entry.
        const size = 2 + keys.measure(keyOf(key, mapKey), lengths) + values.measure(value, lengths);
        lengths[index] = size;
        total += tag.size + varintSize(size) + size;
      }
      return total;
    },
    write(message, output) {
      for (const [key, value] of entriesOf(message[localName])) {
        writeVarint(tag.value, output);
        writeVarint(output.lengths[output.next++] ?? 0, output);
        writeVarint((1 << 3) | keys.wireType, output);
        keys.write(keyOf(key, mapKey), output);
        writeVarint((2 << 3) | values.wireType, output);
        values.write(value, output);
      }
    },
  };
}

const entriesOf = (map: unknown): [string, unknown][] => Object.entries((map ?? {}) as Fields);

/** Not done here: what is older than proto3, and messages that stand in objects under another form than their own. */
function isSupported(schema: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(schema)) return true;
  seen.add(schema);
  const { name } = schema.file.proto;
  if (schema.file.proto.syntax !== 'proto3') return false;
  if (name === 'google/protobuf/wrappers.proto' || name === 'google/protobuf/struct.proto') return false;
  return schema.fields.every(({ message }) => message === undefined || isSupported(message, seen));
}
