import type { DatabaseSync } from 'node:sqlite';
import { TraceStoreError } from '../errors.ts';

/** Tells a store's files from those of other programs: 'JgSp' in ASCII. */
export const applicationId = 0x4a675370;

/**
 * Takes a file from one version of the schema to the next: the first from an empty file to version 1. Only ever added
 * to, and never changed once released.
 */
export type Migration = (database: DatabaseSync) => void;

/**
 * - segment: a few thousand spans, in the order of arrival; a row once it is full ("sealed") and its index written.
 *   `columns`: see segment-columns.ts, `bits`: see posting.ts. Times of arrival in Unix milliseconds.
 * - posting: which spans of a segment have which term
 * - fragment: spans of one trace that came together, see fragment.ts; those behind the last segment are the open one's
 * - trace_part: fragments by trace, of sealed segments
 * - resource, scope, service, operation: what spans refer to, and the last segment that does
 * - dependency: calls by the minute of the child's start, and the hour of its arrival, by which they expire
 * - dependency_call: when in that minute, for ranges that begin or end within one; a row for each commit, which is named
 *   by its first fragment. See dependency-counter.ts.
 * - counter: the next ids, since ids of what expired are not given again; how many traces sealed segments have
 */
const version1: Migration = (database) =>
  database.exec(`
    CREATE TABLE segment (
      id INTEGER PRIMARY KEY, first_fragment INTEGER NOT NULL, fragments INTEGER NOT NULL, spans INTEGER NOT NULL,
      min_start REAL NOT NULL, max_start REAL NOT NULL, written_from INTEGER NOT NULL, written_to INTEGER NOT NULL,
      bits INTEGER NOT NULL, columns BLOB NOT NULL
    ) STRICT;
    CREATE INDEX segment_by_start ON segment (max_start, min_start);
    CREATE TABLE posting (
      segment INTEGER NOT NULL, bucket INTEGER NOT NULL, entries BLOB NOT NULL, PRIMARY KEY (segment, bucket)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE fragment (
      id INTEGER PRIMARY KEY, written_at INTEGER NOT NULL, trace BLOB NOT NULL, body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE trace_part (
      trace BLOB NOT NULL, fragment INTEGER NOT NULL, PRIMARY KEY (trace, fragment)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE service (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, last_segment INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE operation (
      service INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, last_segment INTEGER NOT NULL,
      PRIMARY KEY (service, name, kind)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE resource (
      id INTEGER PRIMARY KEY AUTOINCREMENT, hash INTEGER NOT NULL, bytes BLOB NOT NULL, last_segment INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX resource_by_hash ON resource (hash);
    CREATE TABLE scope (
      id INTEGER PRIMARY KEY AUTOINCREMENT, hash INTEGER NOT NULL, bytes BLOB NOT NULL, last_segment INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX scope_by_hash ON scope (hash);
    CREATE TABLE dependency (
      minute INTEGER NOT NULL, arrived INTEGER NOT NULL, parent TEXT NOT NULL, child TEXT NOT NULL,
      calls INTEGER NOT NULL, PRIMARY KEY (minute, arrived, parent, child)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE dependency_call (
      minute INTEGER NOT NULL, first_fragment INTEGER NOT NULL, arrived INTEGER NOT NULL, parent TEXT NOT NULL,
      child TEXT NOT NULL, offsets BLOB NOT NULL, PRIMARY KEY (minute, first_fragment, parent, child)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO counter VALUES ('segment', 1), ('fragment', 1), ('traces', 0);
  `);

export const migrations: readonly Migration[] = [version1];

/** Makes the file, or brings it to the present version: wholly, or not at all. @throws {TraceStoreError} code FAILED */
export function migrate(database: DatabaseSync, file: string, steps = migrations): void {
  const version = pragma(database, 'user_version');
  const id = pragma(database, 'application_id');
  const isNew = version === 0 && id === 0 && count(database, 'SELECT count(*) FROM sqlite_schema') === 0;
  if (!isNew && id !== applicationId) {
    throw new TraceStoreError(
      'FAILED',
      `${file} is a database of another program: give the store another folder`,
    );
  }
  if (version > steps.length) {
    throw new TraceStoreError(
      'FAILED',
      `${file} was written by a newer version (schema ${version}, this one knows ${steps.length}): run that one, or give the store another folder`,
    );
  }
  if (version === steps.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const step of steps.slice(version)) step(database);
    database.exec(`PRAGMA user_version = ${steps.length}; PRAGMA application_id = ${applicationId}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

export function pragma(database: DatabaseSync, name: string): number {
  return count(database, `PRAGMA ${name}`);
}

function count(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}
