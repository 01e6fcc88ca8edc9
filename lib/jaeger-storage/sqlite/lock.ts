import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TraceStoreError } from '../errors.ts';
import { isBusy, storeError } from './sqlite-error.ts';

/**
 * Takes a folder for this process, until the lock is closed or the process ends, however it ends: the lock is the system's, on
 * a file of its own.
 * @returns to be closed
 * @throws {TraceStoreError} code BUSY: somebody else has it
 */
export function lockFolder(folder: string): DatabaseSync {
  const file = join(folder, 'lock');
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (!isBusy(error)) throw storeError(error, file);
    throw new TraceStoreError(
      'BUSY',
      `${folder} is in use by another process or store: stop that one, or give this one another folder`,
      { cause: error },
    );
  }
}
