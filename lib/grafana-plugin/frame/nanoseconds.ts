import { FrameError } from './errors.ts';

const TWO_32 = 4294967296;
// 2^32 nanoseconds are 4294 ms and 967296 ns.
const MS_IN_TWO_32 = 4294;
const NS_IN_TWO_32 = 967296;

/** The 32-bit halves of 64-bit values: low before high, as every machine that Node's builds for Grafana run on has it. */
export function halvesOf(values: BigInt64Array | BigUint64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

/**
 * Write Unix milliseconds as Unix nanoseconds at `row`. In 32-bit halves, because a bigint per row costs ten times this.
 * @param halves - of the column, see `halvesOf`
 * @returns false when the time does not fit (years 1677 to 2262 do)
 */
export function putMilliseconds(halves: Int32Array, row: number, unixMs: number): boolean {
  const wholeMs = Math.floor(unixMs);
  const beyondNs = wholeMs === unixMs ? 0 : Math.min(Math.round((unixMs - wholeMs) * 1e6), 999_999);
  const msHigh = Math.floor(wholeMs / TWO_32);
  const low = (wholeMs - msHigh * TWO_32) * 1e6 + beyondNs; // below 2^52
  const carry = Math.floor(low / TWO_32);
  const high = msHigh * 1e6 + carry;
  if (!(high >= -2147483648 && high <= 2147483647)) return false;
  halves[row * 2] = low - carry * TWO_32;
  halves[row * 2 + 1] = high;
  return true;
}

/** @returns whole milliseconds (rounded down) of the nanoseconds at `row`, and what is left of them */
export function splitMilliseconds(halves: Int32Array, row: number): [unixMs: number, beyondNs: number] {
  const low = (halves[row * 2] as number) >>> 0;
  const high = halves[row * 2 + 1] as number;
  const ns = high * NS_IN_TWO_32 + low; // below 2^52
  let ms = Math.floor(ns / 1e6);
  let beyondNs = ns - ms * 1e6;
  if (beyondNs < 0) {
    ms--;
    beyondNs += 1e6;
  }
  return [high * MS_IN_TWO_32 + ms, beyondNs];
}

/** A point in time as an author has it: a `Date`, Unix milliseconds, or Unix nanoseconds as a bigint. */
export type TimeValue = Date | number | bigint;

/** @throws {FrameError} `BAD_VALUE` when it is no time, or before 1677 or after 2262 */
export function toNanoseconds(time: TimeValue): bigint {
  const one = new BigInt64Array(1);
  putTime(one, halvesOf(one), 0, time, 'time');
  return one[0] as bigint;
}

/** Write one time into a column. */
export function putTime(
  values: BigInt64Array,
  halves: Int32Array,
  row: number,
  time: unknown,
  name: string,
): void {
  if (typeof time === 'bigint') {
    if (BigInt.asIntN(64, time) === time) {
      values[row] = time;
      return;
    }
  } else {
    const unixMs = time instanceof Date ? time.getTime() : time;
    if (typeof unixMs === 'number' && putMilliseconds(halves, row, unixMs)) return;
  }
  throw new FrameError(
    'BAD_VALUE',
    `field "${name}", row ${row}: ${shown(time)} is no time between the years 1677 and 2262: ` +
      'give a Date, Unix milliseconds as a number, or Unix nanoseconds as a bigint',
  );
}

/** A value as an error message shows it: short, and never a whole object. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return 'a Date that is no date';
  return typeof value === 'object' && value !== null
    ? 'an object'
    : typeof value === 'function'
      ? 'a function'
      : String(value);
}
