import { MessageChannel, Worker } from 'node:worker_threads';
import type { readerMethods } from './reader-thread.ts';
import { ThreadCalls } from './thread-calls.ts';
import type { writerMethods } from './writer-thread.ts';

/**
 * Of each thread, for what is new on its heap. Left to itself, V8 lets it grow several times as large, for a few percent of
 * speed. The rest of the heap has no limit: a batch that does not fit would end the thread.
 */
const youngMb = 8;

/** The two threads of a store: one writes, one reads. Stores may share them. */
export class StoreThreads {
  readonly writer: ThreadCalls<typeof writerMethods>;
  readonly reader: ThreadCalls<typeof readerMethods>;
  readonly #workers: readonly Worker[];
  #stores = 0;
  #lastDatabase = 0;

  constructor() {
    const { port1: writers, port2: readers } = new MessageChannel();
    const writer = start('writer-thread', { readers: writers }, writers);
    const reader = start('reader-thread', { writers: readers }, readers);
    this.#workers = [writer, reader];
    this.writer = new ThreadCalls(writer);
    this.reader = new ThreadCalls(reader);
  }

  /** A number for a database, that no other of these threads has. */
  nextDatabase(): number {
    this.#lastDatabase += 1;
    return this.#lastDatabase;
  }

  /** Another store uses them. */
  join(): void {
    this.#stores += 1;
  }

  /** One uses them no more; they end with the last. */
  async leave(): Promise<void> {
    this.#stores -= 1;
    if (this.#stores === 0) await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function start(name: string, workerData: object, port: MessageChannel['port1']): Worker {
  // As it stands, or built: a URL is not rewritten as the specifier of an import is.
  const file = `./${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`;
  return new Worker(new URL(file, import.meta.url), {
    name,
    workerData,
    transferList: [port],
    resourceLimits: { maxYoungGenerationSizeMb: youngMb },
  });
}
