// A sidecar as Jaeger starts it, that keeps its spans in memory.
import * as z from 'zod';
import { memoryStore } from '../../../../lib/jaeger-storage/memory/memory-store.ts';
import { serveSidecar } from '../../../../lib/jaeger-storage/server/sidecar.ts';

await serveSidecar({
  name: 'The test sidecar',
  config: z.object({ max_traces: z.number().int().min(1).optional() }),
  open: async ({ max_traces: maxTraces }, log) => {
    log.info('opened', { maxTraces });
    return { traces: memoryStore({ maxTraces }), archive: memoryStore() };
  },
});
