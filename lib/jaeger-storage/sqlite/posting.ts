import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/**
 * Which spans of a segment have which term: for each hash of a term the numbers of the spans, ascending. Kept in buckets
 * by the top bits of the hash, so that a query reads one small row for each of its terms.
 *
 * A bucket holds for each of its hashes, ascending: the hash (4 bytes), how many bytes follow (varint), then for each
 * span the distance to the one before (varint).
 */
export interface PostingBuckets {
  /** A bucket is the top so many bits of the hash. 0: there is one. */
  readonly bits: number;
  /** Only those that hold something. */
  readonly buckets: readonly { readonly bucket: number; readonly entries: Uint8Array<ArrayBuffer> }[];
}

/** What one seek reads; smaller buckets are more rows, larger ones more to look through. */
const bucketBytes = 384;

/**
 * @param hashes - of the terms, one for each term of each span
 * @param ordinals - the span of each, ascending
 * @param count - how many of both count
 */
export function encodePostings(hashes: Uint32Array, ordinals: Uint32Array, count: number): PostingBuckets {
  const sorted = sortByHash(hashes, ordinals, count);
  const bits = bucketBits(count);
  const buckets: { bucket: number; entries: Uint8Array<ArrayBuffer> }[] = [];
  const entries = new ByteWriter();
  const deltas = new ByteWriter(256);
  let bucket = -1;
  for (let i = 0; i < count; ) {
    const hash = sorted.hashes[i] as number;
    const into = bucketOf(hash, bits);
    if (into !== bucket) {
      if (entries.length > 0) buckets.push({ bucket, entries: entries.take() });
      bucket = into;
    }
    let previous = -1;
    for (; i < count && sorted.hashes[i] === hash; i += 1) {
      const ordinal = sorted.ordinals[i] as number;
      // One span has the same term twice where an attribute is repeated.
      if (ordinal !== previous) deltas.varint(ordinal - Math.max(previous, 0));
      previous = ordinal;
    }
    entries.uint32(hash);
    entries.varint(deltas.length);
    entries.takeFrom(deltas);
  }
  if (entries.length > 0) buckets.push({ bucket, entries: entries.take() });
  return { bits, buckets };
}

export function bucketOf(hash: number, bits: number): number {
  return bits === 0 ? 0 : hash >>> (32 - bits);
}

/** Where a bucket has the spans of a term. */
export interface Posting {
  readonly entries: Uint8Array<ArrayBuffer>;
  readonly from: number;
  readonly to: number;
}

/** @returns undefined: no span has the term */
export function findPosting(entries: Uint8Array<ArrayBuffer>, hash: number): Posting | undefined {
  const reader = new ByteReader(entries);
  while (!reader.isAtEnd) {
    const here = reader.uint32();
    const length = reader.varint();
    const from = reader.position;
    if (here === hash) return { entries, from, to: from + length };
    if (here > hash) return undefined;
    reader.skip(length);
  }
  return undefined;
}

/** @returns the spans, ascending */
export function readPosting({ entries, from, to }: Posting): Uint32Array {
  const reader = new ByteReader(entries, from, to);
  const ordinals = new Uint32Array(to - from);
  let count = 0;
  let ordinal = 0;
  while (!reader.isAtEnd) {
    ordinal += reader.varint();
    ordinals[count++] = ordinal;
  }
  return ordinals.subarray(0, count);
}

function bucketBits(terms: number): number {
  // A term that few spans have takes 6 bytes, and most are such.
  const wanted = (terms * 6) / bucketBytes;
  return wanted <= 1 ? 0 : Math.min(20, Math.ceil(Math.log2(wanted)));
}

/** Radix sort, 16 bits at a time. It keeps the order of equal hashes, so the spans of each stay ascending. */
function sortByHash(
  hashes: Uint32Array,
  ordinals: Uint32Array,
  count: number,
): { readonly hashes: Uint32Array; readonly ordinals: Uint32Array } {
  let from = { hashes, ordinals };
  for (const shift of [0, 16]) {
    const next = new Uint32Array(65536);
    for (let i = 0; i < count; i += 1) {
      const digit = ((from.hashes[i] as number) >>> shift) & 0xffff;
      next[digit] = (next[digit] as number) + 1;
    }
    let total = 0;
    for (let digit = 0; digit < 65536; digit += 1) {
      const here = next[digit] as number;
      next[digit] = total;
      total += here;
    }
    const to = { hashes: new Uint32Array(count), ordinals: new Uint32Array(count) };
    for (let i = 0; i < count; i += 1) {
      const hash = from.hashes[i] as number;
      const digit = (hash >>> shift) & 0xffff;
      const place = next[digit] as number;
      next[digit] = place + 1;
      to.hashes[place] = hash;
      to.ordinals[place] = from.ordinals[i] as number;
    }
    from = to;
  }
  return from;
}

/** @returns what is in both; both ascending */
export function intersect(one: Uint32Array, other: Uint32Array): Uint32Array {
  const both = new Uint32Array(Math.min(one.length, other.length));
  let count = 0;
  for (let i = 0, j = 0; i < one.length && j < other.length; ) {
    const a = one[i] as number;
    const b = other[j] as number;
    if (a === b) {
      both[count++] = a;
      i += 1;
      j += 1;
    } else if (a < b) i += 1;
    else j += 1;
  }
  return both.subarray(0, count);
}
