import { concat, LENGTH, tagOf, varintSize, WireReader, writeVarint } from './wire.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Of a span that has none. */
export const NO_SPAN_ID: Bytes = new Uint8Array(8);

export function isZero(id: Uint8Array): boolean {
  for (let at = 0; at < id.length; at++) if (id[at] !== 0) return false;
  return true;
}

/** 16 bytes, of 8 that are the lower half of an id. */
export function wideTraceId(low: Uint8Array): Bytes {
  const wide = new Uint8Array(16);
  wide.set(low, 8);
  return wide;
}

/** Why a span with this trace id can't be kept, if it can't. */
export function traceIdTrouble(id: Uint8Array | undefined): string | undefined {
  if (id === undefined || id.length === 0) return 'a span has no trace id';
  if (id.length !== 16 && id.length !== 8) return `a trace id has ${id.length} bytes, not 16`;
  return isZero(id) ? 'a trace id is all zero' : undefined;
}

/** The message without its field `number`, and with one of this value instead. */
export function withBytesField(message: Uint8Array, number: number, value: Uint8Array): Bytes {
  const tag = tagOf(number, LENGTH);
  const parts: Uint8Array[] = [lengthField(number, value)];
  const field = new WireReader(message);
  while (field.next()) if (field.tag !== tag) parts.push(message.subarray(field.start, field.position));
  return concat(parts);
}

export function lengthField(number: number, value: Uint8Array): Bytes {
  const tag = tagOf(number, LENGTH);
  const field = new Uint8Array(varintSize(tag) + varintSize(value.length) + value.length);
  field.set(value, writeVarint(field, writeVarint(field, 0, tag), value.length));
  return field;
}
