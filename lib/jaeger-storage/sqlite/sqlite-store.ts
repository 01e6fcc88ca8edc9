import type { TraceStore } from '../trace-store.ts';
import type { Retention } from './settings.ts';

export interface SqliteStoreOptions {
  /** Absolute path; made if it is not there. One process and store at a time has it. */
  readonly folder: string;
  /**
   * What an acknowledged span survives. 'process', as when left out: that the process is killed; a power cut may take the
   * last moments, and leaves the file whole. 'power': that too, at the price of a flush of the disk for each commit.
   */
  readonly durability?: 'process' | 'power' | undefined;
  /** What is kept, at most, of each tenant. Left out: everything. */
  readonly retention?: Retention | undefined;
  /**
   * Free bytes of the disk below which the oldest spans go, where `retention` has a limit, or else writes are refused with
   * FULL. 256 MiB when left out.
   */
  readonly minFreeBytes?: number | undefined;
  /** Spans waiting to be written, in bytes, above which writes are refused with BUSY. 64 MiB when left out. */
  readonly maxQueuedBytes?: number | undefined;
  /** Databases of tenants that are open at a time. 16 when left out. */
  readonly maxOpenTenants?: number | undefined;
  /** Another store, such as the one for which this is the archive, whose threads do for this one too. */
  readonly sharedWith?: SqliteStore | undefined;
  /** For tests: left out, they are chosen by measurement. */
  readonly tuning?: EngineOptions | undefined;
}

export interface StoreCounts {
  readonly spans: number;
  readonly traces: number;
  /** Parts of a few thousand spans that are full and indexed. */
  readonly segments: number;
  /** Of the file, in use. */
  readonly bytes: number;
  /** Of all tenants: taken, and not committed yet. */
  readonly queuedBytes: number;
  /** Of all tenants, since the store was opened: spans that can't be stored. */
  readonly rejectedSpans: number;
}

/** A store in SQLite files, with two threads of its own: one writes, one reads. */
export interface SqliteStore extends TraceStore {
  /** What there is of a tenant. Costs no search. */
  counts(tenant?: string): Promise<StoreCounts>;

  /**
   * Copies the database of a tenant as it is now to `file`, while reads and writes go on. To go back to it, put it in the
   * place of `spans.db` of a folder that has no `spans.db-wal`.
   * @param file - absolute path, of a file that is not there
   * @throws {TraceStoreError} code INVALID: it is there, or the tenant has never written
   */
  backup(file: string, tenant?: string): Promise<void>;

  /**
   * Does now what `retention` asks for, in place of little by little.
   * @param tenant - left out: all that there are
   */
  expire(tenant?: string): Promise<void>;
}

/** How the engine works where nobody has to know. */
export interface EngineOptions {
  readonly segmentSpans?: number | undefined;
  readonly segmentBytes?: number | undefined;
  readonly maxPages?: number | undefined;
  /** How often tenants are looked after from whom nothing comes. */
  readonly sweepMs?: number | undefined;
}
