/**
 * What searches know of the spans of one segment, in columns: a span is a number from 0 on, in the order of arrival.
 *
 * Times are float64, since they may lie anywhere between the years 1 and 9999, in nanoseconds: rounded, but never past
 * each other, so that comparing them leaves out nothing that the exact times would let in.
 */
export interface SegmentColumns {
  readonly spans: number;
  /** Unix nanoseconds */
  readonly starts: Float64Array<ArrayBuffer>;
  /** Nanoseconds */
  readonly durations: Float64Array<ArrayBuffer>;
  /** The ids of fragments of one segment are consecutive. */
  readonly firstFragment: number;
  readonly fragments: number;
  /** For each fragment, its first span. */
  readonly fragmentSpans: Uint32Array<ArrayBuffer>;
  /** For each fragment, the 16 bytes of its trace id. */
  readonly traceIds: Uint8Array<ArrayBuffer>;
}

/** What came to a segment since the last such message, for the copy of it that searches use. */
export interface SegmentAddition {
  readonly segment: number;
  readonly firstFragment: number;
  /** How many the copy has to have already. 0: a new copy. */
  readonly spansBefore: number;
  readonly starts: Float64Array<ArrayBuffer>;
  readonly durations: Float64Array<ArrayBuffer>;
  readonly fragmentSpans: Uint32Array<ArrayBuffer>;
  readonly traceIds: Uint8Array<ArrayBuffer>;
  readonly hashes: Uint32Array<ArrayBuffer>;
  readonly ordinals: Uint32Array<ArrayBuffer>;
}

/** The segment that spans go to at present: its index is in memory only, and made again from its fragments at start. */
export class OpenSegment implements SegmentColumns {
  readonly id: number;
  readonly firstFragment: number;
  spans = 0;
  starts = new Float64Array(256);
  durations = new Float64Array(256);
  fragments = 0;
  fragmentSpans = new Uint32Array(64);
  traceIds = new Uint8Array(64 * 16);
  /** Of the terms of all spans, one after the other, with the span of each. */
  hashes = new Uint32Array(4096);
  ordinals = new Uint32Array(4096);
  terms = 0;
  /** Of the bodies of its fragments. */
  bytes = 0;

  constructor(id: number, firstFragment: number) {
    this.id = id;
    this.firstFragment = firstFragment;
  }

  /** The spans added next are those of this fragment. */
  addFragment(traceId: Uint8Array, bytes: number): void {
    if (this.fragments === this.fragmentSpans.length) {
      this.fragmentSpans = grown(this.fragmentSpans, this.fragments * 2);
      this.traceIds = grown(this.traceIds, this.fragments * 32);
    }
    this.fragmentSpans[this.fragments] = this.spans;
    this.traceIds.set(traceId, this.fragments * 16);
    this.fragments += 1;
    this.bytes += bytes;
  }

  addSpan(startNs: number, durationNs: number): void {
    if (this.spans === this.starts.length) {
      this.starts = grown(this.starts, this.spans * 2);
      this.durations = grown(this.durations, this.spans * 2);
    }
    this.starts[this.spans] = startNs;
    this.durations[this.spans] = durationNs;
    this.spans += 1;
  }

  /** Of the span added last. */
  addTerm(hash: number): void {
    if (this.terms === this.hashes.length) this.#growTerms(this.terms + 1);
    this.hashes[this.terms] = hash;
    this.ordinals[this.terms] = this.spans - 1;
    this.terms += 1;
  }

  addTerms(hashes: Uint32Array): void {
    if (this.terms + hashes.length > this.hashes.length) this.#growTerms(this.terms + hashes.length);
    this.hashes.set(hashes, this.terms);
    this.ordinals.fill(this.spans - 1, this.terms, this.terms + hashes.length);
    this.terms += hashes.length;
  }

  #growTerms(needed: number): void {
    const capacity = Math.max(this.hashes.length * 2, needed);
    this.hashes = grown(this.hashes, capacity);
    this.ordinals = grown(this.ordinals, capacity);
  }

  /** @returns the spans that have the term, ascending */
  find(hash: number): Uint32Array {
    const found: number[] = [];
    for (let i = 0; i < this.terms; i += 1) {
      if (this.hashes[i] !== hash) continue;
      const ordinal = this.ordinals[i] as number;
      if (found.at(-1) !== ordinal) found.push(ordinal);
    }
    return Uint32Array.from(found);
  }

  /** @returns ids of the fragments of a trace, ascending */
  fragmentsOf(traceId: Uint8Array): number[] {
    const found: number[] = [];
    for (let i = 0; i < this.fragments; i += 1) {
      if (isTraceOf(this, i, traceId)) found.push(this.firstFragment + i);
    }
    return found;
  }

  /** @returns what came since `mark`, as it was at that time, in arrays of its own */
  since(mark: SegmentMark): SegmentAddition {
    return {
      segment: this.id,
      firstFragment: this.firstFragment,
      spansBefore: mark.spans,
      starts: this.starts.slice(mark.spans, this.spans),
      durations: this.durations.slice(mark.spans, this.spans),
      fragmentSpans: this.fragmentSpans.slice(mark.fragments, this.fragments),
      traceIds: this.traceIds.slice(mark.fragments * 16, this.fragments * 16),
      hashes: this.hashes.slice(mark.terms, this.terms),
      ordinals: this.ordinals.slice(mark.terms, this.terms),
    };
  }

  mark(): SegmentMark {
    return { spans: this.spans, fragments: this.fragments, terms: this.terms };
  }

  append(addition: SegmentAddition): void {
    if (addition.spansBefore !== this.spans) throw new Error('an addition to a segment was lost');
    const spans = this.spans + addition.starts.length;
    if (spans > this.starts.length) {
      this.starts = grown(this.starts, Math.max(spans, this.starts.length * 2));
      this.durations = grown(this.durations, this.starts.length);
    }
    this.starts.set(addition.starts, this.spans);
    this.durations.set(addition.durations, this.spans);
    const fragments = this.fragments + addition.fragmentSpans.length;
    if (fragments > this.fragmentSpans.length) {
      this.fragmentSpans = grown(this.fragmentSpans, Math.max(fragments, this.fragmentSpans.length * 2));
      this.traceIds = grown(this.traceIds, this.fragmentSpans.length * 16);
    }
    this.fragmentSpans.set(addition.fragmentSpans, this.fragments);
    this.traceIds.set(addition.traceIds, this.fragments * 16);
    const terms = this.terms + addition.hashes.length;
    if (terms > this.hashes.length) this.#growTerms(terms);
    this.hashes.set(addition.hashes, this.terms);
    this.ordinals.set(addition.ordinals, this.terms);
    this.spans = spans;
    this.fragments = fragments;
    this.terms = terms;
  }
}

/** How much of a segment there was. */
export interface SegmentMark {
  readonly spans: number;
  readonly fragments: number;
  readonly terms: number;
}

export const emptyMark: SegmentMark = { spans: 0, fragments: 0, terms: 0 };

/** @returns which fragment of the segment holds a span, from 0 on */
export function fragmentOfSpan(columns: SegmentColumns, span: number): number {
  let low = 0;
  let high = columns.fragments - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((columns.fragmentSpans[middle] as number) <= span) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** @returns whether a fragment of the segment, counted from 0 on, is one of that trace */
export function isTraceOf(columns: SegmentColumns, fragment: number, traceId: Uint8Array): boolean {
  const at = fragment * 16;
  // From the end: there ids differ, even where somebody counts them.
  for (let i = 15; i >= 0; i -= 1) if (columns.traceIds[at + i] !== traceId[i]) return false;
  return true;
}

function grown<T extends Float64Array | Uint32Array | Uint8Array>(array: T, capacity: number): T {
  const copy = new (array.constructor as new (length: number) => T)(capacity);
  copy.set(array);
  return copy;
}
