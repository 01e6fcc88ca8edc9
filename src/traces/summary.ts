import type { Trace } from './trace.ts';
import { flattened, treeOf } from './tree.ts';

/** A trace in one line. Times are Unix nanoseconds. */
export interface TraceSummary {
  /** In hex, 32 digits. */
  readonly traceId: string;
  /** Of its first root: the span that nobody in the trace called, or whose caller has not come. */
  readonly service: string;
  readonly operation: string;
  readonly startNs: bigint;
  /** From its first span's start to its last one's end. */
  readonly durationNs: bigint;
  readonly spans: number;
  readonly errors: number;
  /** By name. */
  readonly services: readonly string[];
}

export function summaryOf(trace: Trace): TraceSummary {
  const [root] = flattened(treeOf(trace));
  const { startNs, endNs } = extentOf(trace);
  return {
    traceId: trace.traceId,
    service: root?.span.service ?? '',
    operation: root?.span.operation ?? '',
    startNs,
    durationNs: endNs - startNs,
    spans: trace.spans.length,
    errors: trace.spans.filter(({ isError }) => isError).length,
    services: [...new Set(trace.spans.map(({ service }) => service))].toSorted(),
  };
}

/** From when to when. */
export function extentOf({ spans }: Trace): { readonly startNs: bigint; readonly endNs: bigint } {
  let [startNs, endNs] = [spans[0]?.startNs ?? 0n, 0n];
  for (const span of spans) {
    if (span.startNs < startNs) startNs = span.startNs;
    const end = span.startNs + span.durationNs;
    if (end > endNs) endNs = end;
  }
  return { startNs, endNs };
}
