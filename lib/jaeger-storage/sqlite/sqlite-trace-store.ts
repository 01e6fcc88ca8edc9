import { TraceStoreError } from '../errors.ts';
import type {
  DependencyLink,
  EncodedSpans,
  FoundTrace,
  Operation,
  OperationQuery,
  RequestContext,
  TimeRange,
  TracePart,
  TraceQuery,
  TraceReference,
  WriteResult,
} from '../trace-store.ts';
import type { PackedParts } from './protocol.ts';
import type { EngineSettings } from './settings.ts';
import type { SqliteStore, SqliteStoreOptions, StoreCounts } from './sqlite-store.ts';
import { Sweep } from './sweep.ts';
import { TenantDatabases } from './tenant-databases.ts';
import type { StoreThreads } from './threads.ts';
import { WriteQueue } from './write-queue.ts';

const mib = 2 ** 20;

/** Passes what it is asked on to the threads, to the database of whoever asks. */
export class SqliteTraceStore implements SqliteStore {
  readonly threads: StoreThreads;
  readonly #options: SqliteStoreOptions;
  readonly #databases: TenantDatabases;
  readonly #queue: WriteQueue;
  readonly #sweep: Sweep;
  #closed: Promise<void> | undefined;

  constructor(threads: StoreThreads, options: SqliteStoreOptions) {
    this.threads = threads;
    this.#databases = new TenantDatabases(
      threads,
      options.folder,
      settingsOf(options),
      options.maxOpenTenants ?? 16,
    );
    this.#queue = new WriteQueue(threads, options.maxQueuedBytes ?? 64 * mib);
    this.#options = options;
    this.#sweep = new Sweep(threads, this.#databases);
  }

  /** Opens what is there. @throws {TraceStoreError} */
  async prepare(): Promise<void> {
    await this.#databases.with('', false, async () => undefined);
    const { retention = {}, tuning } = this.#options;
    this.#sweep.start(retention, tuning?.sweepMs);
  }

  async write(spans: EncodedSpans, { tenant, signal }: RequestContext): Promise<WriteResult> {
    this.#checkOpen();
    signal.throwIfAborted();
    if (spans.bytes.length === 0) return { accepted: 0, rejected: 0 };
    this.#queue.reserve(spans.bytes.length);
    try {
      const written = await this.#databases.with(tenant, true, (database) =>
        this.#queue.write(database, spans),
      );
      return written as WriteResult;
    } finally {
      this.#queue.release(spans.bytes.length);
    }
  }

  async *traces(wanted: readonly TraceReference[], context: RequestContext): AsyncGenerator<TracePart> {
    this.#checkOpen();
    // Asked for twice, it is given once: readers take two for one trace in pieces.
    const ids = [...new Map(wanted.map(({ traceId }) => [String(traceId), traceId])).values()];
    yield* this.#stream(context, (database) =>
      this.threads.reader.call('traces', { database, ids }, { signal: context.signal }),
    );
  }

  async *findTraces(query: TraceQuery, context: RequestContext): AsyncGenerator<TracePart> {
    this.#checkQuery(query);
    yield* this.#stream(context, (database) =>
      this.threads.reader.call('findTraces', { database, query }, { signal: context.signal }),
    );
  }

  async findTraceIds(query: TraceQuery, { tenant, signal }: RequestContext): Promise<readonly FoundTrace[]> {
    this.#checkQuery(query);
    const ask = (database: number) =>
      this.threads.reader.call('findTraceIds', { database, query }, { signal });
    return (await this.#databases.with(tenant, false, ask)) ?? [];
  }

  async services({ tenant, signal }: RequestContext): Promise<readonly string[]> {
    this.#checkOpen();
    const ask = (database: number) => this.threads.reader.call('services', { database }, { signal });
    return (await this.#databases.with(tenant, false, ask)) ?? [];
  }

  async operations(query: OperationQuery, { tenant, signal }: RequestContext): Promise<readonly Operation[]> {
    this.#checkOpen();
    const { service, kind } = query;
    const ask = (database: number) =>
      this.threads.reader.call('operations', { database, service, kind }, { signal });
    return (await this.#databases.with(tenant, false, ask)) ?? [];
  }

  async dependencies(
    range: TimeRange,
    { tenant, signal }: RequestContext,
  ): Promise<readonly DependencyLink[]> {
    this.#checkOpen();
    const ask = (database: number) =>
      this.threads.reader.call('dependencies', { database, range }, { signal });
    return (await this.#databases.with(tenant, false, ask)) ?? [];
  }

  async counts(tenant = ''): Promise<StoreCounts> {
    this.#checkOpen();
    const ask = (database: number) => this.threads.writer.call('counts', { database });
    const counts = await this.#databases.with(tenant, false, ask);
    return {
      ...(counts ?? { spans: 0, traces: 0, segments: 0, bytes: 0 }),
      queuedBytes: this.#queue.bytes,
      rejectedSpans: this.#queue.rejectedSpans,
    };
  }

  async backup(file: string, tenant = ''): Promise<void> {
    this.#checkOpen();
    const isDone = await this.#databases.with(tenant, false, async (database) => {
      await this.threads.reader.call('backup', { database, to: file });
      return true;
    });
    if (isDone !== true)
      throw new TraceStoreError('INVALID', 'there is nothing to back up: no span was ever written');
  }

  async expire(tenant?: string): Promise<void> {
    this.#checkOpen();
    if (tenant === undefined) return this.#sweep.run();
    await this.#databases.with(tenant, false, (database) =>
      this.threads.writer.call('maintain', { database }),
    );
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    await this.#sweep.stop();
    await this.#databases.close();
    try {
      await this.threads.writer.call('unlock', { folder: this.#options.folder });
    } finally {
      await this.threads.leave();
    }
  }

  /** Asks for the next parts when those before are taken. */
  async *#stream(
    { tenant, signal }: RequestContext,
    begin: (database: number) => Promise<PackedParts>,
  ): AsyncGenerator<TracePart> {
    const held = await this.#databases.acquire(tenant, false);
    if (held === undefined) return;
    let stream: number | undefined;
    try {
      let answer = await begin(held.database);
      stream = answer.stream;
      yield* answer.parts;
      while (stream !== undefined) {
        answer = await this.threads.reader.call('next', { stream }, { signal });
        stream = answer.stream;
        yield* answer.parts;
      }
    } finally {
      // Given up in the middle.
      if (stream !== undefined) await this.threads.reader.call('end', { stream }).catch(() => undefined);
      held.release();
    }
  }

  #checkQuery({ limit }: TraceQuery): void {
    this.#checkOpen();
    if (!(limit >= 1))
      throw new TraceStoreError('INVALID', `the limit of a search is at least 1, and not ${limit}`);
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new TraceStoreError('CLOSED', 'the store was closed');
  }
}

function settingsOf({ durability, retention, minFreeBytes, tuning }: SqliteStoreOptions): EngineSettings {
  return {
    durability: durability ?? 'process',
    retention: { ...retention },
    minFreeBytes: minFreeBytes ?? 256 * mib,
    segmentSpans: tuning?.segmentSpans ?? 4096,
    segmentBytes: tuning?.segmentBytes ?? 16 * mib,
    maxPages: tuning?.maxPages,
  };
}
