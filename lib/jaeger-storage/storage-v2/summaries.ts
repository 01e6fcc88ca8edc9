import type { MessageInitShape } from '@bufbuild/protobuf';
import type { FindTraceSummariesResponseSchema } from '../proto/trace_storage_pb.ts';
import { readSpans } from '../spans/read-spans.ts';
import type { SpanRecord } from '../spans/span-record.ts';
import { summarize, type TraceSummary } from '../spans/summary.ts';
import type { TracePart } from '../trace-store.ts';

/** How many go in one message: some tens of kilobytes. */
const chunkSummaries = 100;

/** The messages of an answer. A trace is read and let go before the next one is asked for. */
export async function* summaryChunks(
  parts: AsyncIterable<TracePart>,
): AsyncGenerator<MessageInitShape<typeof FindTraceSummariesResponseSchema>> {
  let chunk: TraceSummary[] = [];
  for await (const summary of summaries(parts)) {
    chunk.push(summary);
    if (chunk.length < chunkSummaries) continue;
    yield messageOf(chunk);
    chunk = [];
  }
  if (chunk.length > 0) yield messageOf(chunk);
}

async function* summaries(parts: AsyncIterable<TracePart>): AsyncGenerator<TraceSummary> {
  let trace: { readonly id: Uint8Array; readonly spans: SpanRecord[] } | undefined;
  for await (const { traceId, spans } of parts) {
    if (trace !== undefined && Buffer.compare(trace.id, traceId) !== 0) {
      yield summarize(trace.spans);
      trace = undefined;
    }
    trace ??= { id: traceId, spans: [] };
    for (const some of spans) for (const record of readSpans(some)) trace.spans.push(record);
  }
  if (trace !== undefined) yield summarize(trace.spans);
}

function messageOf(all: readonly TraceSummary[]): MessageInitShape<typeof FindTraceSummariesResponseSchema> {
  return { summaries: all.map((summary) => ({ ...summary, services: [...summary.services] })) };
}
