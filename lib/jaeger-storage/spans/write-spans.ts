import type { EncodedSpans, SpanFormat } from '../trace-store.ts';
import { CHUNK_SPAN } from './jaeger-spans.ts';
import { INNER_SPANS, RESOURCE_SPANS, rawOtlpSpans } from './otlp-senders.ts';
import { isField, varintSize, WireReader, writeVarint } from './wire.ts';

/** A span as a store keeps it: the `bytes` of a record, of its resource and of its scope. */
export interface StoredSpan {
  readonly format: SpanFormat;
  readonly resource: Uint8Array;
  readonly scope: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * Puts stored spans together again: one message per run of spans of the same format. Spans one after the other with the
 * same resource, and the same scope, share one ResourceSpans and one ScopeSpans.
 */
export function encodeTrace(spans: Iterable<StoredSpan>): EncodedSpans[] {
  const encoded: EncodedSpans[] = [];
  let run: StoredSpan[] = [];
  const end = () => {
    const format = run[0]?.format;
    if (format !== undefined) encoded.push({ format, bytes: format === 'otlp' ? otlp(run) : jaeger(run) });
    run = [];
  };
  for (const span of spans) {
    if (run.length > 0 && run[0]?.format !== span.format) end();
    run.push(span);
  }
  end();
  return encoded;
}

/** How many bytes a field takes whose tag takes one. */
const fieldSize = (length: number) => 1 + varintSize(length) + length;

function jaeger(spans: readonly StoredSpan[]): Uint8Array<ArrayBuffer> {
  const lengths = spans.map(({ bytes, resource }) => bytes.length + resource.length);
  const message = new Uint8Array(lengths.reduce((sum, length) => sum + fieldSize(length), 0));
  let at = 0;
  for (const [index, { bytes, resource }] of spans.entries()) {
    message[at++] = CHUNK_SPAN;
    at = writeVarint(message, at, lengths[index] as number);
    message.set(bytes, at);
    message.set(resource, at + bytes.length);
    at += bytes.length + resource.length;
  }
  return message;
}

interface ScopeSpans {
  readonly scope: Uint8Array;
  readonly spans: Uint8Array[];
  /** Bytes, without tag and length. */
  length: number;
}

interface ResourceSpans {
  readonly resource: Uint8Array;
  readonly scopes: ScopeSpans[];
}

function otlp(spans: readonly StoredSpan[]): Uint8Array<ArrayBuffer> {
  const resources = grouped(spans);
  const lengths = resources.map(({ resource, scopes }) =>
    scopes.reduce((sum, { length }) => sum + fieldSize(length), resource.length),
  );
  const message = new Uint8Array(lengths.reduce((sum, length) => sum + fieldSize(length), 0));
  let at = 0;
  const put = (bytes: Uint8Array) => {
    message.set(bytes, at);
    at += bytes.length;
  };
  const open = (tag: number, length: number) => {
    message[at++] = tag;
    at = writeVarint(message, at, length);
  };
  for (const [index, { resource, scopes }] of resources.entries()) {
    open(RESOURCE_SPANS, lengths[index] as number);
    put(resource);
    for (const { scope, spans: inner, length } of scopes) {
      open(INNER_SPANS, length);
      put(scope);
      for (const span of inner) {
        open(INNER_SPANS, span.length);
        put(span);
      }
    }
  }
  return message;
}

function grouped(spans: readonly StoredSpan[]): ResourceSpans[] {
  const resources: ResourceSpans[] = [];
  let last: ResourceSpans | undefined;
  let group: ScopeSpans | undefined;
  for (const { resource, scope, bytes } of spans) {
    if (last === undefined || !isSame(last.resource, resource)) {
      last = { resource, scopes: [] };
      resources.push(last);
      group = undefined;
    }
    if (group === undefined || !isSame(group.scope, scope)) {
      group = { scope, spans: [], length: scope.length };
      last.scopes.push(group);
    }
    group.spans.push(bytes);
    group.length += fieldSize(bytes.length);
  }
  return resources;
}

const isSame = (one: Uint8Array, other: Uint8Array) => one === other || Buffer.compare(one, other) === 0;

/**
 * Cuts spans into messages of at most so many bytes and spans, or of one span where that alone has more bytes.
 * @throws {TraceStoreError} code INVALID: the bytes are not of that format
 */
export function* splitBySize(
  spans: EncodedSpans,
  maxBytes: number,
  maxSpans: number,
): Generator<EncodedSpans> {
  const count = countSpans(spans);
  if (spans.bytes.length <= maxBytes && count <= maxSpans) {
    if (count > 0) yield spans;
    return;
  }
  let part: StoredSpan[] = [];
  let size = 0;
  for (const span of storedSpans(spans)) {
    // Where resource and scope are those of the span before, this is more than it takes.
    const last = part.at(-1);
    const shared = last !== undefined && last.resource === span.resource && last.scope === span.scope;
    const own = span.bytes.length + MAX_FIELD_HEAD;
    const more = shared ? own : own + span.resource.length + span.scope.length + 2 * MAX_FIELD_HEAD;
    if (part.length > 0 && (part.length >= maxSpans || size + more > maxBytes)) {
      yield* encodeTrace(part);
      part = [];
      size = 0;
    }
    size += part.length > 0 ? more : own + span.resource.length + span.scope.length + 2 * MAX_FIELD_HEAD;
    part.push(span);
  }
  yield* encodeTrace(part);
}

/** @throws {TraceStoreError} code INVALID: the bytes are not of that format */
export function countSpans(spans: EncodedSpans): number {
  let count = 0;
  for (const _ of storedSpans(spans)) count++;
  return count;
}

/** Tag and length: lengths are below 2^31. */
const MAX_FIELD_HEAD = 6;

const NOTHING = new Uint8Array(0);

function* storedSpans({ format, bytes }: EncodedSpans): Generator<StoredSpan> {
  if (format === 'jaeger') {
    const top = new WireReader(bytes);
    while (top.next()) {
      if (!isField(top, CHUNK_SPAN)) continue;
      yield { format, resource: NOTHING, scope: NOTHING, bytes: bytes.subarray(top.from, top.to) };
    }
    return;
  }
  for (const span of rawOtlpSpans(bytes)) yield { format, ...span };
}
