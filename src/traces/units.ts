const nanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3_600e9,
  d: 86_400e9,
};

/** `72h`, `1.5s`, `1h30m` in nanoseconds; undefined where it is none. */
export function parseDuration(text: string): bigint | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|ms|s|m|h|d))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
    sum += Number(number) * (nanoseconds[unit] ?? 0);
  }
  return BigInt(Math.round(sum));
}

const bytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** `10GB`, `512 MiB` in bytes; undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?) ?([kKMGT]?i?B)$/.exec(text) ?? [];
  const factor = bytes[unit];
  return number === undefined || factor === undefined ? undefined : Math.round(Number(number) * factor);
}

const steps: readonly [belowNs: number, unit: string, divisor: number][] = [
  [1e3, 'ns', 1],
  [1e6, 'us', 1e3],
  [1e9, 'ms', 1e6],
  [60e9, 's', 1e9],
  [3_600e9, 'm', 60e9],
  [86_400e9, 'h', 3_600e9],
];

/** `12.4 ms`, at most seven characters for less than a thousand days. */
export function durationText(ns: bigint): string {
  const value = Number(ns);
  const [, unit, divisor] = steps.find(([below]) => roundsBelow(value, below)) ?? [0, 'd', 86_400e9];
  return `${threeDigits(value / divisor)} ${unit}`;
}

/** 999.7 ns is 1.00 us, not 1000 ns. */
function roundsBelow(value: number, limit: number): boolean {
  return Number(value.toPrecision(3)) < limit;
}

/** `10.3 GB` */
export function sizeText(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let power = 0;
  while (power < units.length - 1 && !roundsBelow(size / 1000 ** power, 1000)) power += 1;
  return `${threeDigits(size / 1000 ** power)} ${units[power]}`;
}

function threeDigits(value: number): string {
  if (Number.isInteger(value) && value < 1000) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
