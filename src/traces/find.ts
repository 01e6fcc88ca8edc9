import type { RequestContext, TraceQuery } from '#lib/jaeger-storage';
import type { TraceReader } from './open-traces.ts';
import { hexOf, readTraces, type Trace } from './trace.ts';

/** What traces are wanted. Times and durations are in nanoseconds. */
export interface Wanted {
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  /** Attributes, as text. */
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** Spans that started since then, in Unix nanoseconds. */
  readonly since?: bigint | undefined;
  readonly minDuration?: bigint | undefined;
  readonly maxDuration?: bigint | undefined;
  /** Only where a span says that it failed. */
  readonly errors: boolean;
  readonly limit: number;
}

/** Finds traces, the newest first. */
export function findTraces(reader: TraceReader, wanted: Wanted): AsyncIterable<Trace> {
  const { service, operation, tags, since, minDuration, maxDuration, errors, limit } = wanted;
  const query: TraceQuery = {
    service,
    operation,
    // Jaeger's own name for it, whatever the span's model is.
    attributes: errors ? [...tags, { key: 'error', value: 'true' }] : tags,
    startMin: since,
    durationMin: minDuration,
    durationMax: maxDuration,
    limit,
  };
  return readTraces(reader.findTraces(query, contextOf(reader)));
}

/** What a part of an id can mean. */
export type Found =
  | { readonly kind: 'found'; readonly trace: Trace }
  | { readonly kind: 'none' }
  /** In hex, the newest first. */
  | { readonly kind: 'several'; readonly ids: readonly string[] };

/** Among how many of the newest traces a part of an id is looked for. */
export const recentTraces = 1_000;

/** @param id - hex digits: all 32, the first ones, or the 16 of an id of 64 bits */
export async function findTrace(reader: TraceReader, id: string): Promise<Found> {
  const wanted = id.toLowerCase();
  if (wanted.length === 32) return exactly(reader, wanted);
  const recent = await reader.findTraceIds({ limit: recentTraces }, contextOf(reader));
  const ids = recent.map(({ traceId }) => hexOf(traceId)).filter((one) => one.startsWith(wanted));
  const [only, other] = ids;
  if (other !== undefined) return { kind: 'several', ids };
  return exactly(reader, only ?? wanted.padStart(32, '0'));
}

async function exactly(reader: TraceReader, id: string): Promise<Found> {
  const traceId = new Uint8Array(Buffer.from(id, 'hex'));
  for await (const trace of readTraces(reader.traces([{ traceId }], contextOf(reader)))) {
    return { kind: 'found', trace };
  }
  return { kind: 'none' };
}

export function contextOf({ tenant, signal }: Pick<TraceReader, 'tenant' | 'signal'>): RequestContext {
  return { tenant, signal };
}
