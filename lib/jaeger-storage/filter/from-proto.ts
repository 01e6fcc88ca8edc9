import { TraceStoreError } from '../errors.ts';
import type { Call, Expression } from '../proto/expression_pb.ts';
import type { AttributeLevel } from '../spans/span-record.ts';
import type { Condition, Constant, Operand, Operator, Reference } from './condition.ts';
import { checkComparison, checkOrdered } from './domains.ts';
import { operators } from './evaluate.ts';
import { builtInFields, type FieldName, fieldType } from './fields.ts';
import { checkPattern, MAX_PATTERNS } from './pattern.ts';
import { listConstants, scalarConstant } from './read-constant.ts';
import { FilterTrouble } from './trouble.ts';

/** As deep as Jaeger lets calls nest, the filter itself being the first. */
const MAX_DEPTH = 20;
/** Calls, their arguments, and elements of lists: far more than people write, and few enough to ask every span. */
const MAX_TERMS = 10_000;

/**
 * Reads and checks a filter as Jaeger's own query service does, since a storage server must not rely on who calls it.
 * A condition that comes out can be evaluated, all of it.
 * @throws {TraceStoreError} code INVALID: the filter makes no sense, or asks for too much; `message` says why
 * @see jaegertracing/jaeger-idl: query/expression/v1/{validate,resolve}.go
 */
export function conditionFromProto(call: Call): Condition {
  try {
    return readCall(call, { depth: 1, quantified: [], left: { terms: MAX_TERMS }, patterns: new Set() });
  } catch (error) {
    if (error instanceof FilterTrouble) {
      throw new TraceStoreError('INVALID', `can't use the filter: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

interface Place {
  readonly depth: number;
  /** Of the enclosing `some`. */
  readonly quantified: readonly string[];
  /** How much more there may be, in the whole filter. */
  readonly left: { terms: number };
  /** Those of the whole filter, so far. */
  readonly patterns: Set<string>;
}

function readCall(call: Call, place: Place): Condition {
  if (place.depth > MAX_DEPTH) throw new FilterTrouble(`calls are nested more than ${MAX_DEPTH} deep`);
  spend(place, 1 + call.args.length);
  const op = operatorOf(call);
  switch (op) {
    case 'and':
    case 'or':
      if (call.args.length < 2) {
        throw new FilterTrouble(`operator '${op}' takes at least 2 arguments, got ${call.args.length}`);
      }
      return { op, conditions: call.args.map((arg) => readPredicate(op, arg, place)) };
    case 'not': {
      const [arg] = takes(call, 1);
      return { op, condition: readPredicate(op, arg, place) };
    }
    case 'exists': {
      const [arg] = takes(call, 1);
      return { op, subject: readReference(op, arg) };
    }
    case 'in':
    case 'not_in':
      return readMembership(op, call, place);
    case 'regex':
      return readRegex(call, place);
    case 'some':
      return readSome(call, place);
    case 'eq':
    case 'ne':
    case 'gt':
    case 'lt':
    case 'gte':
    case 'lte':
      return readComparison(op, call);
  }
}

function operatorOf({ op }: Call): Operator {
  if (Object.hasOwn(operators, op)) return op as Operator;
  throw new FilterTrouble(`there is no operator '${op}'; there are ${Object.keys(operators).join(', ')}`);
}

function spend({ left }: Place, terms: number): void {
  left.terms -= terms;
  if (left.terms < 0) throw new FilterTrouble(`it has more than ${MAX_TERMS} terms`);
}

function takes(call: Call, count: 1): readonly [Expression];
function takes(call: Call, count: 2): readonly [Expression, Expression];
function takes({ op, args }: Call, count: number): readonly Expression[] {
  if (args.length === count) return args;
  throw new FilterTrouble(
    `operator '${op}' takes ${count} argument${count === 1 ? '' : 's'}, got ${args.length}`,
  );
}

function readPredicate(op: Operator, { term }: Expression, place: Place): Condition {
  if (term.case === 'call') return readCall(term.value, { ...place, depth: place.depth + 1 });
  throw new FilterTrouble(`operator '${op}' takes predicates, got ${termName(term)}`);
}

function readSome(call: Call, place: Place): Condition {
  const [collection, predicate] = takes(call, 2);
  const { term } = collection;
  if (term.case !== 'nested') {
    throw new FilterTrouble(`operator 'some' takes events or links first, got ${termName(term)}`);
  }
  const { level } = term.value;
  if (level !== 'event' && level !== 'link') {
    throw new FilterTrouble(`operator 'some' is about 'event' or 'link', got level '${level}'`);
  }
  if (place.quantified.includes(level)) {
    throw new FilterTrouble(
      `operator 'some' stands inside another one about '${level}', which has no meaning yet`,
    );
  }
  const inner = { ...place, quantified: [...place.quantified, level] };
  return { op: 'some', collection: level, condition: readPredicate('some', predicate, inner) };
}

function readMembership(op: 'in' | 'not_in', call: Call, place: Place): Condition {
  const [first, second] = takes(call, 2);
  const subject = readReference(op, first);
  const { term } = second;
  if (term.case !== 'list') {
    throw new FilterTrouble(`operator '${op}' takes a list as its second argument, got ${termName(term)}`);
  }
  spend(place, term.value.values.length);
  return { op, subject, values: listConstants(op, subject, term.value) };
}

/** Unlike operands of comparisons, these come in one order only. */
function readRegex(call: Call, { patterns }: Place): Condition {
  const [first, second] = takes(call, 2);
  const subject = readReference('regex', first);
  const held = subject.kind === 'field' ? fieldType(subject.level, subject.name) : undefined;
  if (subject.kind === 'field' && (held === 'duration' || held === 'timestamp')) {
    throw new FilterTrouble(
      `operator 'regex' matches text, and ${subject.level}.${subject.name} holds a ${held}`,
    );
  }
  const { term } = second;
  if (term.case !== 'scalar') {
    throw new FilterTrouble(`operator 'regex' takes a string as its pattern, got ${termName(term)}`);
  }
  const { value: pattern, type } = term.value;
  if (type !== '' && type !== 'string') {
    throw new FilterTrouble(
      `operator 'regex' takes a string as its pattern, got a constant of type '${type}'`,
    );
  }
  patterns.add(pattern);
  if (patterns.size > MAX_PATTERNS) {
    throw new FilterTrouble(`it has more than ${MAX_PATTERNS} patterns; join some of them with |`);
  }
  checkPattern(pattern);
  return { op: 'regex', subject, pattern };
}

/** How an operator reads from right to left. */
const TURNED = { eq: 'eq', ne: 'ne', gt: 'lt', lt: 'gt', gte: 'lte', lte: 'gte' } as const;

function readComparison(op: keyof typeof TURNED, call: Call): Condition {
  const [first, second] = takes(call, 2);
  const [one, other] = [readOperand(op, first), readOperand(op, second)];
  const left = resolved(one, other);
  const right = resolved(other, one);
  checkComparison(op, left, right);
  if (op !== 'eq' && op !== 'ne') checkOrdered(op, left, right);
  if (left.kind === 'constant' && right.kind !== 'constant')
    return { op: TURNED[op], left: right, right: left };
  return { op, left, right };
}

type Unresolved = Reference | { readonly kind: 'scalar'; readonly value: string; readonly type: string };

function readOperand(op: Operator, expression: Expression): Unresolved {
  const { term } = expression;
  if (term.case === 'scalar') return { kind: 'scalar', value: term.value.value, type: term.value.type };
  if (term.case === 'attr' || term.case === 'field' || term.case === 'nested')
    return readReference(op, expression);
  throw new FilterTrouble(`operator '${op}' compares references and constants, got ${termName(term)}`);
}

/** What a constant without a type means depends on the field beside it. */
function resolved(operand: Unresolved, beside: Unresolved): Operand {
  if (operand.kind !== 'scalar') return operand;
  return scalarConstant(operand, beside.kind === 'field' ? beside : undefined) satisfies Constant;
}

function readReference(op: Operator, { term }: Expression): Reference {
  switch (term.case) {
    case 'attr': {
      const { key, level } = term.value;
      if (key === '') throw new FilterTrouble('a reference to an attribute has no key');
      return { kind: 'attribute', level: level === '' ? undefined : levelOf(level), key };
    }
    case 'field': {
      const { name, level } = term.value;
      if (level === '') throw new FilterTrouble(`the reference to field '${name}' has no level`);
      const known = levelOf(level);
      if (fieldType(known, name) === undefined) {
        throw new FilterTrouble(
          `there is no field '${name}' at level '${level}'; there are ${Object.keys(builtInFields[known]).join(', ')}`,
        );
      }
      return { kind: 'field', level: known, name: name as FieldName };
    }
    case 'nested':
      throw new FilterTrouble("a reference to all events or links is only the first argument of 'some'");
    default:
      throw new FilterTrouble(`operator '${op}' takes a reference, got ${termName(term)}`);
  }
}

function levelOf(level: string): AttributeLevel {
  if (Object.hasOwn(builtInFields, level)) return level as AttributeLevel;
  throw new FilterTrouble(`there is no level '${level}'; there are ${Object.keys(builtInFields).join(', ')}`);
}

const TERM_NAMES = {
  attr: 'a reference to an attribute',
  field: 'a reference to a field',
  nested: 'a reference to events or links',
  scalar: 'a constant',
  list: 'a list',
  call: 'a predicate',
} as const;

function termName(term: Expression['term']): string {
  return term.case === undefined ? 'nothing' : TERM_NAMES[term.case];
}
