import { openSqliteStore } from '../../../../lib/jaeger-storage/sqlite/open-store.ts';
import type { SqliteStore, SqliteStoreOptions } from '../../../../lib/jaeger-storage/sqlite/sqlite-store.ts';
import type { EncodedSpans, TracePart } from '../../../../lib/jaeger-storage/trace-store.ts';
import { as, encode, NOON, SECOND, type SpanSpec } from '../contract/fixtures.ts';
import { spansIn } from '../contract/read-back.ts';

/** A trace of `spans` spans of one service, in which each is the child of the one before. */
export function traceOf(traceId: number, spans = 3, more: SpanSpec = {}): SpanSpec[] {
  return Array.from({ length: spans }, (_, n) => ({
    traceId: traceId.toString(16),
    spanId: (n + 1).toString(16),
    ...(n > 0 && { parentId: n.toString(16) }),
    service: `service-${traceId % 3}`,
    start: NOON + BigInt(traceId) * SECOND + BigInt(n),
    attributes: { number: String(traceId) },
    ...more,
  }));
}

export function otlpOf(...traces: readonly SpanSpec[][]): EncodedSpans {
  return encode('otlp', traces.flat());
}

export async function collect(parts: AsyncIterable<TracePart>): Promise<EncodedSpans[]> {
  const spans: EncodedSpans[] = [];
  for await (const part of parts) spans.push(...part.spans);
  return spans;
}

/** How many spans of a trace there are. */
export async function spanCount(store: SqliteStore, traceId: number): Promise<number> {
  const wanted = [{ traceId: Uint8Array.from(Buffer.from(traceId.toString(16).padStart(32, '0'), 'hex')) }];
  return spansIn(await collect(store.traces(wanted, as('')))).length;
}

/** The numbers of the traces that a search finds. */
export async function foundTraces(store: SqliteStore, query: Parameters<SqliteStore['findTraceIds']>[0]) {
  const found = await store.findTraceIds(query, as(''));
  return found.map(({ traceId }) => Number.parseInt(Buffer.from(traceId).toString('hex'), 16));
}

/** Opens, uses and closes a store. */
export async function withStore<T>(
  options: SqliteStoreOptions,
  use: (store: SqliteStore) => Promise<T>,
): Promise<T> {
  const store = await openSqliteStore(options);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
