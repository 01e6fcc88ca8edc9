import type { Span } from '@opentelemetry/api';
import type { TraceOptions } from './trace-options.ts';
import { traced } from './traced.ts';

/** What became of the trace, for a log. */
export interface TraceReport {
  /** Traces are lost, or stay here until somebody does something. */
  readonly warnings: readonly string[];
  /** Traces stay here until the endpoint is back; null when none do. */
  readonly waiting: string | null;
  /** Something is under way that can't be called back, and Node would wait for it: see `leave`. */
  readonly stuck: boolean;
}

/**
 * Does `work` in a span that is the root of a trace, and sends the trace. It takes two seconds at the most, and never
 * fails: what can't be sent is kept in a folder of 8 MiB and goes out, oldest first, with a later trace.
 *
 * Recording is for all of this process, so there can be one trace at a time.
 * @param report - told what became of the trace; `work` may have failed by then
 * @returns, or throws, what `work` does
 */
export async function recordTrace<T>(
  options: TraceOptions,
  work: (root: Span) => Promise<T>,
  report: (report: TraceReport) => Promise<void>,
): Promise<T> {
  const session = await open(options);
  try {
    return await traced(options.name, work, { attributes: options.attributes });
  } finally {
    // Not even the log may fail what is traced.
    await report(await close(session)).catch(() => {});
  }
}

type Opened = import('./session.ts').Session | { readonly failed: unknown };

/** The SDK's modules are loaded here, and by nobody who is not traced. */
async function open(options: TraceOptions): Promise<Opened> {
  try {
    const { openSession } = await import('./session.ts');
    return openSession(options);
  } catch (failed) {
    return { failed };
  }
}

async function close(session: Opened): Promise<TraceReport> {
  try {
    if ('failed' in session) throw session.failed;
    const { away, lost, pendingLookups } = await session.close();
    const kept = away === null ? null : `traces are kept until later: ${away.reason}`;
    const warnings = away?.needsAttention && kept !== null ? [kept, ...lost] : lost;
    return { warnings, waiting: away?.needsAttention ? null : kept, stuck: pendingLookups > 0 };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { warnings: [`no trace of this: ${why}`], waiting: null, stuck: false };
  }
}
