import type { SpanFormat } from '../trace-store.ts';
import { ByteReader, DamagedError } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** A span as a fragment keeps it: what senders share stands in tables of its own. */
export interface FragmentSpan {
  readonly format: SpanFormat;
  readonly resource: number;
  readonly scope: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const formats: readonly SpanFormat[] = ['otlp', 'jaeger'];

/**
 * The body of a fragment: all spans of one trace out of one commit. In runs of equal format, resource and scope: those
 * three, the number of spans (varints), and for each its length (varint) and bytes.
 */
export function encodeFragment(
  spans: readonly FragmentSpan[],
  from: number,
  to: number,
  writer: ByteWriter,
): Uint8Array<ArrayBuffer> {
  for (let first = from; first < to; ) {
    const { format, resource, scope } = spans[first] as FragmentSpan;
    let end = first + 1;
    for (; end < to; end += 1) {
      const next = spans[end] as FragmentSpan;
      if (next.resource !== resource || next.scope !== scope || next.format !== format) break;
    }
    writer.byte(formats.indexOf(format));
    writer.varint(resource);
    writer.varint(scope);
    writer.varint(end - first);
    for (; first < end; first += 1) {
      const { bytes } = spans[first] as FragmentSpan;
      writer.varint(bytes.length);
      writer.bytes(bytes);
    }
  }
  return writer.take();
}

/** @returns the spans in the order that they were written in; views of `body` */
export function decodeFragment(body: Uint8Array<ArrayBuffer>): FragmentSpan[] {
  const reader = new ByteReader(body);
  const spans: FragmentSpan[] = [];
  while (!reader.isAtEnd) {
    const format = formats[reader.byte()];
    if (format === undefined) throw new DamagedError('a fragment is of an unknown format');
    const resource = reader.varint();
    const scope = reader.varint();
    for (let left = reader.varint(); left > 0; left -= 1) {
      spans.push({ format, resource, scope, bytes: reader.bytes(reader.varint()) });
    }
  }
  return spans;
}
