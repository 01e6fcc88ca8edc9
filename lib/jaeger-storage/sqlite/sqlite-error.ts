import { TraceStoreError } from '../errors.ts';
import { DamagedError } from './byte-reader.ts';
import { hasNoRoom } from './room.ts';

/** Result codes of SQLite that are somebody's to mend. @see https://sqlite.org/rescode.html */
const code = {
  perm: 3,
  busy: 5,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  notadb: 26,
} as const;

/** @returns the error as callers know it: what is wrong with `file`, and what to do */
export function storeError(error: unknown, file: string): TraceStoreError {
  if (error instanceof TraceStoreError) return error;
  const cause = { cause: error };
  if (error instanceof DamagedError)
    return new TraceStoreError('FAILED', damaged(file, error.message), cause);
  const text = error instanceof Error ? error.message : String(error);
  switch (resultCode(error)) {
    case code.full:
      return new TraceStoreError('FULL', full(file), cause);
    case code.busy:
      return new TraceStoreError(
        'BUSY',
        `${file} is locked by another process: stop that one, or give this one another folder`,
        cause,
      );
    case code.corrupt:
      return new TraceStoreError('FAILED', damaged(file, text), cause);
    case code.notadb:
      return new TraceStoreError(
        'FAILED',
        `${file} is no SQLite database: move it away, or give the store another folder`,
        cause,
      );
    case code.perm:
    case code.readonly:
    case code.cantopen:
      return new TraceStoreError(
        'FAILED',
        `can't open ${file} for writing (${text}): look at the owner and mode of its folder`,
        cause,
      );
    case code.ioerr:
      if (hasNoRoom(file)) return new TraceStoreError('FULL', full(file), cause);
      return new TraceStoreError(
        'FAILED',
        `reading or writing ${file} failed (${text}): look at the disk`,
        cause,
      );
    default:
      return new TraceStoreError('FAILED', `the store in ${file} failed: ${text}`, cause);
  }
}

export function isBusy(error: unknown): boolean {
  return resultCode(error) === code.busy;
}

function full(file: string): string {
  return `no room to write ${file}: free some disk space, or keep spans for less long`;
}

function damaged(file: string, text: string): string {
  return `${file} is damaged (${text}): move it away to start anew, or put a backup in its place`;
}

/** The primary one: the lowest byte. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 255;
}
