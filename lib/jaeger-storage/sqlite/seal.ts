import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { OpenSegment } from './open-segment.ts';
import { encodePostings } from './posting.ts';
import { encodeColumns } from './segment-columns.ts';

/** When the first and the last span of a segment came, in Unix milliseconds. */
export interface Written {
  readonly from: number;
  readonly to: number;
}

/** Writes the index of segments that are full. */
export class Sealer {
  readonly #segment: StatementSync;
  readonly #posting: StatementSync;
  readonly #part: StatementSync;
  readonly #hasPart: StatementSync;
  readonly #counter: StatementSync;

  constructor(database: DatabaseSync) {
    this.#segment = database.prepare('INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#posting = database.prepare('INSERT INTO posting VALUES (?, ?, ?)');
    this.#part = database.prepare('INSERT INTO trace_part VALUES (?, ?)');
    this.#hasPart = database.prepare('SELECT 1 FROM trace_part WHERE trace = ? LIMIT 1');
    this.#counter = database.prepare('UPDATE counter SET value = value + ? WHERE name = ?');
  }

  /** @returns how many of its traces no sealed segment had before */
  seal(segment: OpenSegment, written: Written): number {
    const { id, firstFragment, fragments, spans } = segment;
    const { bits, buckets } = encodePostings(segment.hashes, segment.ordinals, segment.terms);
    const [minStart, maxStart] = bounds(segment.starts, spans);
    const columns = encodeColumns(segment);
    this.#segment.run(
      id,
      firstFragment,
      fragments,
      spans,
      minStart,
      maxStart,
      written.from,
      written.to,
      bits,
      columns,
    );
    for (const { bucket, entries } of buckets) this.#posting.run(id, bucket, entries);
    const newTraces = this.#addParts(segment);
    this.#counter.run(1, 'segment');
    this.#counter.run(fragments, 'fragment');
    this.#counter.run(newTraces, 'traces');
    return newTraces;
  }

  /** In the order of the ids, which is that of the tree they go to. */
  #addParts({ firstFragment, fragments, traceIds }: OpenSegment): number {
    const ids = Buffer.from(traceIds.buffer, 0, fragments * 16);
    const compare = (a: number, b: number) =>
      ids.compare(ids, b * 16, b * 16 + 16, a * 16, a * 16 + 16) || a - b;
    let newTraces = 0;
    let last: Buffer | undefined;
    for (const fragment of Uint32Array.from({ length: fragments }, (_, n) => n).sort(compare)) {
      const trace = ids.subarray(fragment * 16, fragment * 16 + 16);
      if (last?.equals(trace) !== true) {
        if (this.#hasPart.get(trace) === undefined) newTraces += 1;
        last = trace;
      }
      this.#part.run(trace, firstFragment + fragment);
    }
    return newTraces;
  }
}

function bounds(starts: Float64Array, spans: number): [min: number, max: number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < spans; i += 1) {
    const start = starts[i] as number;
    if (start < min) min = start;
    if (start > max) max = start;
  }
  return [min, max];
}
