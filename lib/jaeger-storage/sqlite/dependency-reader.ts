import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DependencyLink, TimeRange } from '../trace-store.ts';
import { ByteReader } from './byte-reader.ts';
import { minuteOf, nsPerMinute } from './dependency-counter.ts';

/** No time that spans can have is that far away, in minutes. */
const never = 2n ** 62n;

/** Reads what {@link DependencyCounter} wrote: sums of whole minutes, and the calls of the minutes at the ends of a range. */
export class DependencyReader {
  readonly #sums: StatementSync;
  readonly #calls: StatementSync;

  constructor(database: DatabaseSync) {
    this.#sums = database.prepare(
      'SELECT parent, child, sum(calls) AS calls FROM dependency WHERE minute BETWEEN ? AND ? GROUP BY parent, child',
    );
    this.#sums.setReadBigInts(true);
    this.#calls = database.prepare('SELECT parent, child, offsets FROM dependency_call WHERE minute = ?');
  }

  read({ startMin, startMax }: TimeRange): DependencyLink[] {
    const links = new Map<string, { readonly parent: string; readonly child: string; callCount: bigint }>();
    const add = (parent: string, child: string, calls: bigint) => {
      const key = `${parent.length} ${parent}${child}`;
      const known = links.get(key);
      if (known === undefined) links.set(key, { parent, child, callCount: calls });
      else known.callCount += calls;
    };
    let first = startMin === undefined ? -never : minuteOf(startMin);
    let last = startMax === undefined ? never : minuteOf(startMax);
    const ends = new Set<bigint>();
    if (startMin !== undefined && startMin !== first * nsPerMinute) ends.add(first++);
    if (startMax !== undefined && startMax !== (last + 1n) * nsPerMinute - 1n) ends.add(last--);
    for (const minute of ends) {
      const from = Number((startMin ?? minute * nsPerMinute) - minute * nsPerMinute);
      const to = Number((startMax ?? (minute + 1n) * nsPerMinute) - minute * nsPerMinute);
      for (const row of this.#calls.iterate(minute)) {
        const { parent, child, offsets } = row as {
          parent: string;
          child: string;
          offsets: Uint8Array<ArrayBuffer>;
        };
        const calls = countWithin(offsets, from, to);
        if (calls > 0) add(parent, child, BigInt(calls));
      }
    }
    for (const { parent, child, calls } of this.#sums.all(first, last)) {
      add(parent as string, child as string, calls as bigint);
    }
    const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
    return [...links.values()].sort((a, b) => compare(a.parent, b.parent) || compare(a.child, b.child));
  }
}

function countWithin(offsets: Uint8Array<ArrayBuffer>, from: number, to: number): number {
  const reader = new ByteReader(offsets);
  let count = 0;
  while (!reader.isAtEnd) {
    const offset = reader.varint();
    if (offset >= from && offset <= to) count += 1;
  }
  return count;
}
