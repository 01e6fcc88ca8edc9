import { memoryStore } from '../../../../lib/jaeger-storage/memory/memory-store.ts';
import type { TraceStore } from '../../../../lib/jaeger-storage/trace-store.ts';

/** A store in memory, but for what is given. */
export function storeWith(overrides: Partial<TraceStore>): TraceStore & { readonly memory: TraceStore } {
  const memory = memoryStore();
  return {
    memory,
    write: (spans, context) => memory.write(spans, context),
    traces: (wanted, context) => memory.traces(wanted, context),
    findTraces: (query, context) => memory.findTraces(query, context),
    findTraceIds: (query, context) => memory.findTraceIds(query, context),
    services: (context) => memory.services(context),
    operations: (query, context) => memory.operations(query, context),
    dependencies: (range, context) => memory.dependencies(range, context),
    close: () => memory.close(),
    ...overrides,
  };
}
