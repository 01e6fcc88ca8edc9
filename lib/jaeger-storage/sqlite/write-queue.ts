import { TraceStoreError } from '../errors.ts';
import type { EncodedSpans, WriteResult } from '../trace-store.ts';
import { type PackedWrites, unpackError } from './protocol.ts';
import type { StoreThreads } from './threads.ts';

/** One commit takes about so many bytes: enough for its cost not to count, few enough not to be waited for. */
const commitBytes = 2 * 1024 * 1024;
/** While one is written, the next is on its way. */
const maxUnderWay = 2;

interface Waiting {
  readonly spans: EncodedSpans;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What is to be written: all that came while a commit was under way goes into the next. So nobody waits for company, and
 * the more comes at once, the fewer commits it takes.
 */
export class WriteQueue {
  readonly #threads: StoreThreads;
  readonly #maxBytes: number;
  /** By database, each in order of arrival; databases take turns. */
  readonly #waiting = new Map<number, Waiting[]>();
  #bytes = 0;
  #underWay = 0;
  #isScheduled = false;
  #rejectedSpans = 0;
  #onIdle: (() => void)[] = [];

  /** @param maxBytes - what waits or is under way */
  constructor(threads: StoreThreads, maxBytes: number) {
    this.#threads = threads;
    this.#maxBytes = maxBytes;
  }

  /** Spans not committed yet, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Spans that could not be stored, whoever tries again. */
  get rejectedSpans(): number {
    return this.#rejectedSpans;
  }

  /** @throws {TraceStoreError} code BUSY: there is no place for so much more */
  reserve(bytes: number): void {
    // One that is larger than all of the queue goes alone.
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) {
      throw new TraceStoreError('BUSY', 'spans come faster than they can be written: send them again later');
    }
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes > 0) return;
    for (const onIdle of this.#onIdle.splice(0)) onIdle();
  }

  /** Bytes that were reserved; they have to stay as they are until then. */
  write(database: number, spans: EncodedSpans): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(database);
      const one = { spans, resolve, reject };
      if (waiting === undefined) this.#waiting.set(database, [one]);
      else waiting.push(one);
      this.#schedule();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  async idle(): Promise<void> {
    if (this.#bytes > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** At the end of this turn of the event loop: what else comes in it shares the commit. */
  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= maxUnderWay || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#underWay < maxUnderWay && this.#waiting.size > 0) void this.#commit();
    });
  }

  async #commit(): Promise<void> {
    const [database, waiting] = this.#waiting.entries().next().value as [number, Waiting[]];
    let bytes = 0;
    let count = 0;
    while (count < waiting.length && (count === 0 || bytes < commitBytes)) {
      bytes += (waiting[count] as Waiting).spans.bytes.length;
      count += 1;
    }
    const batch = waiting.splice(0, count);
    this.#waiting.delete(database);
    if (waiting.length > 0) this.#waiting.set(database, waiting);
    this.#underWay += 1;
    try {
      const packed = pack(database, batch, bytes);
      const outcomes = await this.#threads.writer.call('write', packed, { transfer: [packed.bytes.buffer] });
      for (const [n, outcome] of outcomes.entries()) {
        const { resolve, reject } = batch[n] as Waiting;
        if ('code' in outcome) reject(unpackError(outcome));
        else {
          this.#rejectedSpans += outcome.rejected;
          resolve(outcome);
        }
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#underWay -= 1;
      this.#schedule();
    }
  }
}

function pack(database: number, batch: readonly Waiting[], length: number): PackedWrites {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const { spans } of batch) {
    bytes.set(spans.bytes, at);
    at += spans.bytes.length;
  }
  return {
    database,
    bytes,
    writes: batch.map(
      ({
        spans: {
          format,
          bytes: { length },
        },
      }) => ({ format, length }),
    ),
  };
}
