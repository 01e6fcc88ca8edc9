import { create, toBinary } from '@bufbuild/protobuf';
import type { Client as GrpcClient } from '@grpc/grpc-js';
import { clientOf } from '#lib/go-plugin';
import { DependencyReader } from '../../../../lib/jaeger-storage/proto/dependency_storage_pb.ts';
import {
  FindTracesRequestSchema,
  GetTracesRequestSchema,
  TraceReader,
} from '../../../../lib/jaeger-storage/proto/trace_storage_pb.ts';
import { boundOf, timestampOf } from '../../../../lib/jaeger-storage/server/query.ts';
import type {
  SpanKind,
  TimeRange,
  TraceQuery,
  TraceStore,
} from '../../../../lib/jaeger-storage/trace-store.ts';
import { filterCall } from './filter-call.ts';
import { serverStream } from './raw-calls.ts';
import { callOptions, partsOf, rethrown, writeTo } from './remote-store.ts';

const PATH = '/jaeger.storage.v2.TraceReader';

/** A store behind a server, as its clients have it that speak storage_v2 and OTLP. */
export function v2Client(connection: GrpcClient, close: () => Promise<void>): TraceStore {
  const reader = clientOf(TraceReader, connection);
  const dependencies = clientOf(DependencyReader, connection);
  return {
    write: (spans, context) => writeTo(connection, spans, context),
    traces(wanted, context) {
      const query = wanted.map(({ traceId, startMin, startMax }) => ({
        traceId,
        ...times({ startMin, startMax }),
      }));
      const request = toBinary(GetTracesRequestSchema, create(GetTracesRequestSchema, { query }));
      return partsOf(serverStream(connection, `${PATH}/GetTraces`, request, callOptions(context)), 'otlp');
    },
    findTraces(query, context) {
      const message = create(FindTracesRequestSchema, { query: queryMessage(query) });
      const request = toBinary(FindTracesRequestSchema, message);
      return partsOf(serverStream(connection, `${PATH}/FindTraces`, request, callOptions(context)), 'otlp');
    },
    findTraceIds: (query, context) =>
      rethrown(async () => {
        const request = { query: queryMessage(query) };
        const { traceIds } = await reader.findTraceIDs(request, callOptions(context));
        return traceIds.map(({ traceId, start, end }) => ({
          ...{ traceId, start: boundOf(start), end: boundOf(end) },
        }));
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
  const { service = '', operation = '', attributes = [], durationMin, durationMax, limit, filter } = query;
  const [startTimeMin, startTimeMax] = [timestampOf(query.startMin), timestampOf(query.startMax)];
  const [shortest, longest] = [timestampOf(durationMin), timestampOf(durationMax)];
  return {
    ...{ serviceName: service, operationName: operation, searchDepth: limit },
    // As they come from Jaeger's own query service, which knows texts alone.
    attributes: attributes.map(({ key, value }) => ({
      key,
      value: { value: { case: 'stringValue' as const, value } },
    })),
    ...(startTimeMin && { startTimeMin }),
    ...(startTimeMax && { startTimeMax }),
    ...(shortest && { durationMin: shortest }),
    ...(longest && { durationMax: longest }),
    ...(filter && { filter: filterCall(filter) }),
  };
}

export function times({ startMin, startMax }: TimeRange) {
  const [startTime, endTime] = [timestampOf(startMin), timestampOf(startMax)];
  return { ...(startTime && { startTime }), ...(endTime && { endTime }) };
}
