import type { List } from '../proto/expression_pb.ts';
import type { Constant, FieldReference, Operator, Reference } from './condition.ts';
import { parseBool, parseDouble, parseDuration, parseInteger, parseTimestamp } from './constants.ts';
import { domainOfFieldType, domainOfValueType } from './domains.ts';
import { type FieldType, fieldType, fieldWords } from './fields.ts';
import { FilterTrouble } from './trouble.ts';

/** A constant, read as the type it states, or else as what the field beside it holds. */
export function scalarConstant(
  { value, type }: { readonly value: string; readonly type: string },
  field: FieldReference | undefined,
): Constant {
  const held = field && typeOf(field);
  if (type === '')
    return held === undefined ? { kind: 'constant', type: 'any', value } : fieldConstant(held, value);
  const constant = typedConstant(type, value);
  // A string beside a field of few words has to be one of them, whether it says that it is a string or not.
  if (type === 'string' && (held === 'kind' || held === 'status')) return fieldConstant(held, value);
  return constant;
}

/** The elements of a list, each read as the type that the list states, or else as what the field holds. */
export function listConstants(op: Operator, subject: Reference, { values, type }: List): readonly Constant[] {
  if (values.length === 0) throw new FilterTrouble(`operator '${op}' takes a list of at least one element`);
  if (subject.kind === 'attribute') {
    if (type === '') {
      throw new FilterTrouble(
        `operator '${op}' takes a list that states the type of its elements beside an attribute`,
      );
    }
    return values.map((value) => typedConstant(type, value));
  }
  const held = typeOf(subject);
  if (type !== '') {
    for (const value of values) typedConstant(type, value);
    if (domainOfValueType(type) !== domainOfFieldType(held)) {
      throw new FilterTrouble(
        `operator '${op}' compares ${subject.level}.${subject.name}, which holds a ${held}, with a list of ${type}`,
      );
    }
  }
  return values.map((value) => fieldConstant(held, value));
}

function typeOf({ level, name }: FieldReference): FieldType {
  const type = fieldType(level, name);
  if (type === undefined) throw new FilterTrouble(`there is no field '${name}' at level '${level}'`);
  return type;
}

function typedConstant(type: string, text: string): Constant {
  switch (type) {
    case 'string':
      return { kind: 'constant', type, value: text };
    case 'int':
      return { kind: 'constant', type, value: readAs(type, text, parseInteger(text)) };
    case 'double':
      return { kind: 'constant', type, value: readAs(type, text, parseDouble(text)) };
    case 'bool':
      return { kind: 'constant', type, value: readAs(type, text, parseBool(text)) };
    default:
      throw new FilterTrouble(`there is no type '${type}'; there are string, int, double, bool`);
  }
}

function fieldConstant(type: FieldType, text: string): Constant {
  switch (type) {
    case 'string':
      return { kind: 'constant', type, value: text };
    case 'duration':
      return {
        kind: 'constant',
        type,
        value: readAs("duration, such as '2s' or '1h30m'", text, parseDuration(text)),
      };
    case 'timestamp':
      return {
        kind: 'constant',
        type,
        value: readAs("time, such as '2026-08-16T18:56:20.123456789Z'", text, parseTimestamp(text)),
      };
    case 'kind':
    case 'status': {
      const words: readonly string[] = fieldWords[type];
      if (!words.includes(text))
        throw new FilterTrouble(`'${text}' is no ${type}: those are ${words.join(', ')}`);
      return { kind: 'constant', type: 'string', value: text };
    }
  }
}

function readAs<Value>(type: string, text: string, value: Value | undefined): Value {
  if (value === undefined) throw new FilterTrouble(`'${text}' is no ${type}`);
  return value;
}
