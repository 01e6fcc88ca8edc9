import { matches } from '../spans/matches.ts';
import type { SpanRecord } from '../spans/span-record.ts';
import type { TraceQuery } from '../trace-store.ts';
import type { FragmentSpan } from './fragment.ts';
import { type FragmentReader, recordsOf } from './fragment-reader.ts';
import { type Found, NewestTraces } from './newest-traces.ts';
import { fragmentOfSpan, type SegmentColumns } from './open-segment.ts';
import type { SearchedSegment } from './segment-search.ts';
import { queryTerms } from './terms.ts';
import { traceKey } from './trace-key.ts';

/** How many spans are looked at between two chances for other questions. */
const slice = 64;

/**
 * Looks through segments, those with the latest spans first, until nothing that is left can be newer than what is found.
 * Yields now and then, so that others get their turn.
 * @param segments - by their latest start, descending
 */
export function* search(
  query: TraceQuery,
  segments: readonly SearchedSegment[],
  fragments: FragmentReader,
): Generator<undefined, readonly Found[]> {
  const newest = new NewestTraces(query.limit);
  const terms = queryTerms(query);
  const startMin = bound(query.startMin, Number.NEGATIVE_INFINITY);
  for (const segment of segments) {
    const floor = Math.max(newest.floor, startMin);
    // Where equal, the exact times may differ.
    if (segment.maxStart < floor) break;
    yield;
    const found = segment.find(terms);
    if (found !== undefined && found.length === 0) continue;
    const columns = segment.columns();
    if (columns === undefined) continue;
    const candidates = candidatesOf(query, columns, found, floor);
    let looked = 0;
    const reader = new SpanAt(fragments, columns);
    for (const span of candidates) {
      const start = columns.starts[span] as number;
      if (start < newest.floor) break;
      const fragment = fragmentOfSpan(columns, span);
      const traceId = columns.traceIds.subarray(fragment * 16, fragment * 16 + 16);
      const key = traceKey(traceId);
      if (newest.isSettled(key, start)) continue;
      const record = reader.read(fragment, span);
      if (record !== undefined && !record.isFirehose && matches(record, query))
        newest.add(key, traceId, record.startNs);
      looked += 1;
      if (looked % slice === 0) yield;
    }
  }
  return newest.all();
}

/** Spans whose times, rounded, are within the bounds, rounded the same way: the latest first. */
function candidatesOf(
  query: TraceQuery,
  { starts, durations, spans }: SegmentColumns,
  found: Uint32Array | undefined,
  floor: number,
): Uint32Array {
  const startMax = bound(query.startMax, Number.POSITIVE_INFINITY);
  const durationMin = bound(query.durationMin, Number.NEGATIVE_INFINITY);
  const durationMax = bound(query.durationMax, Number.POSITIVE_INFINITY);
  const count = found === undefined ? spans : found.length;
  const kept = new Uint32Array(count);
  let length = 0;
  for (let i = 0; i < count; i += 1) {
    const span = found === undefined ? i : (found[i] as number);
    const start = starts[span] as number;
    const duration = durations[span] as number;
    if (start >= floor && start <= startMax && duration >= durationMin && duration <= durationMax)
      kept[length++] = span;
  }
  return kept.subarray(0, length).sort((a, b) => (starts[b] as number) - (starts[a] as number));
}

function bound(value: bigint | undefined, otherwise: number): number {
  return value === undefined ? otherwise : Number(value);
}

/** Reads single spans of a segment; the fragment read last is kept, since spans that are near in time often share it. */
class SpanAt {
  readonly #fragments: FragmentReader;
  readonly #columns: SegmentColumns;
  #fragment = -1;
  #spans: readonly FragmentSpan[] | undefined;

  constructor(fragments: FragmentReader, columns: SegmentColumns) {
    this.#fragments = fragments;
    this.#columns = columns;
  }

  /** @returns undefined: it is gone */
  read(fragment: number, span: number): SpanRecord | undefined {
    if (fragment !== this.#fragment) {
      this.#spans = this.#fragments.read(this.#columns.firstFragment + fragment);
      this.#fragment = fragment;
    }
    const kept = this.#spans?.[span - (this.#columns.fragmentSpans[fragment] as number)];
    const stored = kept && this.#fragments.stored(kept);
    return stored && recordsOf([stored])[0];
  }
}
