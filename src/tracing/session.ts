import { traceBuffer } from './buffer.ts';
import { type Delivery, deliver } from './deliver.ts';
import { otlpEndpoint } from './otlp-http.ts';
import { startRecording } from './recording.ts';
import type { TraceOptions } from './trace-options.ts';

/** Loading the SDK and writing to disk have the rest of the two seconds that tracing may cost. */
const budgetMs = 1_500;
const limitBytes = 8 * 1024 * 1024;
const limitCount = 1_000;

/** One trace from its first span until it was sent or kept. Loaded, and the SDK with it, only where there is one. */
export interface Session {
  close(): Promise<Delivery & { readonly pendingLookups: number }>;
}

/** Spans are recorded from now on. */
export function openSession({ resource, baseUrl, folder }: TraceOptions): Session {
  const recording = startRecording(resource);
  return {
    async close() {
      const body = recording.stop();
      const buffer = traceBuffer({ folder, limitBytes, limitCount, now: Date.now });
      const endpoint = baseUrl === null ? null : otlpEndpoint(baseUrl);
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), budgetMs);
      try {
        const delivery = await deliver(body, buffer, endpoint?.send ?? null, deadline.signal);
        return { ...delivery, pendingLookups: endpoint?.pendingLookups() ?? 0 };
      } finally {
        clearTimeout(timer);
        endpoint?.close();
      }
    },
  };
}
