/** A trace that a search found, with the start of the latest of its spans that match, in Unix nanoseconds. */
export interface Found {
  readonly traceId: Uint8Array;
  readonly key: string;
  start: bigint;
}

/** The newest traces of those that were found so far: no more than asked for. */
export class NewestTraces {
  readonly #limit: number;
  readonly #byKey = new Map<string, Found>();
  /** The newest first; equal ones by their ids, so that the same question has the same answer. */
  readonly #sorted: Found[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Spans that start before that change nothing any more. Rounded as the columns of segments are. */
  get floor(): number {
    const last = this.#sorted[this.#limit - 1];
    return last === undefined ? Number.NEGATIVE_INFINITY : Number(last.start);
  }

  /** @returns whether a span of the trace that starts then, rounded, changes nothing */
  isSettled(key: string, start: number): boolean {
    const known = this.#byKey.get(key);
    return known !== undefined && Number(known.start) > start;
  }

  add(key: string, traceId: Uint8Array, start: bigint): void {
    let found = this.#byKey.get(key);
    if (found !== undefined) {
      if (found.start >= start) return;
      this.#sorted.splice(this.#sorted.indexOf(found), 1);
      found.start = start;
    } else {
      found = { traceId: traceId.slice(), key, start };
      this.#byKey.set(key, found);
    }
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#sorted[middle] as Found, found)) low = middle + 1;
      else high = middle;
    }
    this.#sorted.splice(low, 0, found);
    if (this.#sorted.length > this.#limit) {
      const dropped = this.#sorted.pop() as Found;
      this.#byKey.delete(dropped.key);
    }
  }

  all(): readonly Found[] {
    return this.#sorted;
  }
}

function isBefore(one: Found, other: Found): boolean {
  return one.start === other.start ? one.key < other.key : one.start > other.start;
}
