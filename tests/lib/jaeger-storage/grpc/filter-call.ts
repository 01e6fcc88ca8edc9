import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Condition, Constant, Operand } from '../../../../lib/jaeger-storage/filter/condition.ts';
import type { CallSchema, ExpressionSchema } from '../../../../lib/jaeger-storage/proto/expression_pb.ts';

type Call = MessageInitShape<typeof CallSchema>;
type Expression = MessageInitShape<typeof ExpressionSchema>;

/** A condition as it travels. */
export function filterCall(condition: Condition): Call {
  const { op } = condition;
  switch (op) {
    case 'and':
    case 'or':
      return { op, args: condition.conditions.map(nested) };
    case 'not':
      return { op, args: [nested(condition.condition)] };
    case 'exists':
      return { op, args: [operand(condition.subject)] };
    case 'regex': {
      const value = { value: condition.pattern, type: 'string' };
      return { op, args: [operand(condition.subject), { term: { case: 'scalar', value } }] };
    }
    case 'in':
    case 'not_in': {
      const types = new Set(condition.values.map(typeOf));
      if (types.size !== 1) throw new Error('the values of one list are of one type');
      const [type = ''] = types;
      const value = { values: condition.values.map(textOf), type };
      return { op, args: [operand(condition.subject), { term: { case: 'list', value } }] };
    }
    case 'some': {
      const { collection, condition: inner } = condition;
      return { op, args: [{ term: { case: 'nested', value: { level: collection } } }, nested(inner)] };
    }
    default:
      return { op, args: [operand(condition.left), operand(condition.right)] };
  }
}

function nested(condition: Condition): Expression {
  return { term: { case: 'call', value: filterCall(condition) } };
}

function operand(one: Operand): Expression {
  switch (one.kind) {
    case 'attribute':
      return { term: { case: 'attr', value: { key: one.key, level: one.level ?? '' } } };
    case 'field':
      return { term: { case: 'field', value: { name: one.name, level: one.level } } };
    case 'constant':
      return { term: { case: 'scalar', value: { value: textOf(one), type: typeOf(one) } } };
  }
}

/** What the field beside them makes durations and times. */
const untyped: ReadonlySet<Constant['type']> = new Set(['any', 'duration', 'timestamp']);

function typeOf({ type }: Constant): string {
  return untyped.has(type) ? '' : type;
}

function textOf(constant: Constant): string {
  if (constant.type === 'duration') return `${constant.value}ns`;
  if (constant.type !== 'timestamp') return String(constant.value);
  const seconds = new Date(Number(constant.value / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(constant.value % 1_000_000_000n).padStart(9, '0')}Z`;
}
