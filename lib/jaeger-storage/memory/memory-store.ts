import { TraceStoreError } from '../errors.ts';
import { matches } from '../spans/matches.ts';
import { readSpans } from '../spans/read-spans.ts';
import type {
  DependencyLink,
  EncodedSpans,
  FoundTrace,
  Operation,
  OperationQuery,
  RequestContext,
  TimeRange,
  TracePart,
  TraceQuery,
  TraceReference,
  TraceStore,
  WriteResult,
} from '../trace-store.ts';
import { keyOf, StoredTrace } from './stored-trace.ts';

export interface MemoryStoreOptions {
  /** Most traces that a tenant may have: where there come more, those that came first go. undefined: no bound */
  readonly maxTraces?: number | undefined;
}

/**
 * Keeps spans for as long as the process lives: for tests, for trying things out, and as the example of a store. It
 * looks at every span for every question, so it is no match for more than some hundred thousand of them.
 */
export function memoryStore({ maxTraces }: MemoryStoreOptions = {}): TraceStore {
  if (maxTraces !== undefined && !(Number.isSafeInteger(maxTraces) && maxTraces >= 1)) {
    throw new RangeError(`maxTraces is ${maxTraces}: give a whole number of at least 1`);
  }
  return new MemoryStore(maxTraces ?? Number.POSITIVE_INFINITY);
}

/** By {@link keyOf} their ids, those that came first first. */
type Traces = Map<string, StoredTrace>;

class MemoryStore implements TraceStore {
  readonly #maxTraces: number;
  readonly #tenants = new Map<string, Traces>();
  #isClosed = false;

  constructor(maxTraces: number) {
    this.#maxTraces = maxTraces;
  }

  async write(spans: EncodedSpans, context: RequestContext): Promise<WriteResult> {
    const traces = this.#tracesOf(context);
    const reasons: string[] = [];
    // Records are views of the bytes they were read from, and the caller may use those again.
    const bytes = spans.bytes.slice();
    const records = readSpans({ ...spans, bytes }, (reason) => reasons.push(reason));
    for (const record of records) {
      const key = keyOf(record.traceId);
      let trace = traces.get(key);
      if (trace === undefined) {
        trace = new StoredTrace(record.traceId);
        traces.set(key, trace);
      }
      trace.add(record);
    }
    this.#tenants.set(context.tenant, traces);
    for (const key of traces.keys()) {
      if (traces.size <= this.#maxTraces) break;
      traces.delete(key);
    }
    const [reason] = reasons;
    return { accepted: records.length, rejected: reasons.length, ...(reason !== undefined && { reason }) };
  }

  async *traces(wanted: readonly TraceReference[], context: RequestContext): AsyncGenerator<TracePart> {
    for (const key of new Set(wanted.map(({ traceId }) => keyOf(traceId)))) {
      const trace = this.#tracesOf(context).get(key);
      if (trace !== undefined) yield trace.part();
    }
  }

  async *findTraces(query: TraceQuery, context: RequestContext): AsyncGenerator<TracePart> {
    for (const trace of this.#find(query, context)) yield trace.part();
  }

  async findTraceIds(query: TraceQuery, context: RequestContext): Promise<readonly FoundTrace[]> {
    return this.#find(query, context).map(({ traceId, startNs, endNs }) => ({
      traceId,
      start: startNs,
      end: endNs,
    }));
  }

  async services(context: RequestContext): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const trace of this.#tracesOf(context).values()) {
      for (const { resource } of trace.searchable()) names.add(resource.service);
    }
    return [...names].sort();
  }

  async operations(
    { service, kind }: OperationQuery,
    context: RequestContext,
  ): Promise<readonly Operation[]> {
    const operations = new Map<string, Operation>();
    for (const trace of this.#tracesOf(context).values()) {
      for (const span of trace.searchable()) {
        if (span.resource.service !== service || (kind !== undefined && span.kind !== kind)) continue;
        operations.set(`${span.kind} ${span.operation}`, { name: span.operation, kind: span.kind });
      }
    }
    return [...operations.values()].sort((a, b) => compare(a.name, b.name) || compare(a.kind, b.kind));
  }

  async dependencies(range: TimeRange, context: RequestContext): Promise<readonly DependencyLink[]> {
    const links = new Map<string, DependencyLink>();
    for (const trace of this.#tracesOf(context).values()) {
      for (const { parent, child } of trace.calls(range)) {
        const key = JSON.stringify([parent, child]);
        links.set(key, { parent, child, callCount: (links.get(key)?.callCount ?? 0n) + 1n });
      }
    }
    return [...links.values()].sort((a, b) => compare(a.parent, b.parent) || compare(a.child, b.child));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tenants.clear();
  }

  /** Those of the tenant who asks; what has none yet gets an empty map, which is kept once something is written. */
  #tracesOf({ tenant, signal }: RequestContext): Traces {
    if (this.#isClosed) throw new TraceStoreError('CLOSED', 'the store is closed: open it again');
    signal.throwIfAborted();
    return this.#tenants.get(tenant) ?? new Map();
  }

  /** The traces that match, the newest first, and no more than wanted. */
  #find(query: TraceQuery, context: RequestContext): readonly StoredTrace[] {
    if (!(Number.isSafeInteger(query.limit) && query.limit >= 1)) {
      throw new TraceStoreError('INVALID', `can't find ${query.limit} traces: ask for at least 1`);
    }
    const found: { readonly trace: StoredTrace; readonly newestNs: bigint }[] = [];
    for (const trace of this.#tracesOf(context).values()) {
      let newestNs: bigint | undefined;
      for (const span of trace.searchable()) {
        if (newestNs !== undefined && span.startNs <= newestNs) continue;
        if (matches(span, query)) newestNs = span.startNs;
      }
      if (newestNs !== undefined) found.push({ trace, newestNs });
    }
    found.sort((a, b) => compare(b.newestNs, a.newestNs) || Buffer.compare(a.trace.traceId, b.trace.traceId));
    return found.slice(0, query.limit).map(({ trace }) => trace);
  }
}

function compare<T extends string | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
