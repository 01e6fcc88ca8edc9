import { createHash } from 'node:crypto';

/** @returns the items in an order that follows from `seed` alone: sorted by a hash of it and of where each stood */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, i) => ({
    item,
    key: createHash('sha256').update(`${seed} ${i}`).digest('hex'),
  }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item);
}
