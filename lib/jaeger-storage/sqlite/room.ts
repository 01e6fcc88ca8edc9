import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

const noRoom: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Whether a database can't grow: SQLite says the same of a quota that is used up, or a limit to the size of files, as of a
 * disk that is broken. So a page is written to another file beside it, where the next one of this would be.
 */
export function hasNoRoom(file: string): boolean {
  const probe = `${file}.probe-${process.pid}`;
  try {
    const size = Math.max(sizeOf(file), sizeOf(`${file}-wal`));
    const handle = openSync(probe, 'w');
    try {
      writeSync(handle, new Uint8Array(4096), 0, 4096, size);
    } finally {
      closeSync(handle);
    }
    return false;
  } catch (error) {
    return noRoom.has((error as NodeJS.ErrnoException).code);
  } finally {
    rmSync(probe, { force: true });
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
