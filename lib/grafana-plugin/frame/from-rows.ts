import { FrameError } from './errors.ts';
import type { Field, FieldOptions, FieldType } from './field.ts';
import { type FieldInput, field } from './fields.ts';
import { createFrame, type Frame, type FrameParts } from './frame.ts';

export type Column = FieldType | (FieldOptions & { type: FieldType });

export interface FromRowsOptions<Row extends object> extends Omit<FrameParts, 'fields'> {
  /**
   * The columns, in their order, with their types. Left out, they are what the rows have: `Date` is time, number float64,
   * bigint int64, text string, boolean bool, anything else JSON. Say it where a query may find no rows: the columns of
   * no rows cannot be told.
   */
  columns?: Readonly<Partial<Record<Extract<keyof Row, string>, Column>>> | undefined;
}

/**
 * A frame from objects, one per row; a key that a row lacks is a null.
 * @throws {FrameError} `BAD_VALUE` when a column mixes types, or holds what its declared type cannot
 */
export function frameFromRows<Row extends object>(
  rows: readonly Row[],
  { columns, ...parts }: FromRowsOptions<Row> = {},
): Frame {
  const fields = columns
    ? Object.entries(columns as Readonly<Record<string, Column>>).map(([name, column]) => {
        const { type, ...options } = typeof column === 'string' ? { type: column } : column;
        return columnField(name, type, rows, options);
      })
    : namesIn(rows).map((name) => columnField(name, inferType(name, rows), rows, {}));
  return createFrame({ ...parts, fields });
}

function columnField(name: string, type: FieldType, rows: readonly object[], options: FieldOptions): Field {
  return field(type, name, valuesOf(name, rows) as FieldInput<FieldType>, options) as Field;
}

function valuesOf(name: string, rows: readonly object[]): unknown[] {
  return rows.map((row) => (Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : null));
}

function namesIn(rows: readonly object[]): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

function inferType(name: string, rows: readonly object[]): FieldType {
  let type: FieldType | undefined;
  for (const [row, value] of valuesOf(name, rows).entries()) {
    if (value === null || value === undefined) continue;
    const found = typeOf(value);
    type ??= found;
    if (found === type) continue;
    throw new FrameError(
      'BAD_VALUE',
      `column "${name}" is ${type} up to row ${row}, which is ${found}: declare the column's type in columns`,
    );
  }
  return type ?? 'string';
}

function typeOf(value: unknown): FieldType {
  if (value instanceof Date) return 'time';
  switch (typeof value) {
    case 'number':
      return 'float64';
    case 'bigint':
      return 'int64';
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    default:
      return 'json';
  }
}
