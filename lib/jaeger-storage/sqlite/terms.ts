import type { Condition } from '../filter/condition.ts';
import { canonicalAttribute, canonicalText, SERVICE_NAME } from '../spans/pseudo-attributes.ts';
import type { Term } from '../spans/searchable.ts';
import type { TraceQuery } from '../trace-store.ts';
import { hashText } from './hash.ts';

/**
 * What the index has spans under: 32 bits for each service, each operation of a service, each name and text of an
 * attribute. Two that happen to be equal cost a search time and no more, since what it finds is looked at again.
 */
const kinds = { service: 0x51ed270b, operation: 0x3c6ef372, attribute: 0x1f83d9ab };

export function serviceTerm(service: string): number {
  return hashText(service, kinds.service);
}

/** @param service - its term */
export function operationTerm(service: number, operation: string): number {
  return hashText(operation, service ^ kinds.operation);
}

export function attributeTerm(key: string, text: string): number {
  return hashText(text, hashText(key, kinds.attribute));
}

export function attributeTerms(terms: readonly Term[]): Uint32Array {
  return Uint32Array.from(new Set(terms.map(([key, text]) => attributeTerm(key, text))));
}

/** @returns what a span has to be under to match, those first that fewer spans are likely to have */
export function queryTerms({ service, operation, attributes = [], filter }: TraceQuery): number[] {
  const terms = attributes.map((attribute) => {
    const { key, value } = canonicalAttribute(attribute);
    return attributeTerm(key, value);
  });
  if (service !== undefined) {
    const term = serviceTerm(service);
    terms.push(operation === undefined ? term : operationTerm(term, operation));
  }
  return filter === undefined ? terms : [...terms, ...filterTerms(filter)];
}

/** What a span has to be under to satisfy a filter: of all that it says, the equalities that no `or` or `not` takes back. */
function filterTerms(condition: Condition): number[] {
  if (condition.op === 'and') return condition.conditions.flatMap(filterTerms);
  if (condition.op !== 'eq') return [];
  const { left, right } = condition;
  if (right.kind !== 'constant') return [];
  if (left.kind === 'field' && left.level === 'resource' && left.name === 'service') {
    return right.type === 'string' ? [serviceTerm(right.value)] : [];
  }
  // A service that nobody named has a name all the same, and no term.
  if (left.kind !== 'attribute' || left.key === SERVICE_NAME) return [];
  // Others have several texts, or equal what looks otherwise.
  if (right.type !== 'string' && right.type !== 'int' && right.type !== 'bool') return [];
  return [attributeTerm(left.key, canonicalText(left.key, String(right.value)))];
}
