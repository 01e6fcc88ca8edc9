import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  openSqliteStore,
  type SqliteStore,
  type SqliteStoreOptions,
  TraceStoreError,
} from '#lib/jaeger-storage';

/**
 * Opens a folder of traces, which is this process's from then on. What hooks and programs do is nobody else's business:
 * where it has to be made, only its owner can look into it.
 * @throws {TraceStoreError} code BUSY: another process has it; FAILED: a file in it is damaged
 */
export async function openFolder(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { folder } = options;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new TraceStoreError('FAILED', `${folder} can't be made${why}: give another folder`, {
      cause: error,
    });
  }
  return openSqliteStore(options);
}

/** A store, and the one for traces that somebody wants to keep beyond its retention. */
export interface TracesAndArchive {
  readonly traces: SqliteStore;
  readonly archive: SqliteStore;
}

/**
 * Opens a folder of traces with its archive, which is a folder in it and keeps all that comes there.
 * @throws {TraceStoreError} as {@link openFolder}
 */
export async function openFolders(options: SqliteStoreOptions): Promise<TracesAndArchive> {
  const traces = await openFolder(options);
  try {
    const { retention: _, ...rest } = options;
    const folder = join(options.folder, 'archive');
    return { traces, archive: await openFolder({ ...rest, folder, sharedWith: traces }) };
  } catch (error) {
    await traces.close();
    throw error;
  }
}
