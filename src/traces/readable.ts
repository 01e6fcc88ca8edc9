import { createLogger } from '#lib/go-plugin';
import { serveTraceStorage, type TraceStore } from '#lib/jaeger-storage';

/** Lets other processes of this machine read a store, on a free port. */
export async function readable(traces: TraceStore): Promise<{ address: string; stop(): Promise<void> }> {
  const log = createLogger({ level: 'off' });
  const { addresses, stop } = await serveTraceStorage({ traces, addresses: ['127.0.0.1:0'], log });
  return { address: addresses[0] ?? '', stop: () => stop({ graceMs: 1_000 }) };
}
