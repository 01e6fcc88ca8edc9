import { isZero, wideTraceId } from './ids.ts';
import { int32At, LENGTH, tagOf, VARINT, WireReader } from './wire.ts';

const TRACE_ID = tagOf(1, LENGTH);
const SPAN_ID = tagOf(2, LENGTH);
const TYPE = tagOf(3, VARINT);

const CHILD_OF = 0;
const FOLLOWS_FROM = 1;

export interface Reference {
  readonly traceId: Uint8Array | undefined;
  readonly spanId: Uint8Array | undefined;
  /** 0: CHILD_OF, 1: FOLLOWS_FROM */
  readonly type: number;
}

/**
 * @returns why its span can't be kept, where it can't: readers in Go refuse the whole answer for an id of another length,
 *   be it one that does not count
 */
export function referenceAt(bytes: Uint8Array, from: number, to: number): Reference | string {
  let traceId: Uint8Array | undefined;
  let spanId: Uint8Array | undefined;
  let type = CHILD_OF;
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    const length = field.to - field.from;
    if (field.tag === TRACE_ID) {
      if (length !== 16 && length !== 8) return `a reference's trace id has ${length} bytes, not 16`;
      traceId = bytes.subarray(field.from, field.to);
    } else if (field.tag === SPAN_ID) {
      if (length !== 8) return `a reference's span id has ${length} bytes, not 8`;
      spanId = bytes.subarray(field.from, field.to);
    } else if (field.tag === TYPE) type = int32At(bytes, field.from);
  }
  return { traceId, spanId, type };
}

/** @see jaegertracing/jaeger: model/span.go, ParentSpanID (v1.57.0) */
export function parentOf(traceId: Uint8Array, references: readonly Reference[]): Uint8Array | undefined {
  const own = references.filter((one) => isSameTrace(one.traceId, traceId));
  const parent = (own.find(({ type }) => type === CHILD_OF) ?? own.find(({ type }) => type === FOLLOWS_FROM))
    ?.spanId;
  return parent === undefined || isZero(parent) ? undefined : parent;
}

function isSameTrace(id: Uint8Array | undefined, traceId: Uint8Array): boolean {
  if (id === undefined) return false;
  return Buffer.compare(id.length === 8 ? wideTraceId(id) : id, traceId) === 0;
}
