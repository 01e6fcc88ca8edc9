import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate, pragma } from './schema.ts';
import type { EngineSettings } from './settings.ts';
import { storeError } from './sqlite-error.ts';

/** Opens a database to write, made and migrated as it has to be. @throws {TraceStoreError} code BUSY, FULL, FAILED */
export function openToWrite(file: string, { durability, maxPages }: EngineSettings): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    database = new DatabaseSync(file, { timeout: 5000 });
    // Has to come before the first table; freed pages are given back in steps, see maintenance.ts. Any other file would be
    // written to, before it is known whether it is to be.
    if (pragma(database, 'page_count') === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    migrate(database, file);
    database.exec('PRAGMA journal_mode = WAL');
    database.exec(`PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`);
    // 8 MiB of pages; a checkpoint each 16 MiB, after which the log is not longer than 64 MiB.
    database.exec(
      'PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864',
    );
    if (maxPages !== undefined) database.exec(`PRAGMA max_page_count = ${maxPages}`);
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error, file);
  }
}

/** Opens a database that a writer has open. */
export function openToRead(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
    database.exec('PRAGMA cache_size = -8192');
    return database;
  } catch (error) {
    throw storeError(error, file);
  }
}
