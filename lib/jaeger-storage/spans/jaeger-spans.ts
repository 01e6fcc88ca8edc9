import type { SpanKind } from '../trace-store.ts';
import { checkWire, JAEGER_SPAN } from './check-wire.ts';
import { NO_SPAN_ID, traceIdTrouble, wideTraceId, withBytesField } from './ids.ts';
import { parentOf, type Reference, referenceAt } from './jaeger-references.ts';
import { findTagIn, kindOf, statusOf, tagAt } from './jaeger-tags.ts';
import {
  hasGoodTime,
  isGoodDuration,
  isGoodTime,
  NO_DURATION,
  NO_TIME,
  nanoseconds,
  timeAt,
} from './jaeger-times.ts';
import type {
  ResourceRecord,
  ScopeRecord,
  SearchableAttribute,
  SpanRecord,
  SpanStatus,
} from './span-record.ts';
import { textAt } from './text.ts';
import { concat, int32At, isField, LENGTH, tagOf, VARINT, WireReader } from './wire.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Span of SpansResponseChunk. */
export const CHUNK_SPAN = tagOf(1, LENGTH);

const TRACE_ID = tagOf(1, LENGTH);
const SPAN_ID = tagOf(2, LENGTH);
const OPERATION = tagOf(3, LENGTH);
const REFERENCE = tagOf(4, LENGTH);
const FLAGS = tagOf(5, VARINT);
const START_TIME = tagOf(6, LENGTH);
const DURATION = tagOf(7, LENGTH);
const TAG = tagOf(8, LENGTH);
const LOG = tagOf(9, LENGTH);
const LOG_FIELD = tagOf(2, LENGTH);
const PROCESS = tagOf(10, LENGTH);
const SERVICE_NAME = tagOf(1, LENGTH);
const PROCESS_TAG = tagOf(2, LENGTH);

const FIREHOSE = 8;

/** How many messages a span is in: SpansResponseChunk, and itself. */
const SPAN_DEPTH = 2;

/** A process without anything: Jaeger's readers take for granted that there is one. */
const EMPTY_PROCESS: Bytes = Uint8Array.of(PROCESS, 0);

const NO_SCOPE: ScopeRecord = { bytes: new Uint8Array(0), name: '', version: '', attributes: [] };

export function readJaegerSpans(bytes: Bytes, onRejected: (reason: string) => void): SpanRecord[] {
  const records: SpanRecord[] = [];
  let resource: JaegerResource | undefined;
  const top = new WireReader(bytes);
  while (top.next()) {
    if (!isField(top, CHUNK_SPAN)) continue;
    checkWire(bytes, top.from, top.to, JAEGER_SPAN, SPAN_DEPTH);
    const [span, process] = splitProcess(bytes, top.from, top.to);
    if (resource === undefined || Buffer.compare(resource.bytes, process) !== 0)
      resource = new JaegerResource(process);
    const record = readSpan(span, resource);
    if (typeof record === 'string') onRejected(record);
    else records.push(record);
  }
  return records;
}

/**
 * The span without its process, and the process alone: views where the process is the first or the last field, as Go
 * writes it.
 */
function splitProcess(bytes: Bytes, from: number, to: number): [span: Bytes, process: Bytes] {
  const rest: Bytes[] = [];
  const processes: Bytes[] = [];
  let start = from;
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag !== PROCESS) continue;
    if (field.start > start) rest.push(bytes.subarray(start, field.start));
    start = field.position;
    // More than one are one in pieces, for every reader.
    processes.push(bytes.subarray(field.start, field.position));
  }
  if (to > start) rest.push(bytes.subarray(start, to));
  return [
    rest.length === 1 ? (rest[0] as Bytes) : concat(rest),
    processes.length === 0
      ? EMPTY_PROCESS
      : processes.length === 1
        ? (processes[0] as Bytes)
        : concat(processes),
  ];
}

class JaegerResource implements ResourceRecord {
  readonly format = 'jaeger';
  readonly bytes: Bytes;
  readonly service: string = '';
  readonly attributes: readonly SearchableAttribute[];

  constructor(bytes: Bytes) {
    this.bytes = bytes;
    const attributes: SearchableAttribute[] = [];
    const outer = new WireReader(bytes);
    while (outer.next()) {
      const field = new WireReader(bytes, outer.from, outer.to);
      while (field.next()) {
        if (field.tag === SERVICE_NAME) this.service = textAt(bytes, field.from, field.to);
        else if (field.tag === PROCESS_TAG) attributes.push(tagAt(bytes, field.from, field.to, 'resource'));
      }
    }
    this.attributes = attributes;
  }
}

class JaegerSpan implements SpanRecord {
  readonly format = 'jaeger';
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array | undefined;
  readonly resource: ResourceRecord;
  readonly scope = NO_SCOPE;
  readonly operation: string;
  readonly startNs: bigint;
  readonly durationNs: bigint;
  readonly isFirehose: boolean;
  readonly bytes: Bytes;
  #attributes: readonly SearchableAttribute[] | undefined;

  constructor(read: Omit<SpanRecord, 'format' | 'scope' | 'kind' | 'status' | 'isError' | 'attributes'>) {
    this.traceId = read.traceId;
    this.spanId = read.spanId;
    this.parentSpanId = read.parentSpanId;
    this.resource = read.resource;
    this.operation = read.operation;
    this.startNs = read.startNs;
    this.durationNs = read.durationNs;
    this.isFirehose = read.isFirehose;
    this.bytes = read.bytes;
  }

  get kind(): SpanKind {
    return kindOf(findTagIn(this.attributes));
  }

  get status(): SpanStatus {
    return statusOf(findTagIn(this.attributes));
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
function readSpan(bytes: Bytes, resource: ResourceRecord): SpanRecord | string {
  let traceId: Bytes | undefined;
  let spanId: Bytes | undefined;
  let isIdTwice = false;
  let operation = '';
  let flags = 0;
  const references: Reference[] = [];
  let startNs = 0n;
  let durationNs = 0n;
  const field = new WireReader(bytes);
  while (field.next()) {
    const { tag, from, to } = field;
    if (tag === TRACE_ID) {
      isIdTwice ||= traceId !== undefined;
      traceId = bytes.subarray(from, to);
    } else if (tag === SPAN_ID) {
      isIdTwice ||= spanId !== undefined;
      spanId = bytes.subarray(from, to);
    } else if (tag === OPERATION) operation = textAt(bytes, from, to);
    else if (tag === REFERENCE) {
      const reference = referenceAt(bytes, from, to);
      if (typeof reference === 'string') return reference;
      references.push(reference);
    } else if (tag === FLAGS) flags = int32At(bytes, from);
    else if (tag === START_TIME) {
      const start = timeAt(bytes, from, to);
      if (!isGoodTime(start)) return NO_TIME;
      startNs = nanoseconds(start);
    } else if (tag === DURATION) {
      const duration = timeAt(bytes, from, to);
      if (!isGoodDuration(duration)) return NO_DURATION;
      durationNs = nanoseconds(duration);
    } else if (tag === LOG && !hasGoodTime(bytes, from, to)) return NO_TIME;
  }
  const trouble = traceIdTrouble(traceId) ?? spanIdTrouble(spanId);
  if (traceId === undefined || trouble !== undefined) return trouble ?? 'a span has no trace id';
  const wide = traceId.length === 8 ? wideTraceId(traceId) : traceId;
  const ownId = spanId === undefined || spanId.length === 0 ? NO_SPAN_ID : spanId;
  return new JaegerSpan({
    traceId: wide,
    spanId: ownId,
    parentSpanId: parentOf(wide, references),
    resource,
    operation,
    startNs,
    durationNs: durationNs > 0n ? durationNs : 0n,
    isFirehose: (flags & FIREHOSE) !== 0,
    // Jaeger's readers refuse the whole answer for one id of another length, be it one that does not count.
    bytes:
      isIdTwice || spanId?.length === 0 ? withBytesField(withBytesField(bytes, 1, wide), 2, ownId) : bytes,
  });
}

function spanIdTrouble(id: Uint8Array | undefined): string | undefined {
  if (id === undefined || id.length === 8 || id.length === 0) return undefined;
  return `a span id has ${id.length} bytes, not 8`;
}

function spanAttributes(bytes: Bytes): SearchableAttribute[] {
  const attributes: SearchableAttribute[] = [];
  const field = new WireReader(bytes);
  while (field.next()) {
    if (field.tag === TAG) attributes.push(tagAt(bytes, field.from, field.to, 'span'));
    else if (field.tag === LOG) pushFields(attributes, bytes, field.from, field.to);
  }
  return attributes;
}

function pushFields(attributes: SearchableAttribute[], bytes: Bytes, from: number, to: number): void {
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === LOG_FIELD) attributes.push(tagAt(bytes, field.from, field.to, 'event'));
  }
}
