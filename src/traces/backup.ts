import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { copyDatabase, TraceStoreError } from '#lib/jaeger-storage';
import { UsageError } from '#src/local';

/**
 * Copies the spans of a folder, as they are at this moment, into one file. A server that has the folder goes on meanwhile.
 * @param file - absolute; appears when it is whole
 * @throws {UsageError} there are none, or they can't be copied there
 */
export async function backupTraces({ folder, file }: { folder: string; file: string }): Promise<void> {
  const database = join(folder, 'spans.db');
  try {
    await access(database);
  } catch (error) {
    throw new UsageError(`no traces are kept in ${folder}`, { cause: error });
  }
  try {
    await copyDatabase(database, file);
  } catch (error) {
    if (!(error instanceof TraceStoreError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
