import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TraceStoreError } from '../errors.ts';
import { encodeTrace, type StoredSpan } from '../spans/write-spans.ts';
import type { DependencyLink, Operation, TimeRange, TraceQuery } from '../trace-store.ts';
import { DamagedError } from './byte-reader.ts';
import { openToRead } from './database.ts';
import { DependencyReader } from './dependency-reader.ts';
import { FragmentReader } from './fragment-reader.ts';
import type { Found } from './newest-traces.ts';
import type { SegmentAddition } from './open-segment.ts';
import type { PackedPart } from './protocol.ts';
import { search } from './search.ts';
import { OpenSegmentCopy, openSegmentNow, SealedSegments, type SearchedSegment } from './segment-search.ts';

/** A part of a trace is cut when it has so many bytes. */
const partBytes = 1024 * 1024;

function expiredError(traceId: Uint8Array): TraceStoreError {
  const id = Buffer.from(traceId).toString('hex');
  return new TraceStoreError('BUSY', `trace ${id} expired while it was read: ask again for what is left`);
}

/** Reads one database, while its writer writes it. */
export class DatabaseReader {
  readonly #database: DatabaseSync;
  readonly #fragments: FragmentReader;
  readonly #sealed: SealedSegments;
  readonly #open = new OpenSegmentCopy();
  readonly #services: StatementSync;
  readonly #operations: StatementSync;
  readonly #dependencies: DependencyReader;

  constructor(file: string) {
    this.#database = openToRead(file);
    this.#fragments = new FragmentReader(this.#database);
    this.#sealed = new SealedSegments(this.#database);
    this.#services = this.#database.prepare('SELECT name FROM service ORDER BY name');
    this.#operations = this.#database.prepare(
      'SELECT o.name, o.kind FROM operation o JOIN service s ON s.id = o.service WHERE s.name = ? ORDER BY o.name, o.kind',
    );
    this.#dependencies = new DependencyReader(this.#database);
  }

  add(addition: SegmentAddition): void {
    this.#open.add(addition);
  }

  /**
   * @returns the parts of one trace, one after the other; none where there is no such trace
   * @throws {TraceStoreError} code BUSY: it expired when a part of it had been given; the rest alone would be a trace
   *   with a hole, and nobody could tell
   */
  *trace(traceId: Uint8Array): Generator<PackedPart> {
    let fragments: readonly number[] | undefined;
    for (let next = 0; next < (fragments?.length ?? 1); ) {
      const part = this.#moment(() => {
        const isFirst = fragments === undefined;
        fragments ??= this.#fragmentsOf(traceId);
        const spans: StoredSpan[] = [];
        for (let bytes = 0; next < fragments.length && bytes < partBytes; next += 1) {
          const stored = this.#fragments.storedSpans(fragments[next] as number);
          if (stored === undefined) {
            throw isFirst ? new DamagedError('a fragment of a trace is missing') : expiredError(traceId);
          }
          for (const span of stored) bytes += span.bytes.length;
          spans.push(...stored);
        }
        return spans;
      });
      if (part.length > 0) yield { traceId, spans: encodeTrace(part) };
    }
  }

  /** @returns the ids of its fragments, ascending, as they are at this moment */
  #fragmentsOf(traceId: Uint8Array): number[] {
    // In this order: what is sealed between the two is in both.
    const open = this.#open.segment.fragmentsOf(traceId);
    const sealed = this.#fragments.sealedParts(traceId);
    const [first] = open;
    // A segment expires as a whole, and the copy of the open one may not have heard of it.
    const isOpenThere = first !== undefined && this.#fragments.has(first);
    return [...new Set([...sealed, ...(isOpenThere ? open : [])])];
  }

  /** All that `read` reads is of one moment. */
  #moment<T>(read: () => T): T {
    this.#database.exec('BEGIN');
    try {
      return read();
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  search(query: TraceQuery): Generator<undefined, readonly Found[]> {
    const { segment } = this.#open;
    const from = query.startMin === undefined ? Number.NEGATIVE_INFINITY : Number(query.startMin);
    const to = query.startMax === undefined ? Number.POSITIVE_INFINITY : Number(query.startMax);
    const sealed = this.#sealed.newestFirst(from, to);
    const segments: SearchedSegment[] = sealed.map((one) => one.segment);
    // Sealed by a commit that this copy has not heard of: then it is among the others.
    if (segment.spans > 0 && !sealed.some(({ id }) => id === segment.id))
      segments.push(openSegmentNow(segment));
    return search(
      query,
      segments.sort((a, b) => b.maxStart - a.maxStart),
      this.#fragments,
    );
  }

  services(): string[] {
    return this.#services.all().map(({ name }) => name as string);
  }

  operations(service: string, kind: string | undefined): Operation[] {
    const all = this.#operations.all(service) as unknown as Operation[];
    return all
      .filter((one) => kind === undefined || one.kind === kind)
      .map(({ name, kind }) => ({ name, kind }));
  }

  dependencies(range: TimeRange): DependencyLink[] {
    return this.#dependencies.read(range);
  }

  close(): void {
    this.#database.close();
  }
}
