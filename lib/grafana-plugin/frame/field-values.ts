import { FrameError } from './errors.ts';
import type { FieldType, FieldValues, IntegerType, PackedType } from './field.ts';
import { halvesOf, putTime, shown } from './nanoseconds.ts';

/** Puts what an author gave into a column: made for the column, called for each row with a value. */
export type PackedReader = (
  values: FieldValues[PackedType],
  name: string,
) => (row: number, value: unknown) => void;

/**
 * What may be a value of each type, null apart: what puts it into the column's typed array, or says whether it is one.
 * @throws {FrameError} `BAD_VALUE` naming field and row
 */
export const readers: {
  [K in FieldType]: K extends PackedType ? PackedReader : (value: unknown) => boolean;
} = {
  int8: integer('int8', -(2 ** 7), 2 ** 7 - 1),
  int16: integer('int16', -(2 ** 15), 2 ** 15 - 1),
  int32: integer('int32', -(2 ** 31), 2 ** 31 - 1),
  uint8: integer('uint8', 0, 2 ** 8 - 1),
  uint16: integer('uint16', 0, 2 ** 16 - 1),
  uint32: integer('uint32', 0, 2 ** 32 - 1),
  enum: integer('enum', 0, 2 ** 16 - 1),
  int64: wideInteger('int64', (value) => BigInt.asIntN(64, value) === value),
  uint64: wideInteger('uint64', (value) => BigInt.asUintN(64, value) === value),
  float32: float,
  float64: float,
  time: (values, name) => {
    const column = values as BigInt64Array;
    const halves = halvesOf(column);
    return (row, value) => putTime(column, halves, row, value, name);
  },
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  json: (value) => typeof value !== 'function' && typeof value !== 'symbol',
};

function float(values: FieldValues[PackedType], name: string) {
  const column = values as Float64Array;
  return (row: number, value: unknown) => {
    if (typeof value === 'number') column[row] = value;
    else if (typeof value === 'bigint') column[row] = Number(value);
    else
      throw new FrameError(
        'BAD_VALUE',
        `field "${name}", row ${row}: ${shown(value)} is no number: convert it, or use null`,
      );
  };
}

function integer(type: IntegerType | 'enum', least: number, most: number): PackedReader {
  return (values, name) => {
    const column = values as Int32Array;
    return (row, value) => {
      const number = typeof value === 'bigint' ? Number(value) : value;
      if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) {
        column[row] = number;
        return;
      }
      throw new FrameError(
        'BAD_VALUE',
        `field "${name}", row ${row}: ${shown(value)} is no ${type} (${least} to ${most}): use a wider type`,
      );
    };
  };
}

function wideInteger(type: 'int64' | 'uint64', fits: (value: bigint) => boolean): PackedReader {
  return (values, name) => {
    const column = values as BigInt64Array;
    return (row, value) => {
      const whole = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
      if (typeof whole === 'bigint' && fits(whole)) {
        column[row] = whole;
        return;
      }
      throw new FrameError(
        'BAD_VALUE',
        `field "${name}", row ${row}: ${shown(value)} is no ${type}: ` +
          'give a bigint in its range, or a number that is exact (up to 2^53)',
      );
    };
  };
}
