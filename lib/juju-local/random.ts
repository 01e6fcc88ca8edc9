import { randomBytes } from 'node:crypto';

/** @returns a function that gives numbers in [0, 1), the same ones for the same seed (mulberry32) */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @returns text that nobody guesses; with a source of random numbers, what follows from that */
export function randomHex(bytes: number, random: (() => number) | undefined): string {
  if (random === undefined) return randomBytes(bytes).toString('hex');
  let digits = '';
  while (digits.length < bytes * 2)
    digits += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return digits.slice(0, bytes * 2);
}

/** @returns a copy in random order */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const keyed = items.map((item): [number, T] => [random(), item]);
  return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
}
