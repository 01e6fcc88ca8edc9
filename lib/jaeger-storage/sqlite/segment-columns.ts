import { DamagedError } from './byte-reader.ts';
import type { SegmentColumns } from './open-segment.ts';

/**
 * The columns of a sealed segment as they stand in its row: how many spans and fragments (two uint32), starts and
 * durations (float64), first spans of the fragments (uint32), trace ids; numbers little endian.
 */
export function encodeColumns(columns: SegmentColumns): Uint8Array<ArrayBuffer> {
  const { spans, fragments } = columns;
  const encoded = new Uint8Array(columnBytes(spans, fragments));
  const head = new DataView(encoded.buffer);
  head.setUint32(0, spans, true);
  head.setUint32(4, fragments, true);
  let at = 8;
  for (const part of [
    columns.starts.subarray(0, spans),
    columns.durations.subarray(0, spans),
    columns.fragmentSpans.subarray(0, fragments),
    columns.traceIds.subarray(0, fragments * 16),
  ]) {
    encoded.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return encoded;
}

/** @param encoded - kept, not copied where its place in memory allows */
export function decodeColumns(encoded: Uint8Array<ArrayBuffer>, firstFragment: number): SegmentColumns {
  if (encoded.length < 8) throw new DamagedError('the columns of a segment are missing');
  // Arrays of numbers begin at multiples of their size.
  const bytes = encoded.byteOffset % 8 === 0 ? encoded : encoded.slice();
  const head = new DataView(bytes.buffer, bytes.byteOffset);
  const spans = head.getUint32(0, true);
  const fragments = head.getUint32(4, true);
  if (bytes.length !== columnBytes(spans, fragments))
    throw new DamagedError('the columns of a segment are cut off');
  const at = bytes.byteOffset + 8;
  return {
    spans,
    fragments,
    firstFragment,
    starts: new Float64Array(bytes.buffer, at, spans),
    durations: new Float64Array(bytes.buffer, at + spans * 8, spans),
    fragmentSpans: new Uint32Array(bytes.buffer, at + spans * 16, fragments),
    traceIds: new Uint8Array(bytes.buffer, at + spans * 16 + fragments * 4, fragments * 16),
  };
}

function columnBytes(spans: number, fragments: number): number {
  return 8 + spans * 16 + fragments * 20;
}
