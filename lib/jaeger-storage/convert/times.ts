import { create } from '@bufbuild/protobuf';
import { type Duration, DurationSchema, type Timestamp, TimestampSchema } from '@bufbuild/protobuf/wkt';

const SECOND = 1_000_000_000n;

/** @param unixNano - Unix nanoseconds, at least 0 */
export function timestampOf(unixNano: bigint): Timestamp {
  return create(TimestampSchema, { seconds: unixNano / SECOND, nanos: Number(unixNano % SECOND) });
}

/** @param nanoseconds - of either sign, which both parts then have */
export function durationOf(nanoseconds: bigint): Duration {
  return create(DurationSchema, { seconds: nanoseconds / SECOND, nanos: Number(nanoseconds % SECOND) });
}

/** To Go's durations, of 292 years either way. */
export function clampDuration(nanoseconds: bigint): bigint {
  const max = 2n ** 63n - 1n;
  if (nanoseconds > max) return max;
  return nanoseconds < -max ? -max : nanoseconds;
}

export function nanosecondsOf(time: Timestamp | Duration | undefined): bigint {
  return time === undefined ? 0n : time.seconds * SECOND + BigInt(time.nanos);
}

/** To what OTLP's times can say: from 1970 to 2554. */
export function clampUnixNano(unixNano: bigint): bigint {
  const max = 2n ** 64n - 1n;
  if (unixNano > max) return max;
  return unixNano < 0n ? 0n : unixNano;
}
