import type { AttributeValue } from '../spans/span-record.ts';
import { valueTexts } from '../spans/value-text.ts';
import type { Constant } from './condition.ts';
import { parseNumber } from './constants.ts';

/** What a reference stands for. */
export type Value =
  | AttributeValue
  /** Nanoseconds */
  | { readonly type: 'duration'; readonly value: bigint }
  /** Unix nanoseconds */
  | { readonly type: 'timestamp'; readonly value: bigint };

/** Below 0: the first is less. undefined: the two have no order, being of different kinds, or of a kind without one. */
type Order = number | undefined;

/** The type a constant states is meant: nothing of another type equals it. Without one, text and number both count. */
export function equalsConstant(value: Value, constant: Constant): boolean {
  if (constant.type !== 'any') return value.type === constant.type && equals(value, constant);
  if (value.type === 'duration' || value.type === 'timestamp') return false;
  if (valueTexts(value).includes(constant.value)) return true;
  if (value.type !== 'int' && value.type !== 'double') return false;
  const number = parseNumber(constant.value);
  return number !== undefined && orderOf(value, number) === 0;
}

/** The texts that a pattern is matched against: those by which an untyped constant finds the value. */
export function textsOf(value: Value): readonly string[] {
  return value.type === 'duration' || value.type === 'timestamp' ? [] : valueTexts(value);
}

/** Two values of a span: numbers are equal whatever their types, nothing else is across types. */
export function equals(left: Value, right: Value): boolean {
  if (left.type === 'bytes' && right.type === 'bytes') return Buffer.compare(left.value, right.value) === 0;
  if (isNumber(left) && isNumber(right)) return orderOf(left, right) === 0;
  return left.type === right.type && left.value === right.value;
}

/** A constant without a type is read as what the value is: storage knows, the one who asks need not. */
export function orderAgainst(value: Value, constant: Constant): Order {
  if (constant.type !== 'any') return value.type === constant.type ? orderOf(value, constant) : undefined;
  if (value.type === 'string') return orderOf(value, { type: 'string', value: constant.value });
  if (!isNumber(value)) return undefined;
  const number = parseNumber(constant.value);
  return number === undefined ? undefined : orderOf(value, number);
}

export function orderOf(left: Value, right: Value): Order {
  if (isNumber(left) && isNumber(right)) {
    // Compares bigint and number exactly, and NaN as neither.
    if (left.value < right.value) return -1;
    if (left.value > right.value) return 1;
    return Number.isNaN(left.value) || Number.isNaN(right.value) ? undefined : 0;
  }
  if (left.type === 'string' && right.type === 'string') {
    return Buffer.compare(Buffer.from(left.value), Buffer.from(right.value));
  }
  if (left.type === 'duration' && right.type === 'duration') return sign(left.value - right.value);
  if (left.type === 'timestamp' && right.type === 'timestamp') return sign(left.value - right.value);
  return undefined;
}

type NumberValue = Extract<Value, { type: 'int' | 'double' }>;

function isNumber(value: Value): value is NumberValue {
  return value.type === 'int' || value.type === 'double';
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** A constant among constants: without a type it is a number where it reads as one, and a text otherwise. */
export function constantValue(constant: Constant): Value {
  if (constant.type !== 'any') return constant;
  return parseNumber(constant.value) ?? { type: 'string', value: constant.value };
}
