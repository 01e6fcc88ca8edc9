import { evaluate } from '../filter/evaluate.ts';
import type { TraceQuery } from '../trace-store.ts';
import { hasAttribute } from './searchable.ts';
import type { SpanRecord } from './span-record.ts';

/** Whether one span satisfies all that a query asks for; its limit is about traces. */
export function matches(span: SpanRecord, query: TraceQuery): boolean {
  if (query.service !== undefined && span.resource.service !== query.service) return false;
  if (query.operation !== undefined && span.operation !== query.operation) return false;
  if (!isWithin(span.startNs, query.startMin, query.startMax)) return false;
  if (!isWithin(span.durationNs, query.durationMin, query.durationMax)) return false;
  if (query.attributes?.some((attribute) => !hasAttribute(span, attribute))) return false;
  return query.filter === undefined || evaluate(query.filter, span);
}

const isWithin = (value: bigint, min: bigint | undefined, max: bigint | undefined) =>
  (min === undefined || value >= min) && (max === undefined || value <= max);
