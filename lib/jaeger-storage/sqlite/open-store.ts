import { isAbsolute } from 'node:path';
import { TraceStoreError } from '../errors.ts';
import type { SqliteStore, SqliteStoreOptions } from './sqlite-store.ts';
import { SqliteTraceStore } from './sqlite-trace-store.ts';
import { StoreThreads } from './threads.ts';

/**
 * @throws {TraceStoreError} code BUSY: another process or store has the folder; FAILED: its file is damaged, of another
 *   program or of a newer version. Nothing is deleted in either case.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { folder, sharedWith } = options;
  if (!isAbsolute(folder))
    throw new TraceStoreError('INVALID', `the folder of a store is an absolute path, and not ${folder}`);
  if (sharedWith !== undefined && !(sharedWith instanceof SqliteTraceStore)) {
    throw new TraceStoreError('INVALID', 'threads can be shared with a store that openSqliteStore made');
  }
  const threads = sharedWith?.threads ?? new StoreThreads();
  threads.join();
  try {
    await threads.writer.call('lock', { folder });
    const store = new SqliteTraceStore(threads, options);
    try {
      // Trouble with the file is told now, and not by the first span.
      await store.prepare();
      return store;
    } catch (error) {
      await threads.writer.call('unlock', { folder });
      throw error;
    }
  } catch (error) {
    await threads.leave();
    throw error;
  }
}
