import { type Call, type EncodedMessage, implement, RpcError, type Service } from '#lib/go-plugin';
import { toJaeger } from '../convert/to-jaeger.ts';
import {
  ArchiveSpanReaderPlugin,
  DependenciesReaderPlugin,
  type GetTraceRequest,
  SpanReaderPlugin,
} from '../proto/storage_v1_pb.ts';
import { chunksOf } from '../server/chunks.ts';
import { timeRange, traceReference } from '../server/query.ts';
import type { Backend } from '../server/service-options.ts';
import { traceQuery } from './query.ts';

/** What Jaeger calls the kind of spans that have none: 'unspecified' up to 1.64, '' from 1.65 on. */
export type NoKind = '' | 'unspecified';

export function spanReader(backend: Backend, noKind: NoKind): Service {
  const { traces, context, maxTraces } = backend;
  return implement(SpanReaderPlugin, {
    getTrace: (request, call) => getTrace(backend, request, call),
    async getServices(_, call) {
      return { services: [...(await traces.services(context(call)))] };
    },
    async getOperations({ service, spanKind }, call) {
      const kind = spanKind === '' ? undefined : spanKind === 'unspecified' ? '' : spanKind;
      const operations = await traces.operations({ service, kind }, context(call));
      return { operations: operations.map(({ name, kind }) => ({ name, spanKind: kind || noKind })) };
    },
    async *findTraces({ query }, call) {
      yield* chunksOf(traces.findTraces(traceQuery(query, maxTraces), context(call)), 'jaeger', toJaeger);
    },
    async findTraceIDs({ query }, call) {
      const found = await traces.findTraceIds(traceQuery(query, maxTraces), context(call));
      return { traceIds: found.map(({ traceId }) => traceId) };
    },
  });
}

export function archiveSpanReader(backend: Backend): Service {
  return implement(ArchiveSpanReaderPlugin, {
    getArchiveTrace: (request, call) => getTrace(backend, request, call),
  });
}

async function* getTrace(
  { traces, context }: Backend,
  { traceId, startTime, endTime }: GetTraceRequest,
  call: Call,
): AsyncGenerator<EncodedMessage> {
  const wanted = [traceReference(traceId, startTime, endTime)];
  let isFound = false;
  for await (const chunk of chunksOf(traces.traces(wanted, context(call)), 'jaeger', toJaeger)) {
    isFound = true;
    yield chunk;
  }
  // Clients know it by these very words.
  if (!isFound) throw new RpcError('NOT_FOUND', 'trace not found');
}

export function dependenciesReader({ traces, context }: Backend): Service {
  return implement(DependenciesReaderPlugin, {
    async getDependencies({ startTime, endTime }, call) {
      const links = await traces.dependencies(timeRange(startTime, endTime), context(call));
      // Calls within a service are no dependencies, to Jaeger 1.x.
      const between = links.filter(({ parent, child }) => parent !== child);
      return {
        dependencies: between.map(({ parent, child, callCount }) => ({ parent, child, callCount })),
      };
    },
  });
}
