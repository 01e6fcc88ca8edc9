import { EncodedMessage } from '#lib/go-plugin';
import { splitBySize } from '../spans/write-spans.ts';
import type { EncodedSpans, SpanFormat, TracePart } from '../trace-store.ts';

/** What one message of an answer holds at most; as Jaeger's own server has it. */
const chunkSpans = 1000;
/** Clients of Jaeger take 4 MiB. A single span may have more. */
const chunkBytes = 2 * 1024 * 1024;

/**
 * The messages of an answer: each with spans of one trace, and those of a trace one after the other, as parts are.
 * @param convert - makes spans of `format` of those that are not
 */
export async function* chunksOf(
  parts: AsyncIterable<TracePart>,
  format: SpanFormat,
  convert: (spans: EncodedSpans) => EncodedSpans,
): AsyncGenerator<EncodedMessage> {
  for await (const { spans } of parts) {
    const converted = spans.map((some) => (some.format === format ? some : convert(some)));
    for (const { bytes } of splitBySize(joined(converted, format), chunkBytes, chunkSpans)) {
      yield new EncodedMessage(bytes);
    }
  }
}

function joined(all: readonly EncodedSpans[], format: SpanFormat): EncodedSpans {
  const [first] = all;
  if (all.length === 1 && first !== undefined) return first;
  return { format, bytes: new Uint8Array(Buffer.concat(all.map(({ bytes }) => bytes))) };
}
