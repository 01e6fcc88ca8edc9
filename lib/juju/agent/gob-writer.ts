import type { GobField } from './gob.ts';

/** Writes one field of a struct; undefined for a zero, which gob does not send. */
export type WriteField = (() => void) | undefined;

/** Writes gob messages one behind the other into one piece of memory: a hook asks hundreds of questions. */
export class GobWriter {
  #buffer = Buffer.allocUnsafe(2048);
  #at = 0;

  /** @returns a copy of what was written since the last time */
  take(): Uint8Array {
    const taken = Uint8Array.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return taken;
  }

  /** One byte when it is small, else its width and then its bytes. */
  uint(number: number | bigint): void {
    if (number < 128) {
      this.#room(1);
      this.#buffer[this.#at] = Number(number);
      this.#at += 1;
      return;
    }
    const hex = number.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
    this.#room(9);
    this.#buffer[this.#at] = 256 - bytes.length;
    this.#buffer.set(bytes, this.#at + 1);
    this.#at += 1 + bytes.length;
  }

  int(number: number | bigint): void {
    const value = BigInt(number);
    this.uint(value < 0n ? -value * 2n - 1n : value * 2n);
  }

  bytes(content: string | Uint8Array): void {
    const length = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
    this.uint(length);
    this.#room(length);
    if (typeof content === 'string') this.#buffer.write(content, this.#at);
    else this.#buffer.set(content, this.#at);
    this.#at += length;
  }

  list(texts: readonly string[]): void {
    this.uint(texts.length);
    for (const text of texts) this.bytes(text);
  }

  /** @param fields - in the order of the type */
  struct(fields: readonly WriteField[]): void {
    let last = -1;
    for (const [index, write] of fields.entries()) {
      if (write === undefined) continue;
      this.uint(index - last);
      write();
      last = index;
    }
    this.uint(0);
  }

  /** One message: a value of the type with this id. */
  value(type: number, write: () => void): void {
    this.#message(() => {
      this.int(type);
      write();
    });
  }

  /** One message: what the struct with this id looks like. */
  defineStruct(id: number, name: string, fields: readonly GobField[]): void {
    const writeField = (field: GobField) =>
      this.struct([() => this.bytes(field.name), () => this.int(field.type)]);
    const structType = () =>
      this.struct([
        () => this.#common(id, name),
        () => {
          this.uint(fields.length);
          for (const field of fields) writeField(field);
        },
      ]);
    this.value(-id, () => this.struct([undefined, undefined, structType]));
  }

  /** One message: that the type with this id is a list. */
  defineSlice(id: number, name: string, element: number): void {
    const sliceType = () => this.struct([() => this.#common(id, name), () => this.int(element)]);
    this.value(-id, () => this.struct([undefined, sliceType]));
  }

  #common(id: number, name: string): void {
    this.struct([name === '' ? undefined : () => this.bytes(name), () => this.int(id)]);
  }

  /** A message has its length before it, which is known when it is written. */
  #message(write: () => void): void {
    const start = this.#at;
    write();
    const end = this.#at;
    this.uint(end - start);
    const prefix = Uint8Array.from(this.#buffer.subarray(end, this.#at));
    this.#buffer.copyWithin(start + prefix.length, start, end);
    this.#buffer.set(prefix, start);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
  }
}
