import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export interface BufferOptions {
  /** Made when the first request has to wait. Nothing else has to be in it, but may. */
  readonly folder: string;
  /** Most bytes of all requests together. */
  readonly limitBytes: number;
  readonly limitCount: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Requests that could not be sent yet, one file each. */
export interface TraceBuffer {
  /** @returns names of what waits, oldest first; `[]` also when the folder can't be read */
  waiting(): string[];
  /** @returns undefined when it is gone, or can't be read */
  read(name: string): Uint8Array | undefined;
  /** It was sent, or nobody will ever take it. */
  remove(name: string): void;
  /**
   * Keeps a request, at the expense of the oldest ones where there is not enough room.
   * @returns how many were dropped for it, itself included when it is too large
   * @throws the file system's error
   */
  add(body: Uint8Array): number;
}

// Milliseconds with leading zeros, so that names sort by time. Other files are none of ours.
const ours = /^\d{15}-[0-9a-f]{8}\.otlp$/;
const unfinished = /^\d{15}-[0-9a-f]{8}\.otlp\.new$/;
/** Whoever wrote it has long ended. */
const abandonedMs = 60_000;

/** A folder as a queue. Hooks of one unit take turns, yet a parallel action may be at it too: files may vanish. */
export function traceBuffer({ folder, limitBytes, limitCount, now }: BufferOptions): TraceBuffer {
  const list = (pattern: RegExp): string[] => {
    try {
      return readdirSync(folder)
        .filter((name) => pattern.test(name))
        .toSorted();
    } catch {
      return [];
    }
  };
  /** Null for what is no plain file: a link could lead anywhere. */
  const fileOf = (name: string): { size: number; mtimeMs: number } | null => {
    try {
      const stat = lstatSync(join(folder, name));
      return stat.isFile() ? stat : null;
    } catch {
      return null;
    }
  };
  const remove = (name: string): void => {
    try {
      rmSync(join(folder, name), { force: true });
    } catch {
      // It can't be removed: it will be sent once more, and the backend knows its spans by their ids.
    }
  };

  /** Drops the oldest until `bytes` more have room. */
  const makeRoom = (bytes: number): number => {
    for (const name of list(unfinished)) {
      if (now() - (fileOf(name)?.mtimeMs ?? Number.POSITIVE_INFINITY) > abandonedMs) remove(name);
    }
    const files = list(ours).flatMap((name) => {
      const file = fileOf(name);
      return file === null ? [] : [{ name, size: file.size }];
    });
    let total = files.reduce((sum, { size }) => sum + size, bytes);
    let dropped = 0;
    while (total > limitBytes || files.length - dropped >= limitCount) {
      const oldest = files[dropped];
      if (oldest === undefined) break;
      remove(oldest.name);
      total -= oldest.size;
      dropped += 1;
    }
    return dropped;
  };

  return {
    waiting: () => list(ours),
    read(name) {
      const file = fileOf(name);
      // An empty one was left by a disk that was full.
      if (file === null || file.size === 0 || file.size > limitBytes) return undefined;
      try {
        return readFileSync(join(folder, name));
      } catch {
        return undefined;
      }
    },
    remove,
    add(body) {
      if (body.length > limitBytes) return 1;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // It may have been there before, and be open to others.
      chmodSync(folder, 0o700);
      const dropped = makeRoom(body.length);
      const name = `${String(now()).padStart(15, '0')}-${randomBytes(4).toString('hex')}.otlp`;
      const path = join(folder, name);
      try {
        // Whole or not at all, also when the machine stops in between.
        writeFileSync(`${path}.new`, body, { mode: 0o600, flag: 'wx' });
        renameSync(`${path}.new`, path);
      } catch (error) {
        remove(`${name}.new`);
        throw error;
      }
      return dropped;
    },
  };
}
