/** Longer texts are seldom the same as one before, and are not looked up. */
const MAX_KNOWN_BYTES = 40;
const SLOTS = 4096;

/**
 * Texts that were read lately, by a hash of their bytes: attributes have the same few names, and often the same few
 * values, span after span, and to find a text here costs a fraction of making it anew. A new one takes the place of the
 * one before it, so it never grows.
 */
const known: string[] = new Array(SLOTS).fill('');

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text that these bytes are in UTF-8, with U+FFFD for what is none. */
export function textAt(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from;
  if (length === 0) return '';
  if (length > MAX_KNOWN_BYTES) return utf8.decode(bytes.subarray(from, to));
  let hash = length;
  let seen = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    seen |= byte;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (seen >= 0x80) return utf8.decode(bytes.subarray(from, to));
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  const found = known[slot] as string;
  if (found.length === length && isText(bytes, from, found)) return found;
  const text = asciiText(bytes, from, to);
  known[slot] = text;
  return text;
}

function isText(bytes: Uint8Array, from: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[from + at]) return false;
  return true;
}

/** By length: arrays that are filled again and again, as to make one costs more than to fill it. */
const codes: readonly number[][] = Array.from({ length: MAX_KNOWN_BYTES + 1 }, (_, length) =>
  new Array(length).fill(0),
);

/** For so few bytes, a call of the decoder costs more than all else here. */
function asciiText(bytes: Uint8Array, from: number, to: number): string {
  const into = codes[to - from] as number[];
  for (let at = from; at < to; at++) into[at - from] = bytes[at] as number;
  return String.fromCharCode.apply(null, into);
}
