import type { Attribute } from '../trace-store.ts';
import {
  canonicalAttribute,
  canonicalText,
  ERROR,
  hasServiceName,
  KIND,
  kindText,
  pseudoText,
  RESOURCE_PREFIX,
  SCOPE_NAME,
  SCOPE_VERSION,
  SERVICE_NAME,
  STATUS,
} from './pseudo-attributes.ts';
import type { ResourceRecord, ScopeRecord, SearchableAttribute, SpanRecord } from './span-record.ts';
import { valueTexts } from './value-text.ts';

/** A name and a text by which an attribute query finds a span. */
export type Term = [key: string, text: string];

/** Of the span, its events and links, its scope, and its resource (without `service.name`). */
export function* searchableAttributes(span: SpanRecord): Generator<SearchableAttribute> {
  yield* span.attributes;
  yield* span.scope.attributes;
  yield* span.resource.attributes;
}

/**
 * Every term by which an attribute query finds the span; some more than once. A query finds it exactly where
 * {@link canonicalAttribute} of each of its attributes is among them. The same as {@link ownTerms}, {@link scopeTerms}
 * and {@link resourceTerms}, of which the latter two are the same for many spans.
 */
export function spanTerms(span: SpanRecord): Term[] {
  const terms = ownTerms(span);
  pushScope(terms, span.scope);
  pushResource(terms, span.resource);
  return terms;
}

/** What is the span's own, that of its events and links included. */
export function ownTerms(span: SpanRecord): Term[] {
  const { status } = span;
  const terms: Term[] = [
    [ERROR, status === 'error' ? 'true' : 'false'],
    [STATUS, status],
    [KIND, kindText(span.kind)],
  ];
  for (const attribute of span.attributes) pushTerms(terms, attribute);
  return terms;
}

export function scopeTerms(scope: ScopeRecord): Term[] {
  const terms: Term[] = [];
  pushScope(terms, scope);
  return terms;
}

export function resourceTerms(resource: ResourceRecord): Term[] {
  const terms: Term[] = [];
  pushResource(terms, resource);
  return terms;
}

function pushScope(terms: Term[], scope: ScopeRecord): void {
  terms.push([SCOPE_NAME, scope.name], [SCOPE_VERSION, scope.version]);
  for (const attribute of scope.attributes) pushTerms(terms, attribute);
}

function pushResource(terms: Term[], resource: ResourceRecord): void {
  if (hasServiceName(resource)) {
    terms.push([SERVICE_NAME, resource.service], [RESOURCE_PREFIX + SERVICE_NAME, resource.service]);
  }
  for (const { key, value } of resource.attributes) {
    for (const text of valueTexts(value)) {
      terms.push([key, canonicalText(key, text)], [RESOURCE_PREFIX + key, text]);
    }
  }
}

function pushTerms(terms: Term[], { key, value }: SearchableAttribute): void {
  // Nearly all: what has one text needs no list of them.
  if (value.type === 'string') terms.push([key, canonicalText(key, value.value)]);
  else for (const text of valueTexts(value)) terms.push([key, canonicalText(key, text)]);
}

/** Whether an attribute query finds the span. */
export function hasAttribute(span: SpanRecord, attribute: Attribute): boolean {
  const { key, value } = canonicalAttribute(attribute);
  if (pseudoText(span, key) === value) return true;
  if (key === SERVICE_NAME && isService(span.resource, value)) return true;
  const isWanted = (one: SearchableAttribute) =>
    one.key === key && valueTexts(one.value).some((text) => canonicalText(key, text) === value);
  return (
    span.attributes.some(isWanted) ||
    span.scope.attributes.some(isWanted) ||
    span.resource.attributes.some(isWanted) ||
    (key.startsWith(RESOURCE_PREFIX) &&
      hasResourceAttribute(span.resource, key.slice(RESOURCE_PREFIX.length), value))
  );
}

const isService = (resource: ResourceRecord, value: string) =>
  hasServiceName(resource) && resource.service === value;

function hasResourceAttribute(resource: ResourceRecord, key: string, value: string): boolean {
  if (key === SERVICE_NAME && isService(resource, value)) return true;
  return resource.attributes.some((one) => one.key === key && valueTexts(one.value).includes(value));
}
