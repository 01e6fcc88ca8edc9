import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ByteWriter } from './byte-writer.ts';

interface Calls {
  readonly parent: string;
  readonly child: string;
  readonly minute: bigint;
  /** Nanoseconds into the minute at which each of the children starts. */
  readonly offsets: number[];
}

export const nsPerMinute = 60_000_000_000n;
const msPerHour = 3_600_000;

/**
 * Sums up calls within a commit, by the minute of the child's start, and writes the sums at its end. Next to them it writes
 * when in the minute each call was (varints), which only ranges that begin or end within a minute have to look at.
 */
export class DependencyCounter {
  readonly #calls = new Map<string, Calls>();
  readonly #add: StatementSync;
  readonly #addTimes: StatementSync;
  readonly #bytes = new ByteWriter(256);

  constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      'INSERT INTO dependency VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET calls = calls + excluded.calls',
    );
    this.#addTimes = database.prepare('INSERT INTO dependency_call VALUES (?, ?, ?, ?, ?, ?)');
  }

  /** @param startNs - when the child starts, in Unix nanoseconds */
  count(parent: string, child: string, startNs: bigint): void {
    const minute = minuteOf(startNs);
    const offset = Number(startNs - minute * nsPerMinute);
    const key = `${minute} ${parent.length} ${parent}${child}`;
    const known = this.#calls.get(key);
    if (known === undefined) this.#calls.set(key, { parent, child, minute, offsets: [offset] });
    else known.offsets.push(offset);
  }

  /**
   * @param now - Unix milliseconds
   * @param firstFragment - of the commit
   */
  flush(now: number, firstFragment: number): void {
    const arrived = Math.floor(now / msPerHour);
    for (const { parent, child, minute, offsets } of this.#calls.values()) {
      this.#add.run(minute, arrived, parent, child, offsets.length);
      for (const offset of offsets) this.#bytes.varint(offset);
      this.#addTimes.run(minute, firstFragment, arrived, parent, child, this.#bytes.take());
    }
    this.#calls.clear();
  }
}

export function minuteOf(ns: bigint): bigint {
  const minute = ns / nsPerMinute;
  return ns < 0n && minute * nsPerMinute !== ns ? minute - 1n : minute;
}
