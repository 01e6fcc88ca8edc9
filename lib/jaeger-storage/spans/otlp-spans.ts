import type { SpanKind } from '../trace-store.ts';
import { checkWire, OTLP_SPAN } from './check-wire.ts';
import { isZero, NO_SPAN_ID, traceIdTrouble, wideTraceId, withBytesField } from './ids.ts';
import { INNER_SPANS, OtlpResource, OtlpScope, outerOf, RESOURCE_SPANS } from './otlp-senders.ts';
import { otlpAttributeAt } from './otlp-value.ts';
import type {
  AttributeLevel,
  ResourceRecord,
  ScopeRecord,
  SearchableAttribute,
  SpanRecord,
  SpanStatus,
} from './span-record.ts';
import { textAt } from './text.ts';
import { FIXED64, fixed64At, int32At, isField, LENGTH, tagOf, VARINT, WireReader } from './wire.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export function readOtlpSpans(bytes: Bytes, onRejected: (reason: string) => void): SpanRecord[] {
  const records: SpanRecord[] = [];
  const top = new WireReader(bytes);
  while (top.next()) {
    if (!isField(top, RESOURCE_SPANS)) continue;
    const resource = new OtlpResource(outerOf(bytes, top));
    const scopes = new WireReader(bytes, top.from, top.to);
    while (scopes.next()) {
      if (!isField(scopes, INNER_SPANS)) continue;
      const scope = new OtlpScope(outerOf(bytes, scopes));
      const spans = new WireReader(bytes, scopes.from, scopes.to);
      while (spans.next()) {
        if (!isField(spans, INNER_SPANS)) continue;
        const record = readSpan(bytes.subarray(spans.from, spans.to), resource, scope);
        if (typeof record === 'string') onRejected(record);
        else records.push(record);
      }
    }
  }
  return records;
}

const TRACE_ID = tagOf(1, LENGTH);
const SPAN_ID = tagOf(2, LENGTH);
const PARENT_SPAN_ID = tagOf(4, LENGTH);
const NAME = tagOf(5, LENGTH);
const KIND = tagOf(6, VARINT);
const START = tagOf(7, FIXED64);
const END = tagOf(8, FIXED64);
const ATTRIBUTE = tagOf(9, LENGTH);
const EVENT = tagOf(11, LENGTH);
const EVENT_ATTRIBUTE = tagOf(3, LENGTH);
const LINK = tagOf(13, LENGTH);
const LINK_ATTRIBUTE = tagOf(4, LENGTH);
const STATUS = tagOf(15, LENGTH);
const CODE = tagOf(3, VARINT);

const KINDS: readonly SpanKind[] = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUSES: readonly SpanStatus[] = ['unset', 'ok', 'error'];

/** How many messages a span is in: TracesData, ResourceSpans, ScopeSpans, and itself. */
const SPAN_DEPTH = 4;

class OtlpSpan implements SpanRecord {
  readonly format = 'otlp';
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array | undefined;
  readonly resource: ResourceRecord;
  readonly scope: ScopeRecord;
  readonly operation: string;
  readonly kind: SpanKind;
  readonly startNs: bigint;
  readonly durationNs: bigint;
  readonly status: SpanStatus;
  readonly isFirehose = false;
  readonly bytes: Bytes;
  #attributes: readonly SearchableAttribute[] | undefined;

  constructor(read: Omit<SpanRecord, 'format' | 'isError' | 'isFirehose' | 'attributes'>) {
    this.traceId = read.traceId;
    this.spanId = read.spanId;
    this.parentSpanId = read.parentSpanId;
    this.resource = read.resource;
    this.scope = read.scope;
    this.operation = read.operation;
    this.kind = read.kind;
    this.startNs = read.startNs;
    this.durationNs = read.durationNs;
    this.status = read.status;
    this.bytes = read.bytes;
  }

  get isError(): boolean {
    return this.status === 'error';
  }

  get attributes(): readonly SearchableAttribute[] {
    this.#attributes ??= spanAttributes(this.bytes);
    return this.#attributes;
  }
}

/** @returns why it can't be kept, where it can't */
function readSpan(bytes: Bytes, resource: ResourceRecord, scope: ScopeRecord): SpanRecord | string {
  checkWire(bytes, 0, bytes.length, OTLP_SPAN, SPAN_DEPTH);
  let traceId: Bytes | undefined;
  let spanId: Bytes | undefined;
  let parentSpanId: Bytes | undefined;
  let isOdd = false;
  let operation = '';
  let kind = 0;
  let startNs = 0n;
  let endNs = 0n;
  let code = 0;
  const field = new WireReader(bytes);
  while (field.next()) {
    const { tag, from, to } = field;
    if (tag === TRACE_ID) {
      isOdd ||= traceId !== undefined;
      traceId = bytes.subarray(from, to);
    } else if (tag === SPAN_ID) {
      isOdd ||= spanId !== undefined;
      spanId = bytes.subarray(from, to);
    } else if (tag === PARENT_SPAN_ID) {
      isOdd ||= parentSpanId !== undefined;
      parentSpanId = bytes.subarray(from, to);
    } else if (tag === NAME) operation = textAt(bytes, from, to);
    else if (tag === KIND) kind = int32At(bytes, from);
    else if (tag === START) startNs = fixed64At(bytes, from);
    else if (tag === END) endNs = fixed64At(bytes, from);
    else if (tag === STATUS) code = statusCode(bytes, from, to, code);
    else if (tag === LINK) {
      const trouble = linkTrouble(bytes, from, to);
      if (trouble !== undefined) return trouble;
    }
  }
  const trouble =
    traceIdTrouble(traceId) ?? idTrouble(spanId, 'span') ?? idTrouble(parentSpanId, 'parent span');
  if (traceId === undefined || trouble !== undefined) return trouble ?? 'a span has no trace id';
  if (traceId.length === 8) {
    isOdd = true;
    traceId = wideTraceId(traceId);
  }
  return new OtlpSpan({
    traceId,
    spanId: spanId === undefined || spanId.length === 0 ? NO_SPAN_ID : spanId,
    parentSpanId: parentSpanId === undefined || isZero(parentSpanId) ? undefined : parentSpanId,
    resource,
    scope,
    operation,
    kind: KINDS[kind] ?? '',
    startNs,
    durationNs: endNs > startNs ? endNs - startNs : 0n,
    status: STATUSES[code] ?? 'unset',
    bytes: isOdd
      ? withIds(bytes, [
          [1, traceId],
          [2, spanId],
          [4, parentSpanId],
        ])
      : bytes,
  });
}

/**
 * OpenTelemetry's readers take trace ids of 16 bytes only, and refuse the whole answer for one id of another length, be
 * it one that does not count.
 * @param ids - by field
 */
function withIds(bytes: Bytes, ids: readonly [number, Bytes | undefined][]): Bytes {
  return ids.reduce(
    (span, [field, id]) => (id === undefined ? span : withBytesField(span, field, id)),
    bytes,
  );
}

function statusCode(bytes: Uint8Array, from: number, to: number, before: number): number {
  let code = before;
  const field = new WireReader(bytes, from, to);
  while (field.next()) if (field.tag === CODE) code = int32At(bytes, field.from);
  return code;
}

function idTrouble(id: Uint8Array | undefined, of: string): string | undefined {
  if (id === undefined || id.length === 8 || id.length === 0) return undefined;
  return `a ${of} id has ${id.length} bytes, not 8`;
}

/** Readers in Go refuse the whole answer where an id in it has another length. */
function linkTrouble(bytes: Uint8Array, from: number, to: number): string | undefined {
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    const length = field.to - field.from;
    if (field.tag === TRACE_ID && length !== 0 && length !== 16)
      return `a link's trace id has ${length} bytes, not 16`;
    if (field.tag === SPAN_ID && length !== 0 && length !== 8)
      return `a link's span id has ${length} bytes, not 8`;
  }
  return undefined;
}

function spanAttributes(bytes: Bytes): SearchableAttribute[] {
  const attributes: SearchableAttribute[] = [];
  const field = new WireReader(bytes);
  while (field.next()) {
    const { tag, from, to } = field;
    if (tag === ATTRIBUTE) attributes.push(otlpAttributeAt(bytes, from, to, 'span'));
    else if (tag === EVENT) pushAttributes(attributes, bytes, from, to, EVENT_ATTRIBUTE, 'event');
    else if (tag === LINK) pushAttributes(attributes, bytes, from, to, LINK_ATTRIBUTE, 'link');
  }
  return attributes;
}

function pushAttributes(
  attributes: SearchableAttribute[],
  bytes: Bytes,
  from: number,
  to: number,
  tag: number,
  level: AttributeLevel,
): void {
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === tag) attributes.push(otlpAttributeAt(bytes, field.from, field.to, level));
  }
}
