import type { Attribute, SpanKind } from '../trace-store.ts';
import type { ResourceRecord, ScopeRecord, SpanRecord } from './span-record.ts';

/**
 * Names that queries use like attributes, for what spans have otherwise. An attribute that really has such a name is
 * found as well.
 *
 * - `error`: 'true' where the status is an error, or else 'false'
 * - `span.status`: 'unset', 'ok', 'error'
 * - `span.kind`: 'unspecified', 'internal', 'server', 'client', 'producer', 'consumer'
 * - `scope.name`, `scope.version`
 * - `service.name`
 * - `resource.` and the name of an attribute of the resource, `service.name` included: no other attribute of that name
 * @see jaegertracing/jaeger: internal/storage/v2/memory/tenant.go
 */
export const ERROR = 'error';
export const STATUS = 'span.status';
export const KIND = 'span.kind';
export const SCOPE_NAME = 'scope.name';
export const SCOPE_VERSION = 'scope.version';
export const SERVICE_NAME = 'service.name';
export const RESOURCE_PREFIX = 'resource.';

export const kindText = (kind: SpanKind) => (kind === '' ? 'unspecified' : kind);

/** What `key` is of a span, where it is a pseudo attribute of a span itself or of its scope. */
export function pseudoText({ status, kind, scope }: SpanRecord, key: string): string | undefined {
  if (key === ERROR) return String(status === 'error');
  if (key === STATUS) return status;
  if (key === KIND) return kindText(kind);
  return scopeText(scope, key);
}

export function scopeText({ name, version }: ScopeRecord, key: string): string | undefined {
  if (key === SCOPE_NAME) return name;
  return key === SCOPE_VERSION ? version : undefined;
}

/** Whether `service.name` is known of the sender, and not only what Jaeger calls those of whom it is not. */
export const hasServiceName = ({ service }: ResourceRecord) => service !== NO_SERVICE_NAME;

/** What Jaeger calls the service of a resource that does not name one. */
export const NO_SERVICE_NAME = 'OTLPResourceNoServiceName';

/** What Go's `strconv.ParseBool` takes, by which Jaeger reads what is asked of `error`. */
const BOOLS = new Map(
  Object.entries({
    true: ['1', 't', 'T', 'TRUE', 'true', 'True'],
    false: ['0', 'f', 'F', 'FALSE', 'false', 'False'],
  }).flatMap(([text, spellings]) => spellings.map((spelling) => [spelling, text] as const)),
);

const KINDS = new Set(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']);
const STATUSES = new Set(['unset', 'ok', 'error']);

/**
 * The one spelling of what is asked of a pseudo attribute, and any other attribute as it is: `span.kind` SERVER is
 * server, `error` 1 is true. Terms have this spelling: look for no other.
 */
export function canonicalAttribute(attribute: Attribute): Attribute {
  const { key, value } = attribute;
  const spelt = canonicalText(key, value);
  return spelt === value ? attribute : { key, value: spelt };
}

export function canonicalText(key: string, value: string): string {
  if (key === ERROR) return BOOLS.get(value) ?? value;
  if (key === KIND) return wordOf(KINDS, value);
  return key === STATUS ? wordOf(STATUSES, value) : value;
}

function wordOf(words: ReadonlySet<string>, value: string): string {
  const word = value.toLowerCase();
  return words.has(word) ? word : value;
}
