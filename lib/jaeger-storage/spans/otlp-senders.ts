import { checkWire, RESOURCE, SCOPE } from './check-wire.ts';
import { otlpAttributeAt } from './otlp-value.ts';
import { NO_SERVICE_NAME } from './pseudo-attributes.ts';
import type { AttributeLevel, ResourceRecord, ScopeRecord, SearchableAttribute } from './span-record.ts';
import { textAt } from './text.ts';
import { valueTexts } from './value-text.ts';
import { concat, isField, LENGTH, tagOf, WireReader } from './wire.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** ResourceSpans of TracesData. */
export const RESOURCE_SPANS = tagOf(1, LENGTH);
/** ScopeSpans of ResourceSpans, Spans of ScopeSpans. */
export const INNER_SPANS = tagOf(2, LENGTH);
/** Resource of ResourceSpans, InstrumentationScope of ScopeSpans. */
const OUTER = tagOf(1, LENGTH);
const SCHEMA_URL = tagOf(3, LENGTH);
/** ResourceSpans had spans in this field until OTLP 1.0: they are not the resource's. */
const OLD_LIBRARY_SPANS = 1000;

/** A message without the spans in it: a view where the rest lies side by side, as it nearly always does. */
export function outerOf(bytes: Bytes, { from, to }: WireReader): Bytes {
  const parts: Bytes[] = [];
  let start = from;
  const field = new WireReader(bytes, from, to);
  while (field.next()) {
    if (field.tag !== INNER_SPANS && field.tag >>> 3 !== OLD_LIBRARY_SPANS) continue;
    if (field.start > start) parts.push(bytes.subarray(start, field.start));
    start = field.position;
  }
  if (to > start) parts.push(bytes.subarray(start, to));
  return parts.length === 1 ? (parts[0] as Bytes) : concat(parts);
}

/** A span where it lies, not looked into. */
export interface RawOtlpSpan {
  /** The same object for all of one ResourceSpans. */
  readonly resource: Bytes;
  readonly scope: Bytes;
  readonly bytes: Bytes;
}

/** In the order of the bytes. */
export function* rawOtlpSpans(bytes: Bytes): Generator<RawOtlpSpan> {
  const top = new WireReader(bytes);
  while (top.next()) {
    if (!isField(top, RESOURCE_SPANS)) continue;
    const resource = outerOf(bytes, top);
    const scopes = new WireReader(bytes, top.from, top.to);
    while (scopes.next()) {
      if (!isField(scopes, INNER_SPANS)) continue;
      const scope = outerOf(bytes, scopes);
      const spans = new WireReader(bytes, scopes.from, scopes.to);
      while (spans.next()) {
        if (isField(spans, INNER_SPANS))
          yield { resource, scope, bytes: bytes.subarray(spans.from, spans.to) };
      }
    }
  }
}

/** Checks the `shape` that the outer message has in field 1, and its schema URL in field 3. */
function checkOuter(bytes: Bytes, shape: typeof RESOURCE, depth: number): void {
  const field = new WireReader(bytes);
  while (field.next()) {
    if (isField(field, OUTER)) checkWire(bytes, field.from, field.to, shape, depth);
    else isField(field, SCHEMA_URL);
  }
}

const RESOURCE_ATTRIBUTE = tagOf(1, LENGTH);

export class OtlpResource implements ResourceRecord {
  readonly format = 'otlp';
  readonly bytes: Bytes;
  readonly service: string;
  readonly attributes: readonly SearchableAttribute[];

  constructor(bytes: Bytes) {
    checkOuter(bytes, RESOURCE, 3);
    this.bytes = bytes;
    const all = outerAttributes(bytes, RESOURCE_ATTRIBUTE, 'resource');
    const service = all.find(({ key }) => key === 'service.name');
    this.service = service === undefined ? NO_SERVICE_NAME : (valueTexts(service.value)[0] as string);
    this.attributes = all.filter((attribute) => attribute !== service);
  }
}

const SCOPE_NAME = tagOf(1, LENGTH);
const SCOPE_VERSION = tagOf(2, LENGTH);
const SCOPE_ATTRIBUTE = tagOf(3, LENGTH);

export class OtlpScope implements ScopeRecord {
  readonly bytes: Bytes;
  readonly name: string = '';
  readonly version: string = '';
  readonly attributes: readonly SearchableAttribute[];

  constructor(bytes: Bytes) {
    checkOuter(bytes, SCOPE, 4);
    this.bytes = bytes;
    this.attributes = outerAttributes(bytes, SCOPE_ATTRIBUTE, 'scope');
    for (const field of outerFields(bytes)) {
      if (field.tag === SCOPE_NAME) this.name = textAt(bytes, field.from, field.to);
      else if (field.tag === SCOPE_VERSION) this.version = textAt(bytes, field.from, field.to);
    }
  }
}

/** The fields of the resource or scope in `bytes`. */
function* outerFields(bytes: Bytes): Generator<WireReader> {
  const outer = new WireReader(bytes);
  while (outer.next()) {
    if (outer.tag !== OUTER) continue;
    const field = new WireReader(bytes, outer.from, outer.to);
    while (field.next()) yield field;
  }
}

function outerAttributes(bytes: Bytes, tag: number, level: AttributeLevel): SearchableAttribute[] {
  const attributes: SearchableAttribute[] = [];
  for (const field of outerFields(bytes)) {
    if (field.tag === tag) attributes.push(otlpAttributeAt(bytes, field.from, field.to, level));
  }
  return attributes;
}
