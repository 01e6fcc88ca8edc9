import { FrameError } from './errors.ts';
import type { Field, FieldOf, FieldOptions, FieldType, FieldValue, Labels } from './field.ts';
import { type FieldInput, field } from './fields.ts';
import { createFrame, type Frame, rowCount } from './frame.ts';

/** How a frame can be read as time series. Indices are of `frame.fields`. */
export interface TimeSeriesSchema {
  /**
   * `wide`: a time field and a field per series, told apart by labels. `long`: a row per time and series, told apart by
   * string and bool fields. `none`: there is no time field, or nothing but it and factors.
   */
  kind: 'wide' | 'long' | 'none';
  timeIndex: number;
  valueIndices: readonly number[];
  /** the string and bool fields */
  factorIndices: readonly number[];
}

export function timeSeriesSchema({ fields }: Frame): TimeSeriesSchema {
  const timeIndex = fields.findIndex(({ type }) => type === 'time');
  const factorIndices: number[] = [];
  const valueIndices: number[] = [];
  fields.forEach(({ type }, index) => {
    if (index === timeIndex) return;
    (type === 'string' || type === 'bool' ? factorIndices : valueIndices).push(index);
  });
  const isSeries = timeIndex >= 0 && valueIndices.length > 0;
  const kind = !isSeries ? 'none' : factorIndices.length > 0 ? 'long' : 'wide';
  return { kind, timeIndex, valueIndices, factorIndices };
}

/** What stands where a series has no row at a time at which another has one. */
export type Fill = { mode: 'previous' } | { mode: 'null' } | { mode: 'value'; value: number };

/**
 * Turn a long series into a wide one: each combination of factors becomes a field per value field, with the factors as
 * its labels. Of two rows with the same time and factors the later wins.
 * @param fill - left out, a gap is null in a nullable field, else zero. `previous` is null before the first value.
 * @returns fields sorted by name, then by labels in the order of the factor fields
 * @throws {FrameError} `WRONG_SHAPE` when it is no long series or has no rows, `BAD_VALUE` for a null time, `UNSORTED`
 */
export function longToWide(frame: Frame, fill?: Fill): Frame {
  const { timeField, times, schema } = openSeries(frame, 'long');
  const factors = schema.factorIndices.map((index) => fieldAt(frame, index));
  const names = factors.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new FrameError(
      'WRONG_SHAPE',
      `two string or bool fields are named "${twice}": each is to become a label, rename one`,
    );
  }
  const wideTimes: bigint[] = [];
  const groups = new Map<string, { labels: Labels; columns: FieldValue[][] }>();
  times.forEach((time, row) => {
    if (row === 0 || time > (times[row - 1] as bigint)) wideTimes.push(time);
    const texts = factors.map((factor) => String(factor.at(row) ?? (factor.type === 'bool' ? false : '')));
    const key = JSON.stringify(texts);
    let group = groups.get(key);
    if (!group) {
      const labels = Object.fromEntries(names.map((name, index) => [name, texts[index] as string]));
      group = { labels, columns: schema.valueIndices.map(() => []) };
      groups.set(key, group);
    }
    // A row that is never set stays a hole, which is what tells a gap from a null that was there.
    schema.valueIndices.forEach((valueIndex, index) => {
      (group.columns[index] as FieldValue[])[wideTimes.length - 1] = fieldAt(frame, valueIndex).at(row);
    });
  });
  const wide = [...groups.values()].flatMap(({ labels, columns }) =>
    columns.map((column, index) => {
      const source = fieldAt(frame, schema.valueIndices[index] as number);
      const nullable = source.nullable || (fill !== undefined && fill.mode !== 'value');
      const values = filled(column, wideTimes.length, source.type, nullable, fill);
      return build(source.type, source.name, values, { labels, config: source.config, nullable });
    }),
  );
  return createFrame({
    name: frame.name,
    refId: frame.refId,
    meta: { ...frame.meta, type: 'timeseries-wide', typeVersion: [0, 1] },
    fields: [field('time', timeField.name, BigInt64Array.from(wideTimes)), ...sortFields(wide, names)],
  });
}

/**
 * Turn a wide series into a long one: label names become string fields, and each set of labels a row per time.
 * @returns time, value fields by name, then the labels by name; where a series lacks a value or label, null or zero
 * @throws {FrameError} `WRONG_SHAPE` when it is no wide series, has no rows, or two fields of one name differ in type;
 *   `BAD_VALUE` for a null time, `UNSORTED`
 */
export function wideToLong(frame: Frame): Frame {
  const { timeField, times, schema } = openSeries(frame, 'wide');
  const sources = schema.valueIndices.map((index) => fieldAt(frame, index));
  const byName = new Map<string, Field>();
  const groups = new Map<string, Field[]>();
  for (const source of sources) {
    const first = byName.get(source.name) ?? source;
    if (first.type !== source.type || first.nullable !== source.nullable) {
      const [one, other] = [first, source].map(
        ({ type, nullable }) => `${nullable ? 'nullable ' : ''}${type}`,
      );
      throw new FrameError(
        'WRONG_SHAPE',
        `two fields are named "${source.name}", one ${one}, one ${other}: give them one type, or two names`,
      );
    }
    byName.set(source.name, first);
    const key = JSON.stringify(Object.entries(source.labels ?? {}).sort(byKey));
    groups.set(key, [...(groups.get(key) ?? []), source]);
  }
  const series = [...groups].sort(byKey).map(([, members]) => members);
  const valueNames = [...byName.keys()].sort();
  const labelNames = [...new Set(sources.flatMap(({ labels }) => Object.keys(labels ?? {})))].sort();

  const valueFields = valueNames.map((name) => {
    const { type, nullable, config } = byName.get(name) as Field;
    const members = series.map((fields) => fields.findLast((each) => each.name === name));
    const missing = nullable ? null : zeroOf(type);
    const values = times.flatMap((_time, row) =>
      members.map((member) => (member ? member.at(row) : missing)),
    );
    // A display name or unit is a single series' own; an enum's texts belong to its values.
    return build(type, name, values, { nullable, config: type === 'enum' ? config : undefined });
  });
  const labelFields = labelNames.map((name) => {
    const texts = series.map(([first]) => first?.labels?.[name] ?? '');
    return field(
      'string',
      name,
      times.flatMap(() => texts),
      { nullable: false },
    );
  });
  const longTimes = BigInt64Array.from(times.flatMap((time) => series.map(() => time)));
  return createFrame({
    name: frame.name,
    refId: frame.refId,
    meta: { ...frame.meta, type: 'timeseries-long' },
    fields: [field('time', timeField.name, longTimes), ...valueFields, ...labelFields],
  });
}

function openSeries(frame: Frame, wanted: 'wide' | 'long') {
  const schema = timeSeriesSchema(frame);
  if (schema.kind !== wanted) {
    const found = schema.kind === 'none' ? 'no time series' : `a ${schema.kind} time series`;
    const needs =
      wanted === 'long'
        ? 'a time field, a string or bool field and another'
        : 'a time field and others, none string or bool';
    throw new FrameError(
      'WRONG_SHAPE',
      `frame "${frame.name}" is ${found}, but a ${wanted} one is needed: ${needs}`,
    );
  }
  if (rowCount(frame) === 0) {
    throw new FrameError(
      'WRONG_SHAPE',
      `frame "${frame.name}" has no rows to convert: answer with it as it is`,
    );
  }
  const timeField = fieldAt(frame, schema.timeIndex) as FieldOf<'time'>;
  const times = Array.from(timeField, (time, row) => {
    if (time !== null) return time;
    throw new FrameError(
      'BAD_VALUE',
      `field "${timeField.name}", row ${row}: the time is null: leave out the row`,
    );
  });
  const row = times.findIndex((time, index) => index > 0 && time < (times[index - 1] as bigint));
  if (row > 0) {
    throw new FrameError(
      'UNSORTED',
      `field "${timeField.name}", row ${row} is earlier than the row before: sort the rows by time, ascending`,
    );
  }
  return { timeField, times, schema };
}

function fieldAt(frame: Frame, index: number): Field {
  return frame.fields[index] as Field;
}

function build(type: FieldType, name: string, values: FieldValue[], options: FieldOptions): Field {
  return field(type, name, values as FieldInput<FieldType>, options) as Field;
}

function filled(
  column: readonly FieldValue[],
  length: number,
  type: FieldType,
  nullable: boolean,
  fill: Fill | undefined,
): FieldValue[] {
  const gap = fillValue(type, nullable, fill);
  const values: FieldValue[] = [];
  for (let row = 0; row < length; row++) {
    if (Object.hasOwn(column, row)) values.push(column[row] as FieldValue);
    else values.push(fill?.mode === 'previous' && row > 0 ? (values[row - 1] as FieldValue) : gap);
  }
  return values;
}

/** A fill value where it can be one: numbers. Elsewhere a gap stays what it is without. */
function fillValue(type: FieldType, nullable: boolean, fill: Fill | undefined): FieldValue {
  const zero = zeroOf(type);
  const isNumber =
    type !== 'time' && type !== 'enum' && (typeof zero === 'number' || typeof zero === 'bigint');
  if (fill?.mode !== 'value' || !isNumber) return nullable ? null : zero;
  if (type.startsWith('float')) return fill.value;
  const whole = Math.trunc(fill.value);
  return typeof zero === 'bigint' && Number.isFinite(whole) ? BigInt(whole) : whole;
}

function zeroOf(type: FieldType): FieldValue {
  switch (type) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'json':
      return null;
    case 'int64':
    case 'uint64':
    case 'time':
      return 0n;
    default:
      return 0;
  }
}

function sortFields(fields: readonly Field[], labelNames: readonly string[]): Field[] {
  return fields.toSorted((one, other) => {
    if (one.name !== other.name) return one.name < other.name ? -1 : 1;
    for (const name of labelNames) {
      const [value = '', otherValue = ''] = [one.labels?.[name], other.labels?.[name]];
      if (value !== otherValue) return value < otherValue ? -1 : 1;
    }
    return 0;
  });
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
