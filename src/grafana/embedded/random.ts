import { randomInt } from 'node:crypto';

/** Numbers in [0, 1), as `Math.random` gives them. */
export type Random = () => number;

const steps = 2 ** 48 - 1; // the most that randomInt() can tell apart

/** Random numbers that nobody can guess. */
export function secureRandom(): number {
  return randomInt(steps) / steps;
}

/** An integer from 0 to below `end`. */
export function integerBelow(end: number, random: Random): number {
  return Math.floor(random() * end);
}

/** So many characters of an alphabet. */
export function pick(alphabet: string, length: number, random: Random): string {
  let text = '';
  while (text.length < length) text += alphabet[integerBelow(alphabet.length, random)];
  return text;
}
