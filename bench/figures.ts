import { loadavg } from 'node:os';

/** @returns the upper one of the two in the middle, of an even number; NaN of none */
export function median(values: Iterable<number>): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/** How busy the machine has been in the last minute: processes that wanted to run. */
export function load(): string {
  return loadavg()[0]?.toFixed(1) ?? '?';
}
