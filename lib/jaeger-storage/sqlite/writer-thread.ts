import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { TraceStoreError } from '../errors.ts';
import type { WriteResult } from '../trace-store.ts';
import { type DatabaseCounts, DatabaseWriter } from './database-writer.ts';
import { lockFolder } from './lock.ts';
import { Maintenance } from './maintenance.ts';
import type { SegmentAddition } from './open-segment.ts';
import { type PackedError, type PackedWrites, packError } from './protocol.ts';
import type { EngineSettings } from './settings.ts';
import { type Methods, serve } from './thread-calls.ts';

/** What the readers' thread hears from the writers', without being asked. */
export interface AdditionMessage {
  readonly database: number;
  readonly addition: SegmentAddition;
}

const maintenanceMs = 1000;

interface OpenDatabase {
  readonly writer: DatabaseWriter;
  readonly maintenance: Maintenance;
}

const locks = new Map<string, DatabaseSync>();
const databases = new Map<number, OpenDatabase>();

const { readers } = workerData as { readers: MessagePort };

export const writerMethods = {
  lock({ folder }: { folder: string }): void {
    locks.set(folder, lockFolder(folder));
  },

  unlock({ folder }: { folder: string }): void {
    locks.get(folder)?.close();
    locks.delete(folder);
  },

  /** @returns false: there is no such file, and none was to be made */
  open(params: { database: number; file: string; settings: EngineSettings; mayCreate: boolean }): boolean {
    const { database, file, settings, mayCreate } = params;
    if (!mayCreate && !existsSync(file)) return false;
    const writer = new DatabaseWriter(file, settings, (addition) =>
      readers.postMessage({ database, addition } satisfies AdditionMessage),
    );
    databases.set(database, { writer, maintenance: new Maintenance(writer, settings) });
    return true;
  },

  write({ database, bytes, writes }: PackedWrites): (WriteResult | PackedError)[] {
    const { writer, maintenance } = opened(database);
    maintenance.checkRoom();
    let at = 0;
    const spans = writes.map(({ format, length }) => {
      at += length;
      return { format, bytes: bytes.subarray(at - length, at) };
    });
    const outcomes = writer.write(spans);
    // A segment goes for a segment that comes, however busy it is.
    step(maintenance);
    return outcomes.map((outcome) => (outcome instanceof TraceStoreError ? packError(outcome) : outcome));
  },

  counts({ database }: { database: number }): DatabaseCounts {
    return opened(database).writer.counts();
  },

  /** Runs until nothing is left to do. */
  async maintain({ database }: { database: number }): Promise<void> {
    const { maintenance } = opened(database);
    while (databases.has(database) && maintenance.step()) await new Promise(setImmediate);
  },

  close({ database }: { database: number }): void {
    databases.get(database)?.writer.close();
    databases.delete(database);
  },
} satisfies Methods;

function opened(database: number): OpenDatabase {
  const known = databases.get(database);
  if (known === undefined) throw new TraceStoreError('CLOSED', 'the store was closed');
  return known;
}

/** A failure is told by the write that comes upon the same trouble. */
function step(maintenance: Maintenance): boolean {
  try {
    return maintenance.step();
  } catch {
    return false;
  }
}

setInterval(() => {
  for (const { maintenance } of databases.values()) {
    for (let steps = 0; steps < 16 && step(maintenance); steps += 1);
  }
}, maintenanceMs);

if (parentPort !== null) serve(parentPort, writerMethods);
