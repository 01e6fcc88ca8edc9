import { toBinary } from '@bufbuild/protobuf';
import { RpcError } from '#lib/go-plugin';
import { TraceStoreError } from '../errors.ts';
import type { Condition } from '../filter/condition.ts';
import { conditionFromProto } from '../filter/from-proto.ts';
import type { Call as FilterCall } from '../proto/expression_pb.ts';
import { AnyValueSchema, type KeyValue, type TraceQueryParameters } from '../proto/trace_storage_pb.ts';
import { durationBoundOf, limitOf, timeRange } from '../server/query.ts';
import { valueAt } from '../spans/otlp-value.ts';
import { valueTexts } from '../spans/value-text.ts';
import type { Attribute, TraceQuery } from '../trace-store.ts';

/**
 * What a request asks a store for.
 * @throws {RpcError} INVALID_ARGUMENT: it makes no sense, or wants what is not offered: nothing of it may be left out
 */
export function traceQuery(asked: TraceQueryParameters | undefined, maxTraces: number): TraceQuery {
  if (asked === undefined) throw new RpcError('INVALID_ARGUMENT', 'the request has no query');
  const query: TraceQuery = {
    ...timeRange(asked.startTimeMin, asked.startTimeMax),
    service: asked.serviceName || undefined,
    operation: asked.operationName || undefined,
    attributes: asked.attributes.map(attributeOf),
    durationMin: durationBoundOf(asked.durationMin),
    durationMax: durationBoundOf(asked.durationMax),
    limit: limitOf(asked.searchDepth, { most: maxTraces, field: 'search_depth' }),
  };
  if (asked.filter === undefined) return query;
  const { service, operation, attributes = [], durationMin, durationMax } = query;
  const beside = service ?? operation ?? attributes[0] ?? durationMin ?? durationMax;
  if (beside !== undefined) {
    throw new RpcError(
      'INVALID_ARGUMENT',
      'a query has a filter, or service, operation, attributes and durations, but not both: put those into the filter',
    );
  }
  return { ...query, filter: conditionOf(asked.filter) };
}

function conditionOf(filter: FilterCall): Condition {
  try {
    return conditionFromProto(filter);
  } catch (error) {
    // Also where it is not supported: to a client, UNIMPLEMENTED would mean that there is no search at all.
    if (error instanceof TraceStoreError) {
      throw new RpcError('INVALID_ARGUMENT', error.message, { cause: error });
    }
    throw error;
  }
}

/** Values are compared as text, and what text a value has is known for spans: this one is encoded as theirs are. */
function attributeOf({ key, value }: KeyValue): Attribute {
  if (value === undefined || value.value.case === undefined) {
    throw new RpcError('INVALID_ARGUMENT', `attribute '${key}' of the query has no value`);
  }
  const bytes = toBinary(AnyValueSchema, value);
  const [text = ''] = valueTexts(valueAt(bytes, 0, bytes.length));
  return { key, value: text };
}
