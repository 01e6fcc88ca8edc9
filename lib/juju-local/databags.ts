/** What one unit or application says on one relation. The version counts real changes; 0: never written. */
export interface Bag {
  readonly data: Map<string, string>;
  version: number;
  /** What {@link bagData} gave for this version: each hook of each unit asks for it. */
  shown?: Readonly<Record<string, string>> | undefined;
}

export function emptyBag(): Bag {
  return { data: new Map(), version: 0 };
}

/** A bag as it would be after `version` real changes. */
export function bagWith(data: Iterable<readonly [string, string]>, version: number): Bag {
  return { data: new Map(data), version };
}

/**
 * Merges `changes` into the bag; `''` deletes. The version goes up once per call, and only when something
 * differs: Juju makes no event for an identical write or for deleting a key that is not there.
 * @returns the keys that changed, sorted
 */
export function writeBag(bag: Bag, changes: Iterable<readonly [string, string]>): string[] {
  const changed: string[] = [];
  for (const [key, value] of changes) {
    if ((bag.data.get(key) ?? '') === value) continue;
    if (value === '') bag.data.delete(key);
    else bag.data.set(key, value);
    changed.push(key);
  }
  if (changed.length > 0) {
    bag.version += 1;
    bag.shown = undefined;
  }
  return changed.sort();
}

/** What it says now, keys sorted; never changed. Safe for keys such as `__proto__`, which become plain properties. */
export function bagData(bag: Bag): Readonly<Record<string, string>> {
  bag.shown ??= Object.freeze(Object.fromEntries([...bag.data].sort(([a], [b]) => (a < b ? -1 : 1))));
  return bag.shown;
}
