/** Hashes of texts and bytes, 32 bits: FNV-1a, with the bits mixed afterwards since buckets are taken from the top ones. */
const prime = 0x01000193;

/** @param seed - the hash of what comes before it, or a number for what kind of thing it is */
export function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), prime);
  // Its length, or ('ab', 'c') would be ('a', 'bc').
  return mix(hash ^ text.length);
}

/** Two independent hashes of the same bytes, for 64 bits in all. `into[at]` and `into[at + 1]` hold seeds and results. */
export function hashBytes(bytes: Uint8Array, into: Uint32Array, at: number): void {
  let one = into[at] ?? 0;
  let other = into[at + 1] ?? 0;
  const { length } = bytes;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const word =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    one = Math.imul(one ^ word, 0x85ebca6b);
    one ^= one >>> 15;
    other = Math.imul((other << 13) | (other >>> 19), 5) + Math.imul(word, 0xcc9e2d51);
    other ^= other >>> 11;
  }
  for (; i < length; i += 1) {
    one = Math.imul(one ^ (bytes[i] as number), 0x85ebca6b);
    other = Math.imul((other << 13) | (other >>> 19), 5) + Math.imul((bytes[i] as number) + 1, 0xcc9e2d51);
  }
  into[at] = mix(one ^ length);
  into[at + 1] = mix(other ^ Math.imul(length, prime));
}

function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
