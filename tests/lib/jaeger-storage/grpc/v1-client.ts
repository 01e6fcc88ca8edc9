import { create, toBinary } from '@bufbuild/protobuf';
import type { Client as GrpcClient } from '@grpc/grpc-js';
import { clientOf, RpcError } from '#lib/go-plugin';
import {
  DependenciesReaderPlugin,
  FindTracesRequestSchema,
  GetTraceRequestSchema,
  SpanReaderPlugin,
} from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { timestampOf } from '../../../../lib/jaeger-storage/server/query.ts';
import type {
  SpanKind,
  TracePart,
  TraceQuery,
  TraceReference,
  TraceStore,
} from '../../../../lib/jaeger-storage/trace-store.ts';
import { hexOf } from '../contract/fixtures.ts';
import { serverStream } from './raw-calls.ts';
import { callOptions, partsOf, rethrown, writeTo } from './remote-store.ts';
import { times } from './v2-client.ts';

const PATH = '/jaeger.storage.v1.SpanReaderPlugin';

/** A store behind a server, as its clients have it that speak storage_v1. */
export function v1Client(connection: GrpcClient, close: () => Promise<void>): TraceStore {
  const reader = clientOf(SpanReaderPlugin, connection);
  const dependencies = clientOf(DependenciesReaderPlugin, connection);
  const call = (method: string, request: Uint8Array, context: Parameters<TraceStore['services']>[0]) =>
    partsOf(serverStream(connection, `${PATH}/${method}`, request, callOptions(context)), 'jaeger');

  async function* one(
    { traceId, startMin, startMax }: TraceReference,
    context: Parameters<TraceStore['services']>[0],
  ): AsyncGenerator<TracePart> {
    const message = create(GetTraceRequestSchema, { traceId, ...times({ startMin, startMax }) });
    try {
      yield* call('GetTrace', toBinary(GetTraceRequestSchema, message), context);
    } catch (error) {
      // What clients of Jaeger know it by.
      if (error instanceof RpcError && error.message === 'trace not found') return;
      throw error;
    }
  }

  return {
    write: (spans, context) => writeTo(connection, spans, context),
    async *traces(wanted, context) {
      // A request is about one trace, so that it is the client who asks for none twice.
      const unique = new Map(wanted.map((reference) => [hexOf(reference.traceId), reference]));
      for (const reference of unique.values()) yield* one(reference, context);
    },
    findTraces(query, context) {
      const message = create(FindTracesRequestSchema, { query: queryMessage(query) });
      return call('FindTraces', toBinary(FindTracesRequestSchema, message), context);
    },
    findTraceIds: (query, context) =>
      rethrown(async () => {
        const request = { query: queryMessage(query) };
        const { traceIds } = await reader.findTraceIDs(request, callOptions(context));
        return traceIds.map((traceId) => ({ traceId }));
      }),
    services: (context) =>
      rethrown(async () => (await reader.getServices({}, callOptions(context))).services),
    operations: ({ service, kind = '' }, context) =>
      rethrown(async () => {
        const request = { service, spanKind: kind };
        const { operations } = await reader.getOperations(request, callOptions(context));
        return operations.map(({ name, spanKind }) => ({ name, kind: spanKind as SpanKind }));
      }),
    dependencies: (range, context) =>
      rethrown(async () => {
        const answer = await dependencies.getDependencies(times(range), callOptions(context));
        return answer.dependencies.map(({ parent, child, callCount }) => ({ parent, child, callCount }));
      }),
    close,
  };
}

function queryMessage(query: TraceQuery) {
  const { service = '', operation = '', attributes = [], limit } = query;
  const [startTimeMin, startTimeMax] = [timestampOf(query.startMin), timestampOf(query.startMax)];
  const [durationMin, durationMax] = [timestampOf(query.durationMin), timestampOf(query.durationMax)];
  return {
    ...{ serviceName: service, operationName: operation, numTraces: limit },
    tags: Object.fromEntries(attributes.map(({ key, value }) => [key, value])),
    ...(startTimeMin && { startTimeMin }),
    ...(startTimeMax && { startTimeMax }),
    ...(durationMin && { durationMin }),
    ...(durationMax && { durationMax }),
  };
}
