import type { EncodedSpans } from '../trace-store.ts';
import { readJaegerSpans } from './jaeger-spans.ts';
import { readOtlpSpans } from './otlp-spans.ts';
import type { SpanRecord } from './span-record.ts';

/**
 * Reads what a store has to know, in the order of the bytes, without decoding the rest. All that is read is checked to
 * be decodable to its last field, so that no span that is kept can spoil an answer later.
 *
 * A span that can't be kept is left out, and `onRejected` told why: it has no trace id, or an id of a wrong length, or
 * in 'jaeger' format a time that Jaeger's own readers refuse. Trace ids of 8 bytes are the lower half of 16; a span
 * without an id has id 0; a Jaeger span without a process gets an empty one, which Jaeger's readers take for granted.
 * Everything else is taken as it is.
 * @throws {TraceStoreError} code INVALID: the bytes are not of that format
 */
export function readSpans(
  spans: EncodedSpans,
  onRejected: (reason: string) => void = () => undefined,
): SpanRecord[] {
  return spans.format === 'otlp'
    ? readOtlpSpans(spans.bytes, onRejected)
    : readJaegerSpans(spans.bytes, onRejected);
}
