import { create } from '@bufbuild/protobuf';
import {
  AttributeReferenceSchema,
  type Call,
  CallSchema,
  type Expression,
  ExpressionSchema,
  FieldReferenceSchema,
  ListSchema,
  NestedReferenceSchema,
  ScalarSchema,
} from '../../../../lib/jaeger-storage/proto/expression_pb.ts';

/** An attribute of a level, or of span and resource. */
export function attr(key: string, level = ''): Expression {
  return create(ExpressionSchema, {
    term: { case: 'attr', value: create(AttributeReferenceSchema, { key, level }) },
  });
}

/** 'span.name' */
export function field(path: string): Expression {
  const [level = '', name = ''] = path.split('.');
  return create(ExpressionSchema, {
    term: { case: 'field', value: create(FieldReferenceSchema, { level, name }) },
  });
}

export function nested(level: string): Expression {
  return create(ExpressionSchema, {
    term: { case: 'nested', value: create(NestedReferenceSchema, { level }) },
  });
}

export function scalar(value: string, type = ''): Expression {
  return create(ExpressionSchema, { term: { case: 'scalar', value: create(ScalarSchema, { value, type }) } });
}

export function list(values: readonly string[], type = ''): Expression {
  return create(ExpressionSchema, {
    term: { case: 'list', value: create(ListSchema, { values: [...values], type }) },
  });
}

/** Texts are constants without a type, and calls are wrapped where they stand inside of others. */
export function call(op: string, ...args: readonly (Expression | Call | string)[]): Call {
  return create(CallSchema, {
    op,
    args: args.map((arg) => {
      if (typeof arg === 'string') return scalar(arg);
      return 'op' in arg ? create(ExpressionSchema, { term: { case: 'call', value: arg } }) : arg;
    }),
  });
}
