import { wideTraceId } from '../spans/ids.ts';
import { type FindTag, findTagIn, tagAt } from '../spans/jaeger-tags.ts';
import { otlpAttributeAt } from '../spans/otlp-value.ts';
import type { SearchableAttribute, SpanRecord } from '../spans/span-record.ts';
import { textAt } from '../spans/text.ts';
import { FIXED64, fixed64At, int32At, int64At, LENGTH, tagOf, VARINT, WireReader } from '../spans/wire.ts';

/** What filters ask of a span and its record does not say. Texts that are not there are ''. */
export interface SpanDetails {
  readonly statusMessage: string;
  readonly traceState: string;
  readonly resourceSchemaUrl: string;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeSchemaUrl: string;
  readonly events: readonly EventDetails[];
  readonly links: readonly LinkDetails[];
}

export interface EventDetails {
  readonly name: string;
  /** Unix nanoseconds; undefined where it is not said. */
  readonly timeNs: bigint | undefined;
  readonly attributes: readonly SearchableAttribute[];
}

export interface LinkDetails {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly traceState: string;
  readonly attributes: readonly SearchableAttribute[];
}

/** Reads what {@link SpanRecord} leaves out: for filters alone, which are rare, and only where they ask for it. */
export function spanDetails(span: SpanRecord): SpanDetails {
  return span.format === 'otlp' ? otlpDetails(span) : jaegerDetails(span);
}

const SCHEMA_URL = tagOf(3, LENGTH);

const STATUS = tagOf(15, LENGTH);
const STATUS_MESSAGE = tagOf(2, LENGTH);
const TRACE_STATE = tagOf(3, LENGTH);
const EVENT = tagOf(11, LENGTH);
const EVENT_TIME = tagOf(1, FIXED64);
const EVENT_NAME = tagOf(2, LENGTH);
const EVENT_ATTRIBUTE = tagOf(3, LENGTH);
const LINK = tagOf(13, LENGTH);
const LINK_TRACE_ID = tagOf(1, LENGTH);
const LINK_SPAN_ID = tagOf(2, LENGTH);
const LINK_TRACE_STATE = tagOf(3, LENGTH);
const LINK_ATTRIBUTE = tagOf(4, LENGTH);

function otlpDetails({ bytes, resource, scope }: SpanRecord): SpanDetails {
  let statusMessage = '';
  let traceState = '';
  const events: EventDetails[] = [];
  const links: LinkDetails[] = [];
  const field = new WireReader(bytes);
  while (field.next()) {
    const { tag, from, to } = field;
    if (tag === TRACE_STATE) traceState = textAt(bytes, from, to);
    else if (tag === EVENT) events.push(otlpEvent(bytes, from, to));
    else if (tag === LINK) links.push(otlpLink(bytes, from, to));
    else if (tag === STATUS) {
      const status = new WireReader(bytes, from, to);
      while (status.next()) {
        if (status.tag === STATUS_MESSAGE) statusMessage = textAt(bytes, status.from, status.to);
      }
    }
  }
  return {
    statusMessage,
    traceState,
    resourceSchemaUrl: schemaUrlOf(resource.bytes),
    scopeName: scope.name,
    scopeVersion: scope.version,
    scopeSchemaUrl: schemaUrlOf(scope.bytes),
    events,
    links,
  };
}

/** Of a ResourceSpans or ScopeSpans. */
function schemaUrlOf(bytes: Uint8Array): string {
  let url = '';
  const field = new WireReader(bytes);
  while (field.next()) if (field.tag === SCHEMA_URL) url = textAt(bytes, field.from, field.to);
  return url;
}

function otlpEvent(bytes: Uint8Array, from: number, to: number): EventDetails {
  let name = '';
  let timeNs = 0n;
  const attributes: SearchableAttribute[] = [];
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === EVENT_TIME) timeNs = fixed64At(bytes, field.from);
    else if (field.tag === EVENT_NAME) name = textAt(bytes, field.from, field.to);
    else if (field.tag === EVENT_ATTRIBUTE)
      attributes.push(otlpAttributeAt(bytes, field.from, field.to, 'event'));
  }
  return { name, timeNs: timeNs === 0n ? undefined : timeNs, attributes };
}

const NO_ID = new Uint8Array(0);

function otlpLink(bytes: Uint8Array, from: number, to: number): LinkDetails {
  let traceId: Uint8Array = NO_ID;
  let spanId: Uint8Array = NO_ID;
  let traceState = '';
  const attributes: SearchableAttribute[] = [];
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === LINK_TRACE_ID) traceId = bytes.subarray(field.from, field.to);
    else if (field.tag === LINK_SPAN_ID) spanId = bytes.subarray(field.from, field.to);
    else if (field.tag === LINK_TRACE_STATE) traceState = textAt(bytes, field.from, field.to);
    else if (field.tag === LINK_ATTRIBUTE)
      attributes.push(otlpAttributeAt(bytes, field.from, field.to, 'link'));
  }
  return { traceId, spanId, traceState, attributes };
}

const REFERENCE = tagOf(4, LENGTH);
const REFERENCE_TRACE_ID = tagOf(1, LENGTH);
const REFERENCE_SPAN_ID = tagOf(2, LENGTH);
const REFERENCE_TYPE = tagOf(3, VARINT);
const CHILD_OF = 0;
const LOG = tagOf(9, LENGTH);
const LOG_TIME = tagOf(1, LENGTH);
const LOG_FIELD = tagOf(2, LENGTH);
const SECONDS = tagOf(1, VARINT);
const NANOS = tagOf(2, VARINT);

/** In Jaeger's model the same things are tags, logs and references: see convert/ for what is what. */
function jaegerDetails({ bytes, attributes, traceId }: SpanRecord): SpanDetails {
  const find = findTagIn(attributes);
  const events: EventDetails[] = [];
  const links: LinkDetails[] = [];
  let hasParent = false;
  const field = new WireReader(bytes);
  while (field.next()) {
    if (field.tag === LOG) events.push(jaegerEvent(bytes, field.from, field.to));
    if (field.tag !== REFERENCE) continue;
    const { type, ...link } = reference(bytes, field.from, field.to);
    // The first of the same trace says who the parent is; the others are links.
    const isParent = !hasParent && type === CHILD_OF && Buffer.compare(link.traceId, traceId) === 0;
    if (isParent) hasParent = true;
    else links.push(link);
  }
  return {
    statusMessage: textOf(find, 'otel.status_description'),
    traceState: textOf(find, 'w3c.tracestate'),
    resourceSchemaUrl: '',
    scopeName: textOf(find, 'otel.scope.name'),
    scopeVersion: textOf(find, 'otel.scope.version'),
    scopeSchemaUrl: '',
    events,
    links,
  };
}

function textOf(find: FindTag, key: string): string {
  const value = find(key);
  return value?.type === 'string' ? value.value : '';
}

function reference(bytes: Uint8Array, from: number, to: number): LinkDetails & { type: number } {
  let traceId: Uint8Array = NO_ID;
  let spanId: Uint8Array = NO_ID;
  let type = CHILD_OF;
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === REFERENCE_TRACE_ID) traceId = wide(bytes.subarray(field.from, field.to));
    else if (field.tag === REFERENCE_SPAN_ID) spanId = bytes.subarray(field.from, field.to);
    else if (field.tag === REFERENCE_TYPE) type = int32At(bytes, field.from);
  }
  return { traceId, spanId, type, traceState: '', attributes: [] };
}

function wide(id: Uint8Array): Uint8Array {
  return id.length === 8 ? wideTraceId(id) : id;
}

function jaegerEvent(bytes: Uint8Array, from: number, to: number): EventDetails {
  let timeNs: bigint | undefined;
  const attributes: SearchableAttribute[] = [];
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === LOG_TIME) timeNs = timestampAt(bytes, field.from, field.to);
    else if (field.tag === LOG_FIELD) attributes.push(tagAt(bytes, field.from, field.to, 'event'));
  }
  const name = attributes.find(({ key, value }) => key === 'event' && value.type === 'string')?.value;
  return { name: name?.type === 'string' ? name.value : '', timeNs, attributes };
}

/** undefined: Go's way to say that a time was never set, the first second of the year 1. */
function timestampAt(bytes: Uint8Array, from: number, to: number): bigint | undefined {
  let seconds = 0n;
  let nanos = 0;
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag === SECONDS) seconds = int64At(bytes, field.from);
    else if (field.tag === NANOS) nanos = int32At(bytes, field.from);
  }
  return seconds === -62_135_596_800n ? undefined : seconds * 1_000_000_000n + BigInt(nanos);
}
