import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { emptyMark, OpenSegment, type SegmentColumns } from './open-segment.ts';
import { bucketOf, findPosting, intersect, type Posting, readPosting } from './posting.ts';
import { decodeColumns } from './segment-columns.ts';

/** A segment as a search sees it. Times are bounds of its spans' starts. */
export interface SearchedSegment {
  readonly minStart: number;
  readonly maxStart: number;
  /** undefined: it is gone */
  columns(): SegmentColumns | undefined;
  /** @returns spans that have all of these terms, ascending; undefined: all spans, since there are no terms */
  find(terms: readonly number[]): Uint32Array | undefined;
}

interface SealedRow {
  readonly id: number;
  readonly first_fragment: number;
  readonly min_start: number;
  readonly max_start: number;
  readonly bits: number;
}

/** How many bytes of columns are kept at hand. */
const maxColumnBytes = 8 * 1024 * 1024;

/** The sealed segments of a database. */
export class SealedSegments {
  readonly #newestFirst: StatementSync;
  readonly #columns: StatementSync;
  readonly #posting: StatementSync;
  /** The one used last is at the end. */
  readonly #known = new Map<number, { readonly columns: SegmentColumns; readonly bytes: number }>();
  #bytes = 0;

  constructor(database: DatabaseSync) {
    this.#newestFirst = database.prepare(
      'SELECT id, first_fragment, min_start, max_start, bits FROM segment WHERE max_start >= ? AND min_start <= ? ORDER BY max_start DESC',
    );
    this.#columns = database.prepare('SELECT columns FROM segment WHERE id = ?');
    this.#posting = database.prepare('SELECT entries FROM posting WHERE segment = ? AND bucket = ?');
  }

  /** @returns those that may have spans that start between the two, and their ids, by their latest start */
  newestFirst(from: number, to: number): { readonly id: number; readonly segment: SearchedSegment }[] {
    const rows = this.#newestFirst.all(from, to) as unknown as SealedRow[];
    return rows.map((row) => ({
      id: row.id,
      segment: {
        minStart: row.min_start,
        maxStart: row.max_start,
        columns: () => this.#columnsOf(row),
        find: (terms) => this.#find(row, terms),
      },
    }));
  }

  #columnsOf({ id, first_fragment }: SealedRow): SegmentColumns | undefined {
    const known = this.#known.get(id);
    if (known !== undefined) {
      this.#known.delete(id);
      this.#known.set(id, known);
      return known.columns;
    }
    const row = this.#columns.get(id) as { columns: Uint8Array<ArrayBuffer> } | undefined;
    if (row === undefined) return undefined;
    const columns = decodeColumns(row.columns, first_fragment);
    this.#known.set(id, { columns, bytes: row.columns.length });
    this.#bytes += row.columns.length;
    for (const [old, { bytes }] of this.#known) {
      if (this.#bytes <= maxColumnBytes || old === id) break;
      this.#known.delete(old);
      this.#bytes -= bytes;
    }
    return columns;
  }

  #find({ id, bits }: SealedRow, terms: readonly number[]): Uint32Array | undefined {
    const postings: Posting[] = [];
    for (const term of terms) {
      const row = this.#posting.get(id, bucketOf(term, bits)) as
        | { entries: Uint8Array<ArrayBuffer> }
        | undefined;
      const posting = row && findPosting(row.entries, term);
      if (posting === undefined) return new Uint32Array(0);
      postings.push(posting);
    }
    // The rarest first: what is left of it is soon nothing, and the others need not be read.
    postings.sort((a, b) => a.to - a.from - (b.to - b.from));
    let found: Uint32Array | undefined;
    for (const posting of postings) {
      found = found === undefined ? readPosting(posting) : intersect(found, readPosting(posting));
      if (found.length === 0) return found;
    }
    return found;
  }
}

/** The open segment as it is now: what comes later is not in it. */
export function openSegmentNow(open: OpenSegment): SearchedSegment {
  const now = new OpenSegment(open.id, open.firstFragment);
  Object.assign(now, {
    spans: open.spans,
    starts: open.starts,
    durations: open.durations,
    fragments: open.fragments,
    fragmentSpans: open.fragmentSpans,
    traceIds: open.traceIds,
    hashes: open.hashes,
    ordinals: open.ordinals,
    terms: open.terms,
  });
  const starts = now.starts.subarray(0, now.spans);
  return {
    minStart: starts.reduce((min, start) => Math.min(min, start), Number.POSITIVE_INFINITY),
    maxStart: starts.reduce((max, start) => Math.max(max, start), Number.NEGATIVE_INFINITY),
    columns: () => now,
    find: (terms) =>
      terms
        .map((term) => now.find(term))
        .reduce<Uint32Array | undefined>(
          (all, found) => (all === undefined ? found : intersect(all, found)),
          undefined,
        ),
  };
}

/** The copy of the open segment on the readers' side. */
export class OpenSegmentCopy {
  segment = new OpenSegment(0, 1);

  add(addition: Parameters<OpenSegment['append']>[0]): void {
    if (addition.segment !== this.segment.id || addition.spansBefore === emptyMark.spans) {
      this.segment = new OpenSegment(addition.segment, addition.firstFragment);
    }
    this.segment.append(addition);
  }
}
