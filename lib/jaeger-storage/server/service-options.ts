import type { Call, Logger } from '#lib/go-plugin';
import type { Tenancy } from '../otlp/tenant.ts';
import type { RequestContext, TraceStore } from '../trace-store.ts';
import { mostTraces } from './query.ts';
import { requestContext } from './request-context.ts';
import { withStatuses } from './status.ts';

/** What services of both versions want to know. */
export interface ServiceOptions {
  readonly traces: TraceStore;
  readonly log: Logger;
  /** Absent: all spans are one tenant's, whose name is ''. */
  readonly tenancy?: Tenancy | undefined;
  /** Most traces that one search finds, however many are asked for; 10,000 where unsaid. */
  readonly maxTraces?: number;
}

/** What a method asks, and on whose behalf. */
export interface Backend {
  readonly traces: TraceStore;
  readonly log: Logger;
  readonly maxTraces: number;
  /** @throws {RpcError} the call names no tenant, or one too many */
  context(call: Pick<Call, 'metadata' | 'signal'>): RequestContext;
}

export function backendOf({ traces, log, tenancy, maxTraces = mostTraces }: ServiceOptions): Backend {
  return {
    traces: withStatuses(traces, log),
    log,
    maxTraces,
    context: (call) => requestContext(call, tenancy),
  };
}
