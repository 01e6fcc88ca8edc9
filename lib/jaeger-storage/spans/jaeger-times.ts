import { int32At, int64At, LENGTH, tagOf, VARINT, WireReader } from './wire.ts';

interface Time {
  readonly seconds: bigint;
  readonly nanos: number;
}

const LOG_TIME = tagOf(1, LENGTH);
const SECONDS = tagOf(1, VARINT);
const NANOS = tagOf(2, VARINT);

/** A Timestamp or a Duration. Where there are two, Go takes the last whole, and refuses either. */
export function timeAt(bytes: Uint8Array, from: number, to: number): Time {
  let seconds = 0n;
  let nanos = 0;
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === SECONDS) seconds = int64At(bytes, field.from);
    else if (field.tag === NANOS) nanos = int32At(bytes, field.from);
  }
  return { seconds, nanos };
}

export const nanoseconds = ({ seconds, nanos }: Time) => seconds * 1_000_000_000n + BigInt(nanos);

export const NO_TIME = 'a time is none that Jaeger can read: of the years 1 to 9999, in proper form';
/** The start of the year 1, and of the year 10000. */
const FIRST_SECOND = -62_135_596_800n;
const LAST_SECOND = 253_402_300_800n;

/** Go's reader of a Timestamp refuses the others, and with them the whole answer. */
export function isGoodTime({ seconds, nanos }: Time): boolean {
  return seconds >= FIRST_SECOND && seconds < LAST_SECOND && nanos >= 0 && nanos < 1_000_000_000;
}

export const NO_DURATION = 'a duration is none that Jaeger can read: below 292 years, in proper form';

/** Go's reader of a Duration wants both parts of one sign, and the whole in 64 bits. */
export function isGoodDuration(time: Time): boolean {
  const { seconds, nanos } = time;
  if (Math.abs(nanos) >= 1_000_000_000) return false;
  if ((seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0)) return false;
  return BigInt.asIntN(64, nanoseconds(time)) === nanoseconds(time);
}

/** Of a log. */
export function hasGoodTime(bytes: Uint8Array, from: number, to: number): boolean {
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === LOG_TIME && !isGoodTime(timeAt(bytes, field.from, field.to))) return false;
  }
  return true;
}
