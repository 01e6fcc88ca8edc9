import type { FieldName, Level } from './fields.ts';

/**
 * What has to hold of a span: a structured filter that was checked, with every constant read as what it is compared to.
 * A span has it or has it not, see evaluate.ts.
 *
 * A leaf is false where what it refers to is absent, the negative `ne` and `not_in` included: only `not` turns that
 * round. Where a reference has several values, a leaf holds if one of them satisfies it; `ne` and `not_in` if none of
 * them equals.
 * @see jaegertracing/jaeger: docs/rfc/0005-structured-query-filters.md
 */
export type Condition =
  | { readonly op: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly op: 'not'; readonly condition: Condition }
  | { readonly op: 'eq' | 'ne'; readonly left: Operand; readonly right: Operand }
  | { readonly op: 'gt' | 'lt' | 'gte' | 'lte'; readonly left: Operand; readonly right: Operand }
  /** `pattern` is in RE2's syntax, and matches anywhere in a text of the value: see pattern.ts. */
  | { readonly op: 'regex'; readonly subject: Reference; readonly pattern: string }
  | { readonly op: 'exists'; readonly subject: Reference }
  | { readonly op: 'in' | 'not_in'; readonly subject: Reference; readonly values: readonly Constant[] }
  /** One event, or one link, has it all: references to that level mean this element, wherever in `condition` they are. */
  | { readonly op: 'some'; readonly collection: 'event' | 'link'; readonly condition: Condition };

export type Operator = Condition['op'];

/** Of two operands, one constant and one reference, the reference is on the left. */
export type Operand = Reference | Constant;

export type Reference = AttributeReference | FieldReference;

export interface AttributeReference {
  readonly kind: 'attribute';
  /** undefined: those of the span and those of its resource */
  readonly level: Level | undefined;
  readonly key: string;
}

/** What the data model says of a span without an attribute, such as its duration. */
export interface FieldReference {
  readonly kind: 'field';
  readonly level: Level;
  readonly name: FieldName;
}

/** A type that is given is meant: `int` equals no double and no string, whatever they look like. */
export type Constant =
  /** Of no stated type: equals a string as text, a number as number. */
  | { readonly kind: 'constant'; readonly type: 'any'; readonly value: string }
  | { readonly kind: 'constant'; readonly type: 'string'; readonly value: string }
  | { readonly kind: 'constant'; readonly type: 'int'; readonly value: bigint }
  | { readonly kind: 'constant'; readonly type: 'double'; readonly value: number }
  | { readonly kind: 'constant'; readonly type: 'bool'; readonly value: boolean }
  /** Nanoseconds; only beside fields that hold a duration. */
  | { readonly kind: 'constant'; readonly type: 'duration'; readonly value: bigint }
  /** Unix nanoseconds; only beside fields that hold a time. */
  | { readonly kind: 'constant'; readonly type: 'timestamp'; readonly value: bigint };
