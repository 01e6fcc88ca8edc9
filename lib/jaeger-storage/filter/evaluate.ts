import { hasServiceName, kindText } from '../spans/pseudo-attributes.ts';
import type { AttributeLevel, SearchableAttribute, SpanRecord } from '../spans/span-record.ts';
import {
  constantValue,
  equals,
  equalsConstant,
  orderAgainst,
  orderOf,
  textsOf,
  type Value,
} from './compare.ts';
import type {
  AttributeReference,
  Condition,
  FieldReference,
  Operand,
  Operator,
  Reference,
} from './condition.ts';
import type { builtInFields, FieldNameOf } from './fields.ts';
import { patternTest } from './pattern.ts';
import { type EventDetails, type LinkDetails, type SpanDetails, spanDetails } from './span-details.ts';

/** Does the span satisfy the condition? Operators and fields work as Jaeger's RFC 0005 says. */
export function evaluate(condition: Condition, span: SpanRecord): boolean {
  let details: SpanDetails | undefined;
  return holds(condition, {
    span,
    details: () => {
      details ??= spanDetails(span);
      return details;
    },
  });
}

interface Bound {
  readonly span: SpanRecord;
  /** Read when first asked for. */
  readonly details: () => SpanDetails;
  /** The element that an enclosing `some` is about; undefined: any of the span. */
  readonly event?: EventDetails;
  readonly link?: LinkDetails;
}

type ConditionOf<Op extends Operator, One = Condition> = One extends { readonly op: infer Ops }
  ? Op extends Ops
    ? One
    : never
  : never;
type Evaluator<Op extends Operator> = (condition: ConditionOf<Op>, bound: Bound) => boolean;

/** All operators there are: what is declared to Jaeger is read off here. */
export const operators: { readonly [Op in Operator]: Evaluator<Op> } = {
  and: ({ conditions }, bound) => conditions.every((one) => holds(one, bound)),
  or: ({ conditions }, bound) => conditions.some((one) => holds(one, bound)),
  not: ({ condition }, bound) => !holds(condition, bound),
  eq: (condition, bound) => somePair(condition, bound, areEqual),
  ne: (condition, bound) => isPresent(condition, bound) && !somePair(condition, bound, areEqual),
  gt: (condition, bound) => someOrder(condition, bound, (order) => order > 0),
  lt: (condition, bound) => someOrder(condition, bound, (order) => order < 0),
  gte: (condition, bound) => someOrder(condition, bound, (order) => order >= 0),
  lte: (condition, bound) => someOrder(condition, bound, (order) => order <= 0),
  regex: ({ subject, pattern }, bound) => {
    const test = patternTest(pattern);
    return presentValues(subject, bound).some((value) => textsOf(value).some(test));
  },
  exists: ({ subject }, bound) => presentValues(subject, bound).length > 0,
  in: (condition, bound) => isMember(condition, bound),
  not_in: (condition, bound) => valuesOf(condition.subject, bound).length > 0 && !isMember(condition, bound),
  some: ({ collection, condition }, bound) =>
    collection === 'event'
      ? bound.details().events.some((event) => holds(condition, { ...bound, event }))
      : bound.details().links.some((link) => holds(condition, { ...bound, link })),
};

function holds(condition: Condition, bound: Bound): boolean {
  // TypeScript can't tell that the evaluator of an operator takes that operator's conditions.
  const evaluator = operators[condition.op] as (condition: Condition, bound: Bound) => boolean;
  return evaluator(condition, bound);
}

interface Comparison {
  readonly left: Operand;
  readonly right: Operand;
}

type Side = { readonly operand: Operand; readonly value: Value };

function sidesOf(operand: Operand, bound: Bound): readonly Side[] {
  if (operand.kind === 'constant') return [{ operand, value: constantValue(operand) }];
  return valuesOf(operand, bound).map((value) => ({ operand, value }));
}

function somePair(
  { left, right }: Comparison,
  bound: Bound,
  test: (left: Side, right: Side) => boolean,
): boolean {
  const rights = sidesOf(right, bound);
  return sidesOf(left, bound).some((one) => rights.some((other) => test(one, other)));
}

function isPresent({ left, right }: Comparison, bound: Bound): boolean {
  return sidesOf(left, bound).length > 0 && sidesOf(right, bound).length > 0;
}

function areEqual(left: Side, right: Side): boolean {
  if (left.operand.kind !== 'constant' && right.operand.kind === 'constant') {
    return equalsConstant(left.value, right.operand);
  }
  return equals(left.value, right.value);
}

function someOrder(comparison: Comparison, bound: Bound, test: (order: number) => boolean): boolean {
  return somePair(comparison, bound, (left, right) => {
    const isAgainstConstant = left.operand.kind !== 'constant' && right.operand.kind === 'constant';
    const order = isAgainstConstant
      ? orderAgainst(left.value, right.operand)
      : orderOf(left.value, right.value);
    return order !== undefined && test(order);
  });
}

function isMember({ subject, values }: ConditionOf<'in' | 'not_in'>, bound: Bound): boolean {
  return valuesOf(subject, bound).some((value) => values.some((constant) => equalsConstant(value, constant)));
}

/** The `error` that spans have without such an attribute is there where it is true. */
function presentValues(subject: Reference, bound: Bound): readonly Value[] {
  return valuesOf(subject, bound).filter((value) => value !== NO_ERROR);
}

function valuesOf(reference: Reference, bound: Bound): readonly Value[] {
  return reference.kind === 'field' ? fieldValues(reference, bound) : attributeValues(reference, bound);
}

const NO_ERROR: Value = { type: 'bool', value: false };
const ERROR: Value = { type: 'bool', value: true };

function attributeValues({ level, key }: AttributeReference, bound: Bound): readonly Value[] {
  const levels: readonly AttributeLevel[] = level === undefined ? ['span', 'resource'] : [level];
  const values: Value[] = [];
  for (const one of levels) {
    for (const attribute of attributesAt(one, bound)) {
      if (attribute.level === one && attribute.key === key) values.push(attribute.value);
    }
    if (one === 'resource' && key === 'service.name') values.push(...fields.resource.service(bound));
  }
  // Jaeger's users look for `error`, which is no attribute of OTLP but a status: its other stores find it as well.
  if (values.length === 0 && key === 'error' && (level === undefined || level === 'span')) {
    return [bound.span.isError ? ERROR : NO_ERROR];
  }
  return values;
}

function attributesAt(level: AttributeLevel, { span, event, link }: Bound): readonly SearchableAttribute[] {
  switch (level) {
    case 'resource':
      return span.resource.attributes;
    case 'scope':
      return span.scope.attributes;
    case 'event':
      return event?.attributes ?? span.attributes;
    case 'link':
      return link?.attributes ?? span.attributes;
    case 'span':
      return span.attributes;
  }
}

function fieldValues({ level, name }: FieldReference, bound: Bound): readonly Value[] {
  const readers: Readonly<Record<string, FieldReader>> = fields[level];
  return readers[name]?.(bound) ?? [];
}

type FieldReader = (bound: Bound) => readonly Value[];

/**
 * Ids are lower-case hexadecimal. What OTLP can't tell from '' or from zero is absent, but for names of spans: those are
 * there even where they are empty, and so are kind and status, which have words for it.
 */
const fields: {
  readonly [Level in keyof typeof builtInFields]: Readonly<Record<FieldNameOf<Level>, FieldReader>>;
} = {
  span: {
    traceID: ({ span }) => id(span.traceId),
    spanID: ({ span }) => id(span.spanId),
    parentSpanID: ({ span }) => id(span.parentSpanId),
    traceState: ({ details }) => optionalText(details().traceState),
    name: ({ span }) => text(span.operation),
    kind: ({ span }) => text(kindText(span.kind)),
    startTime: ({ span }) => [{ type: 'timestamp', value: span.startNs }],
    endTime: ({ span }) => [{ type: 'timestamp', value: span.startNs + span.durationNs }],
    duration: ({ span }) => [{ type: 'duration', value: span.durationNs }],
    status: ({ span }) => text(span.status),
    statusMessage: ({ details }) => optionalText(details().statusMessage),
  },
  resource: {
    service: ({ span: { resource } }) => (hasServiceName(resource) ? text(resource.service) : []),
    schemaURL: ({ details }) => optionalText(details().resourceSchemaUrl),
  },
  scope: {
    name: ({ details }) => optionalText(details().scopeName),
    version: ({ details }) => optionalText(details().scopeVersion),
    schemaURL: ({ details }) => optionalText(details().scopeSchemaUrl),
  },
  event: {
    name: (bound) => eventsOf(bound).flatMap(({ name }) => optionalText(name)),
    time: (bound) => timesOf(bound).map((value) => ({ type: 'timestamp', value })),
    timeSinceStart: (bound) =>
      timesOf(bound).map((value) => ({ type: 'duration', value: value - bound.span.startNs })),
  },
  link: {
    traceID: (bound) => linksOf(bound).flatMap(({ traceId }) => id(traceId)),
    spanID: (bound) => linksOf(bound).flatMap(({ spanId }) => id(spanId)),
    traceState: (bound) => linksOf(bound).flatMap(({ traceState }) => optionalText(traceState)),
  },
};

function eventsOf({ event, details }: Bound): readonly EventDetails[] {
  return event === undefined ? details().events : [event];
}

function timesOf(bound: Bound): readonly bigint[] {
  return eventsOf(bound).flatMap(({ timeNs }) => (timeNs === undefined ? [] : [timeNs]));
}

function linksOf({ link, details }: Bound): readonly LinkDetails[] {
  return link === undefined ? details().links : [link];
}

function text(value: string): readonly Value[] {
  return [{ type: 'string', value }];
}

function optionalText(value: string): readonly Value[] {
  return value === '' ? [] : text(value);
}

function id(bytes: Uint8Array | undefined): readonly Value[] {
  return bytes === undefined ? [] : optionalText(Buffer.from(bytes).toString('hex'));
}
