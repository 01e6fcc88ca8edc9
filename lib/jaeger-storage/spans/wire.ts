import { TraceStoreError } from '../errors.ts';

/** How a field's value is written: the lower three bits of its tag. */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
const START_GROUP = 3;
const END_GROUP = 4;
export const FIXED32 = 5;

/**
 * Messages in messages, and groups in groups: as many as the generated readers take, so that what is kept can be
 * translated, and a few bytes can't take the whole stack.
 */
export const MAX_DEPTH = 100;

export function malformed(why: string): TraceStoreError {
  return new TraceStoreError(
    'INVALID',
    `Not the encoding of spans: ${why}. Send the message as it was encoded, whole.`,
  );
}

/** `field << 3 | wire type`, as the wire has it. */
export const tagOf = (field: number, wireType: number) => (field << 3) | wireType;

/**
 * Walks over the fields of one message of protobuf's wire format without decoding their values. After `next()` was true
 * the properties tell of the field. Whatever the bytes, it ends or throws {@link TraceStoreError} INVALID, and never
 * reads beyond `end`.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class WireReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  /** Where the next field begins. */
  position: number;
  /** Where this field begins, its tag included. */
  start = 0;
  /** See {@link tagOf}. */
  tag = 0;
  /** Where the value is: without its length. */
  from = 0;
  to = 0;

  constructor(bytes: Uint8Array, from = 0, to = bytes.length) {
    this.bytes = bytes;
    this.position = from;
    this.end = to;
  }

  next(): boolean {
    if (this.position >= this.end) return false;
    this.start = this.position;
    const first = this.bytes[this.position] as number;
    if (first < 0x80) {
      this.position++;
      this.tag = first;
    } else this.tag = this.#longTag();
    const wireType = this.tag & 7;
    if (this.tag >>> 3 === 0) throw malformed('field 0 does not exist');
    if (wireType === LENGTH) {
      const length = this.#length();
      this.from = this.position;
      if (length > this.end - this.position) throw malformed('it ends in the middle of a field');
      this.position += length;
    } else {
      this.from = this.position;
      if (wireType === VARINT) this.#skipVarint();
      else if (wireType === FIXED64) this.#skip(8);
      else if (wireType === FIXED32) this.#skip(4);
      else if (wireType === START_GROUP) this.#skipGroup(this.tag >>> 3);
      else
        throw malformed(wireType === END_GROUP ? 'a group ends that never began' : `wire type ${wireType}`);
    }
    this.to = this.position;
    return true;
  }

  #skip(count: number): void {
    if (count > this.end - this.position) throw malformed('it ends in the middle of a field');
    this.position += count;
  }

  #skipVarint(): void {
    const { bytes, end } = this;
    const last = Math.min(end, this.position + 10);
    for (let at = this.position; at < last; at++) {
      if ((bytes[at] as number) < 0x80) {
        this.position = at + 1;
        return;
      }
    }
    throw malformed(last === end ? 'it ends in the middle of a number' : 'a number of more than ten bytes');
  }

  #length(): number {
    const first = this.bytes[this.position];
    if (this.position < this.end && first !== undefined && first < 0x80) {
      this.position++;
      return first;
    }
    return this.#varint();
  }

  #longTag(): number {
    const tag = this.#varint();
    if (tag > 0xffff_ffff) throw malformed('a field number beyond 2^29');
    return tag | 0;
  }

  /** As a number: exact to 2^53, which is more than there are bytes. */
  #varint(): number {
    const from = this.position;
    this.#skipVarint();
    let value = 0;
    for (let at = this.position - 1; at >= from; at--)
      value = value * 128 + ((this.bytes[at] as number) & 0x7f);
    return value;
  }

  /** To the end of the group that began with this field: groups in it are counted, not followed. */
  #skipGroup(field: number): void {
    const open = [field];
    while (open.length > 0) {
      if (this.position >= this.end) throw malformed('it ends in the middle of a group');
      const tag = this.#longTag();
      const wireType = tag & 7;
      const number = tag >>> 3;
      if (number === 0) throw malformed('field 0 does not exist');
      if (wireType === END_GROUP) {
        if (open.pop() !== number) throw malformed('a group ends that never began');
      } else if (wireType === START_GROUP) {
        open.push(number);
        if (open.length > MAX_DEPTH) throw malformed(`more than ${MAX_DEPTH} groups in each other`);
      } else if (wireType === VARINT) this.#skipVarint();
      else if (wireType === FIXED64) this.#skip(8);
      else if (wireType === FIXED32) this.#skip(4);
      else if (wireType === LENGTH) this.#skip(this.#length());
      else throw malformed(`wire type ${wireType}`);
    }
  }
}

/** @throws TraceStoreError code INVALID: it has that number and another wire type */
export function isField(field: WireReader, tag: number): boolean {
  if (field.tag === tag) return true;
  if (field.tag >>> 3 === tag >>> 3) throw malformed(`field ${tag >>> 3} has wire type ${field.tag & 7}`);
  return false;
}

/** The lower 32 bits of the varint at `at`, signed: enough for enums, flags and bools. */
export function int32At(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at + shift / 7] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

/** Whether the varint at `at` is other than 0, which is what a bool is. */
export function boolAt(bytes: Uint8Array, at: number): boolean {
  for (let next = at; ; next++) {
    const byte = bytes[next] as number;
    if ((byte & 0x7f) !== 0) return true;
    if (byte < 0x80) return false;
  }
}

/** The varint at `at` as a signed number of 64 bits. */
export function int64At(bytes: Uint8Array, at: number): bigint {
  let value = 0;
  let scale = 1;
  for (let next = at; next < at + 7; next++) {
    const byte = bytes[next] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return BigInt(value);
    scale *= 128;
  }
  let high = 0n;
  for (let next = at + 7; next < at + 10; next++) {
    const byte = bytes[next] as number;
    high |= BigInt(byte & 0x7f) << BigInt((next - at) * 7);
    if (byte < 0x80) break;
  }
  return BigInt.asIntN(64, high | BigInt(value));
}

/** The eight bytes at `at` as an unsigned number, the lowest byte first. */
export function fixed64At(bytes: Uint8Array, at: number): bigint {
  const low = word(bytes, at);
  const high = word(bytes, at + 4);
  return high < 0x20_0000 ? BigInt(high * 0x1_0000_0000 + low) : (BigInt(high) << 32n) | BigInt(low);
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

/** How many bytes `value` takes as a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Writes `value` at `at`; returns where it ends. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  for (; rest >= 128; rest = Math.floor(rest / 128)) into[next++] = (rest % 128) | 0x80;
  into[next++] = rest;
  return next;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
