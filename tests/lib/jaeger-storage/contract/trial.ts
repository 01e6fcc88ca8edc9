import assert from 'node:assert/strict';
import type {
  EncodedSpans,
  SpanFormat,
  TracePart,
  TraceQuery,
  TraceStore,
  WriteResult,
} from '../../../../lib/jaeger-storage/trace-store.ts';
import { as, encode, hexOf, type SpanSpec, traceIdOf } from './fixtures.ts';
import { assertSameSpans, spansIn, traceIdIn } from './read-back.ts';

/** What a store, or the wire in front of one, has to be able to do for a case to make sense. */
export type Need =
  /** Requests of several tenants can be told apart. */
  | 'tenants'
  /** A search can go without a service: storage_v1 can't, it takes '' for a service of that name or refuses it. */
  | 'any-service'
  /** A search for the service '' means that service: storage_v2 takes it for any. */
  | 'empty-service'
  /** Searches can carry a structured filter: storage_v1 can't. */
  | 'filter'
  /** A search says its limit, whatever that is: on the wire 0 stands for the default. */
  | 'limits'
  /** Writes answer what was accepted and rejected, and refuse with codes: storage_v1 sends span by span. */
  | 'answers'
  /** Spans come back in the format in which they were written: a wire has one format only. */
  | 'formats'
  /** Scopes, and attributes of scopes and links, are more than tags: Jaeger's model has no place for them. */
  | 'otlp-attributes'
  /** `close` is the store's, and not only that of a connection to it. */
  | 'close'
  /** A request that was aborted is not answered. */
  | 'abort';

export interface ContractCase {
  /** As in the acceptance list: A and C as Jaeger's suites, B their searches, M matching rules, U what no suite tests. */
  readonly id: string;
  readonly title: string;
  readonly needs?: readonly Need[];
  /** Of what is written; undefined: once in either. */
  readonly formats?: readonly SpanFormat[];
  run(trial: Trial): Promise<void>;
}

export interface ContractGroup {
  readonly name: string;
  /** Writes what all cases of the group search in, which then share one store. Otherwise each has its own. */
  setup?(trial: Trial): Promise<void>;
  readonly cases: readonly ContractCase[];
}

export interface Found {
  /** Hexadecimal, without leading zeros. */
  readonly traceId: string;
  readonly spans: readonly EncodedSpans[];
}

/** A store under test, and one format in which spans are written to it. */
export class Trial {
  readonly store: TraceStore;
  readonly format: SpanFormat;

  constructor(store: TraceStore, format: SpanFormat) {
    this.store = store;
    this.format = format;
  }

  encode(specs: readonly SpanSpec[], format = this.format): EncodedSpans {
    return encode(format, specs);
  }

  async write(
    specs: readonly SpanSpec[],
    { format = this.format, tenant = '' }: { format?: SpanFormat; tenant?: string } = {},
  ): Promise<WriteResult> {
    return this.store.write(encode(format, specs), as(tenant));
  }

  /** Reads these traces by id. */
  async read(traceIds: readonly string[], tenant = ''): Promise<readonly Found[]> {
    const wanted = traceIds.map((traceId) => ({ traceId: traceIdOf(traceId) }));
    return collected(this.store.traces(wanted, as(tenant)));
  }

  async find(query: Partial<TraceQuery>, tenant = ''): Promise<readonly Found[]> {
    return collected(this.store.findTraces({ limit: 1000, ...query }, as(tenant)));
  }

  /** The ids that a search finds: asked for both as traces and as ids, which have to agree. */
  async ids(query: Partial<TraceQuery>, tenant = ''): Promise<readonly string[]> {
    const found = (await this.find(query, tenant)).map(({ traceId }) => traceId);
    const ids = await this.store.findTraceIds({ limit: 1000, ...query }, as(tenant));
    assert.deepEqual(
      ids.map(({ traceId }) => shortId(traceId)),
      found,
      'findTraceIds and findTraces differ',
    );
    return found;
  }

  /** Are these exactly the spans of the trace? */
  async assertTrace(traceId: string, specs: readonly SpanSpec[], tenant = ''): Promise<void> {
    const found = await this.read([traceId], tenant);
    assert.deepEqual(
      found.map((one) => one.traceId),
      specs.length > 0 ? [traceId] : [],
    );
    if (specs.length > 0) this.assertSpans(found[0], specs);
  }

  assertSpans(found: Found | undefined, specs: readonly SpanSpec[]): void {
    assertSameSpans(found?.spans ?? [], [this.encode(specs)]);
  }
}

export function shortId(id: Uint8Array): string {
  return hexOf(id).replace(/^0+/, '');
}

/** Puts parts together to traces, and holds the store to what TracePart promises. */
export async function collected(parts: AsyncIterable<TracePart>): Promise<readonly Found[]> {
  const found = new Map<string, EncodedSpans[]>();
  let last: string | undefined;
  for await (const { traceId, spans } of parts) {
    assert.equal(traceId.length, 16, 'bytes of a trace id');
    const id = shortId(traceId);
    if (id !== last) assert.ok(!found.has(id), `the spans of trace ${id} do not come one after the other`);
    last = id;
    assert.ok(spans.length > 0, `a part of trace ${id} is empty`);
    for (const one of spans) {
      const inside = spansIn([one]);
      assert.ok(inside.length > 0, `a part of trace ${id} has no spans`);
      for (const span of inside) assert.equal(traceIdIn(span), hexOf(traceId), 'a span of another trace');
    }
    found.set(id, [...(found.get(id) ?? []), ...spans]);
  }
  return [...found].map(([id, spans]) => ({ traceId: id, spans }));
}

export async function collectAll<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
