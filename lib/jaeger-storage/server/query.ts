import type { Duration, Timestamp } from '@bufbuild/protobuf/wkt';
import { RpcError } from '#lib/go-plugin';
import { wideTraceId } from '../spans/ids.ts';
import type { TimeRange, TraceReference } from '../trace-store.ts';

/** How many traces a search finds that does not say, as in Jaeger's query. */
const defaultTraces = 100;
/** Most that one search finds, as in Jaeger's ClickHouse storage. */
export const mostTraces = 10_000;

/** Go's time that was never set: the start of the year 1. */
const unsetSeconds = -62_135_596_800n;

/** @returns Unix nanoseconds; undefined where it is no bound: absent, never set in Go, or zero */
export function boundOf(time: Timestamp | undefined): bigint | undefined {
  if (time === undefined || time.seconds <= unsetSeconds) return undefined;
  return time.seconds * 1_000_000_000n + BigInt(time.nanos) || undefined;
}

/** @returns nanoseconds; undefined where it is no bound: absent or zero */
export function durationBoundOf(duration: Duration | undefined): bigint | undefined {
  if (duration === undefined) return undefined;
  return duration.seconds * 1_000_000_000n + BigInt(duration.nanos) || undefined;
}

export function timeRange(from: Timestamp | undefined, to: Timestamp | undefined): TimeRange {
  return { startMin: boundOf(from), startMax: boundOf(to) };
}

/** Unix nanoseconds as a message, or a plain object of its shape. */
export function timestampOf(ns: bigint | undefined): { seconds: bigint; nanos: number } | undefined {
  if (ns === undefined) return undefined;
  const nanos = BigInt.asUintN(64, ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
  return { seconds: (ns - nanos) / 1_000_000_000n, nanos: Number(nanos) };
}

/**
 * @param asked - as the request says it; 0 where it says nothing
 * @throws {RpcError} INVALID_ARGUMENT: below 0
 */
export function limitOf(asked: number, { most, field }: { most: number; field: string }): number {
  if (asked < 0) {
    throw new RpcError('INVALID_ARGUMENT', `${field} is ${asked}: give the most traces to find, or 0`);
  }
  return Math.min(asked === 0 ? defaultTraces : asked, most);
}

/** @throws {RpcError} INVALID_ARGUMENT: the id has neither 16 bytes nor the 8 of its lower half */
export function traceReference(
  traceId: Uint8Array,
  from: Timestamp | undefined,
  to: Timestamp | undefined,
): TraceReference {
  if (traceId.length !== 16 && traceId.length !== 8) {
    throw new RpcError('INVALID_ARGUMENT', `a trace id has ${traceId.length} bytes: give 16, or 8`);
  }
  return { traceId: traceId.length === 16 ? traceId : wideTraceId(traceId), ...timeRange(from, to) };
}
