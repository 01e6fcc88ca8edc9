import { existsSync } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { TraceStoreError } from '../errors.ts';
import { storeError } from './sqlite-error.ts';

/** Copied in one step, in a thread of the system's: 4 MiB. */
const pagesPerStep = 1024;

/**
 * Copies a database as it is at this moment, while it is written to.
 * @param to - appears when it is whole
 * @throws {TraceStoreError} code INVALID: `to` is there already
 */
export async function copyDatabase(file: string, to: string): Promise<void> {
  refuseExisting(to);
  const partial = `${to}.partial-${process.pid}-${Date.now()}`;
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    // Holds this moment: or the copy would begin anew with each commit, and under load never end.
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM counter').get();
    await backup(source, partial, { rate: pagesPerStep });
    await link(partial, to);
  } catch (error) {
    refuseExisting(to);
    throw storeError(error, to);
  } finally {
    source?.close();
    await rm(partial, { force: true });
  }
}

function refuseExisting(to: string): void {
  if (existsSync(to)) throw new TraceStoreError('INVALID', `${to} is there already: name a file that is not`);
}
