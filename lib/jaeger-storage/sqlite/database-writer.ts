import type { DatabaseSync } from 'node:sqlite';
import { TraceStoreError } from '../errors.ts';
import { readSpans } from '../spans/read-spans.ts';
import type { SpanRecord } from '../spans/span-record.ts';
import type { EncodedSpans, WriteResult } from '../trace-store.ts';
import { openToWrite } from './database.ts';
import { DependencyCounter } from './dependency-counter.ts';
import { Dictionary } from './dictionary.ts';
import { FragmentReader } from './fragment-reader.ts';
import { KnownTraces } from './known-traces.ts';
import { emptyMark, OpenSegment, type SegmentAddition, type SegmentMark } from './open-segment.ts';
import { expireSegment } from './retention.ts';
import { pragma } from './schema.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { EngineSettings } from './settings.ts';
import { storeError } from './sqlite-error.ts';
import { TraceGroups } from './trace-groups.ts';

/** How a write ended: INVALID ones fail alone, whatever else was in the same commit; FULL ones where others fit. */
export type WriteOutcome = WriteResult | TraceStoreError;

export interface DatabaseCounts {
  readonly spans: number;
  readonly traces: number;
  readonly segments: number;
  /** Pages in use, and the write-ahead log not included. */
  readonly bytes: number;
}

interface PendingWrite {
  /** Which of the writes. */
  readonly n: number;
  readonly records: readonly SpanRecord[];
  readonly bytes: number;
}

/** Writes one database, of which it is the only writer. */
export class DatabaseWriter {
  readonly file: string;
  readonly #settings: EngineSettings;
  readonly #onAddition: (addition: SegmentAddition) => void;
  #database!: DatabaseSync;
  #dictionary!: Dictionary;
  #segments!: SegmentWriter;
  #traces!: KnownTraces;
  #dependencies!: DependencyCounter;
  #told: SegmentMark & { segment: number } = { segment: 0, ...emptyMark };
  #sealed = { segments: 0, spans: 0, traces: 0 };
  /** The last failure for want of room has made some in the write-ahead log. */
  #isLogFree = false;

  /** @param onAddition - told of what searches can find from now on, after each commit */
  constructor(file: string, settings: EngineSettings, onAddition: (addition: SegmentAddition) => void) {
    this.file = file;
    this.#settings = settings;
    this.#onAddition = onAddition;
    try {
      this.#start();
    } catch (error) {
      this.close();
      throw storeError(error, file);
    }
  }

  /**
   * In one commit; where there is no room for all of them, in one for each for which there is.
   * @throws {TraceStoreError} nothing of it was written
   */
  write(writes: readonly EncodedSpans[]): WriteOutcome[] {
    const outcomes: WriteOutcome[] = [];
    const pending: PendingWrite[] = [];
    for (const [n, spans] of writes.entries()) {
      const rejected: string[] = [];
      try {
        const records = readSpans(spans, (reason) => rejected.push(reason));
        pending.push({ n, records, bytes: spans.bytes.length });
        const [reason] = rejected;
        const result = { accepted: records.length, rejected: rejected.length };
        outcomes.push(reason === undefined ? result : { ...result, reason });
      } catch (error) {
        if (!(error instanceof TraceStoreError)) throw error;
        outcomes.push(error);
      }
    }
    try {
      this.#commit(pending);
    } catch (error) {
      if (!isFull(error) || (pending.length < 2 && !this.#isLogFree)) throw error;
      for (const [n, refusal] of this.#commitEach(pending)) outcomes[n] = refusal;
    }
    return outcomes;
  }

  /** Seals the open segment if its first span came before that. */
  sealIfOlder(unixMs: number): void {
    const { open, writtenFrom } = this.#segments;
    if (open.spans === 0 || writtenFrom >= unixMs) return;
    this.#transaction(() => this.#segments.seal());
    this.#tell();
  }

  /** @returns false: there is no sealed segment, or the oldest came after `writtenBefore` (Unix milliseconds) */
  expireOldest(writtenBefore = Number.POSITIVE_INFINITY): boolean {
    let expired: ReturnType<typeof expireSegment>;
    this.#transaction(() => {
      expired = expireSegment(this.#database, writtenBefore);
    });
    if (expired === undefined) return false;
    this.#sealed.segments -= 1;
    this.#sealed.spans -= expired.spans;
    this.#sealed.traces -= expired.traces;
    this.#traces.expire(expired.segment);
    // What no other segment uses went as well.
    this.#dictionary.forget();
    return true;
  }

  /** Gives up to so many free pages back to the disk. */
  shrink(pages: number): void {
    this.#guard(() => this.#database.exec(`PRAGMA incremental_vacuum(${pages})`));
  }

  pages(): { readonly used: number; readonly free: number; readonly pageBytes: number } {
    return this.#guard(() => {
      const free = pragma(this.#database, 'freelist_count');
      return {
        used: pragma(this.#database, 'page_count') - free,
        free,
        pageBytes: pragma(this.#database, 'page_size'),
      };
    });
  }

  counts(): DatabaseCounts {
    const { used, pageBytes } = this.pages();
    return {
      spans: this.#sealed.spans + this.#segments.open.spans,
      traces: this.#sealed.traces + this.#segments.newTraces,
      segments: this.#sealed.segments,
      bytes: used * pageBytes,
    };
  }

  close(): void {
    if (this.#database?.isOpen) this.#database.close();
  }

  /** All that is in memory, from what is in the file. */
  #start(): void {
    this.close();
    const database = openToWrite(this.file, this.#settings);
    this.#database = database;
    this.#dictionary = new Dictionary(database);
    this.#dependencies = new DependencyCounter(database);
    const counters = new Map<unknown, number>();
    for (const { name, value } of database.prepare('SELECT name, value FROM counter').all()) {
      counters.set(name, Number(value));
    }
    const sealed = database.prepare('SELECT count(*) AS segments, total(spans) AS spans FROM segment').get();
    this.#sealed = {
      segments: Number(sealed?.segments),
      spans: Number(sealed?.spans),
      traces: counters.get('traces') ?? 0,
    };
    const open = new OpenSegment(counters.get('segment') ?? 1, counters.get('fragment') ?? 1);
    this.#segments = new SegmentWriter(database, this.#dictionary, this.#settings, open, (sealed) => {
      this.#sealed.segments += 1;
      this.#sealed.spans += sealed.spans;
      this.#sealed.traces += sealed.traces;
    });
    const fragments = new FragmentReader(database);
    this.#traces = new KnownTraces(this.#segments, fragments, this.#dictionary);
    this.#segments.recover(database, fragments);
    this.#tell();
  }

  #commit(pending: readonly PendingWrite[]): void {
    this.#transaction(() => {
      const groups = new TraceGroups(
        this.#traces,
        this.#dictionary,
        this.#segments.open.id,
        (parent, child, startNs) => this.#dependencies.count(parent, child, startNs),
      );
      for (const { records } of pending) groups.add(records);
      const now = Date.now();
      const first = this.#segments.nextFragment;
      for (const group of groups.all()) {
        this.#traces.used(group.id, group.known, group.spans.length);
        this.#segments.store(group, now);
      }
      this.#dependencies.flush(now, first);
    });
    this.#traces.trim();
    this.#tell();
  }

  /** @returns which were not written, and why */
  #commitEach(pending: readonly PendingWrite[]): Map<number, TraceStoreError> {
    const refused = new Map<number, TraceStoreError>();
    let least = Number.POSITIVE_INFINITY;
    let refusal: TraceStoreError | undefined;
    for (const one of pending) {
      // What is larger than one for which there was no room is not tried: each failure costs a start over.
      if (refusal === undefined || one.bytes < least) {
        try {
          this.#commit([one]);
          continue;
        } catch (error) {
          refusal = storeError(error, this.file);
          least = isFull(refusal) ? one.bytes : 0;
        }
      }
      refused.set(one.n, refusal);
    }
    return refused;
  }

  #transaction(work: () => void): void {
    this.#guard(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      work();
      this.#database.exec('COMMIT');
    });
  }

  /** After any failure, memory is made anew from the file: whatever had not been committed is not in either. */
  #guard<T>(work: () => T): T {
    try {
      // A start over that failed itself is tried again.
      if (!this.#database.isOpen) this.#start();
      return work();
    } catch (error) {
      const failure = storeError(error, this.file);
      try {
        if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK');
        this.#isLogFree = false;
        if (isFull(failure)) this.#freeLog();
      } catch {
        // It tells the same trouble.
      }
      try {
        this.#start();
      } catch {
        this.close();
      }
      throw failure;
    }
  }

  /** What is in the log goes to its place, so that the log is used again from its beginning. */
  #freeLog(): void {
    const done = this.#database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
    this.#isLogFree = done?.busy === 0 && done.log === done.checkpointed;
  }

  /** A copy of what the open segment got since the last time, for searches. */
  #tell(): void {
    const { segment, ...mark } = this.#told;
    const { open } = this.#segments;
    this.#onAddition(open.since(segment === open.id ? mark : emptyMark));
    this.#told = { segment: open.id, ...open.mark() };
  }
}

function isFull(error: unknown): boolean {
  return error instanceof TraceStoreError && error.code === 'FULL';
}
