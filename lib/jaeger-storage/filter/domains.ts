import type { Operand, Operator } from './condition.ts';
import { type FieldType, fieldType } from './fields.ts';
import { FilterTrouble } from './trouble.ts';

/** What can be compared with each other. undefined: only the span's own data can tell. */
type Domain = 'number' | 'text' | 'bool' | 'duration' | 'timestamp' | undefined;

export function domainOfFieldType(type: FieldType | undefined): Domain {
  return type === 'string' || type === 'kind' || type === 'status' ? 'text' : type;
}

/** Of the types that constants and lists state. */
export function domainOfValueType(type: string): Domain {
  if (type === 'int' || type === 'double') return 'number';
  if (type === 'string') return 'text';
  return type === 'bool' || type === 'duration' || type === 'timestamp' ? type : undefined;
}

function domainOf(operand: Operand): Domain {
  if (operand.kind === 'field') return domainOfFieldType(fieldType(operand.level, operand.name));
  return operand.kind === 'constant' ? domainOfValueType(operand.type) : undefined;
}

/** Refuses what no value of the one side could have in common with the other. */
export function checkComparison(op: Operator, left: Operand, right: Operand): void {
  const [one, other] = [domainOf(left), domainOf(right)];
  if (one === undefined || other === undefined || one === other) return;
  throw new FilterTrouble(
    `operator '${op}' compares ${nameOf(left)}, a ${one}, with ${nameOf(right)}, a ${other}`,
  );
}

/** Refuses what has no order: true and false, and the few words of kind and status. */
export function checkOrdered(op: Operator, ...operands: readonly Operand[]): void {
  for (const operand of operands) {
    const type = operand.kind === 'field' ? fieldType(operand.level, operand.name) : undefined;
    if (type === 'kind' || type === 'status' || domainOf(operand) === 'bool') {
      throw new FilterTrouble(
        `operator '${op}' wants values that have an order, and ${nameOf(operand)} has none`,
      );
    }
  }
}

function nameOf(operand: Operand): string {
  if (operand.kind === 'field') return `${operand.level}.${operand.name}`;
  return operand.kind === 'constant' ? `'${operand.value}'` : `attribute '${operand.key}'`;
}
