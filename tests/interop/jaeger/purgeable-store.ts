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
} from '#lib/jaeger-storage';

/**
 * A store that can be emptied, by putting another in its place: what Jaeger's suites need between their tests, and no
 * product should have.
 */
export class PurgeableStore implements TraceStore {
  readonly #open: () => Promise<TraceStore>;
  #current: TraceStore;

  private constructor(open: () => Promise<TraceStore>, current: TraceStore) {
    this.#open = open;
    this.#current = current;
  }

  /** @param open - opens an empty store, another each time */
  static async open(open: () => Promise<TraceStore>): Promise<PurgeableStore> {
    return new PurgeableStore(open, await open());
  }

  async purge(): Promise<void> {
    const before = this.#current;
    this.#current = await this.#open();
    await before.close();
  }

  write(spans: EncodedSpans, context: RequestContext): Promise<WriteResult> {
    return this.#current.write(spans, context);
  }

  traces(wanted: readonly TraceReference[], context: RequestContext): AsyncIterable<TracePart> {
    return this.#current.traces(wanted, context);
  }

  findTraces(query: TraceQuery, context: RequestContext): AsyncIterable<TracePart> {
    return this.#current.findTraces(query, context);
  }

  findTraceIds(query: TraceQuery, context: RequestContext): Promise<readonly FoundTrace[]> {
    return this.#current.findTraceIds(query, context);
  }

  services(context: RequestContext): Promise<readonly string[]> {
    return this.#current.services(context);
  }

  operations(query: OperationQuery, context: RequestContext): Promise<readonly Operation[]> {
    return this.#current.operations(query, context);
  }

  dependencies(range: TimeRange, context: RequestContext): Promise<readonly DependencyLink[]> {
    return this.#current.dependencies(range, context);
  }

  close(): Promise<void> {
    return this.#current.close();
  }
}
