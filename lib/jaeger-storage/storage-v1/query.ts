import { RpcError } from '#lib/go-plugin';
import type { TraceQueryParameters } from '../proto/storage_v1_pb.ts';
import { durationBoundOf, limitOf, timeRange } from '../server/query.ts';
import type { TraceQuery } from '../trace-store.ts';

/**
 * What a request asks a store for. A service without a name is one, to Jaeger 1.x, and not any.
 * @throws {RpcError} INVALID_ARGUMENT: it makes no sense
 */
export function traceQuery(asked: TraceQueryParameters | undefined, maxTraces: number): TraceQuery {
  if (asked === undefined) throw new RpcError('INVALID_ARGUMENT', 'the request has no query');
  return {
    ...timeRange(asked.startTimeMin, asked.startTimeMax),
    service: asked.serviceName,
    operation: asked.operationName || undefined,
    attributes: Object.entries(asked.tags).map(([key, value]) => ({ key, value })),
    durationMin: durationBoundOf(asked.durationMin),
    durationMax: durationBoundOf(asked.durationMax),
    limit: limitOf(asked.numTraces, { most: maxTraces, field: 'num_traces' }),
  };
}
