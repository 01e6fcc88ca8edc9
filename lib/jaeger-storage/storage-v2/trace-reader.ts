import { implement, type Service } from '#lib/go-plugin';
import { toOtlp } from '../convert/to-otlp.ts';
import { TraceReader } from '../proto/trace_storage_pb.ts';
import { chunksOf } from '../server/chunks.ts';
import { timestampOf, traceReference } from '../server/query.ts';
import type { Backend } from '../server/service-options.ts';
import type { TraceReference } from '../trace-store.ts';
import { traceQuery } from './query.ts';
import { summaryChunks } from './summaries.ts';

export function traceReader({ traces, context, maxTraces }: Backend): Service {
  return implement(TraceReader, {
    async *getTraces({ query }, call) {
      const wanted = unique(
        query.map(({ traceId, startTime, endTime }) => traceReference(traceId, startTime, endTime)),
      );
      const inContext = context(call);
      if (wanted.length > 0) yield* chunksOf(traces.traces(wanted, inContext), 'otlp', toOtlp);
    },
    async getServices(_, call) {
      return { services: [...(await traces.services(context(call)))] };
    },
    async getOperations({ service, spanKind }, call) {
      const operations = await traces.operations({ service, kind: spanKind || undefined }, context(call));
      return { operations: operations.map(({ name, kind }) => ({ name, spanKind: kind })) };
    },
    async *findTraces({ query }, call) {
      yield* chunksOf(traces.findTraces(traceQuery(query, maxTraces), context(call)), 'otlp', toOtlp);
    },
    async findTraceIDs({ query }, call) {
      const found = await traces.findTraceIds(traceQuery(query, maxTraces), context(call));
      return {
        traceIds: found.map(({ traceId, start, end }) => {
          const [from, to] = [timestampOf(start), timestampOf(end)];
          return { traceId, ...(from && { start: from }), ...(to && { end: to }) };
        }),
      };
    },
    async *findTraceSummaries({ query }, call) {
      yield* summaryChunks(traces.findTraces(traceQuery(query, maxTraces), context(call)));
    },
  });
}

/** One that is asked for twice would come twice, and its clients show it twice. Its times then say nothing. */
function unique(references: readonly TraceReference[]): readonly TraceReference[] {
  const byId = new Map<string, TraceReference>();
  for (const reference of references) {
    const { traceId } = reference;
    const id = Buffer.from(traceId).toString('hex');
    byId.set(id, byId.has(id) ? { traceId } : reference);
  }
  return [...byId.values()];
}
