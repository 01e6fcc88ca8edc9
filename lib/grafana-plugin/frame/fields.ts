import { bitAt, bitmapBytes } from './bitmap.ts';
import { FrameError } from './errors.ts';
import {
  checkValidity,
  FieldOf,
  type FieldOptions,
  type FieldType,
  type FieldValues,
  isPacked,
  type JsonValue,
  type NumberType,
  type PackedType,
  packedArrays,
} from './field.ts';
import type { EnumConfig } from './field-config.ts';
import { type PackedReader, readers } from './field-values.ts';
import { shown, type TimeValue } from './nanoseconds.ts';

type Given<T> = ArrayLike<T | null | undefined>;

/** What an author may hand over for a column of each type. The typed array of that type is used as it is. */
export type FieldInput<K extends FieldType> =
  | FieldValues[K]
  | (K extends NumberType
      ? Given<number | bigint>
      : K extends 'time'
        ? Given<TimeValue>
        : K extends 'enum'
          ? Given<number>
          : K extends 'string'
            ? Given<string>
            : K extends 'bool'
              ? Given<boolean>
              : Given<JsonValue>);

export interface PackedFieldOptions extends FieldOptions {
  /** Which rows have a value, as Arrow packs bits (see `packBits`): a typed array has no nulls of its own. */
  validity?: Uint8Array | undefined;
}

/**
 * A field of a stated type. The type's own typed array becomes the column without a copy (do not change it before the
 * frame is encoded); anything else is converted, `null` and `undefined` being nulls.
 * @throws {FrameError} `BAD_VALUE` naming the row: not of the type, out of its range, null though `nullable` is false
 */
export function field<K extends FieldType>(
  type: K,
  name: string,
  values: FieldInput<K>,
  options: PackedFieldOptions = {},
): FieldOf<K> {
  if (!Object.hasOwn(readers, type)) {
    throw new FrameError(
      'BAD_SCHEMA',
      `field "${name}": ${shown(type)} is no field type: use one of ${Object.keys(readers).join(', ')}`,
    );
  }
  if (isPacked(type)) return packed(type, name, values, options) as FieldOf<FieldType> as FieldOf<K>;
  return listed(type, name, values as Given<unknown>, options) as FieldOf<FieldType> as FieldOf<K>;
}

/** A time column from Unix nanoseconds (`BigInt64Array`, bigints), `Date`s, or Unix milliseconds (numbers). */
export function timeField(name: string, values: FieldInput<'time'>, options?: PackedFieldOptions) {
  return field('time', name, values, options);
}

type NumberArrays = {
  [K in NumberType]: FieldValues[K];
};
type TypeOfArray<A> = A extends { readonly [Symbol.toStringTag]: infer Tag }
  ? { [K in NumberType]: Tag extends NumberArrays[K][typeof Symbol.toStringTag] ? K : never }[NumberType]
  : 'float64';

/**
 * A column of numbers: the type is the typed array's, `int64` for bigints, else `float64`; or say `type`.
 * @throws {FrameError} `BAD_VALUE`
 */
export function numberField<K extends NumberType>(
  name: string,
  values: FieldInput<K>,
  options: PackedFieldOptions & { type: K },
): FieldOf<K>;
export function numberField<A extends NumberArrays[NumberType]>(
  name: string,
  values: A,
  options?: PackedFieldOptions,
): FieldOf<TypeOfArray<A>>;
export function numberField(name: string, values: Given<number>, options?: FieldOptions): FieldOf<'float64'>;
export function numberField(name: string, values: Given<bigint>, options?: FieldOptions): FieldOf<'int64'>;
export function numberField(
  name: string,
  values: FieldInput<NumberType>,
  { type, ...options }: PackedFieldOptions & { type?: NumberType } = {},
): FieldOf<NumberType> {
  return field(type ?? numberType(values), name, values, options);
}

export function stringField(name: string, values: FieldInput<'string'>, options?: FieldOptions) {
  return field('string', name, values, options);
}

export function booleanField(name: string, values: FieldInput<'bool'>, options?: FieldOptions) {
  return field('bool', name, values, options);
}

/** A column of JSON values. In a nullable one JSON's `null` and a missing value are the same. */
export function jsonField(name: string, values: FieldInput<'json'>, options?: FieldOptions) {
  return field('json', name, values, options);
}

/**
 * A column whose values are a few known texts: Grafana gets the texts once and an index per row.
 * @param values - texts of `enumeration`, or their indices as a `Uint16Array`
 * @throws {FrameError} `BAD_VALUE` for a value that is not among the texts
 */
export function enumField(
  name: string,
  values: Uint16Array | Given<string>,
  enumeration: readonly string[] | EnumConfig,
  options: PackedFieldOptions = {},
): FieldOf<'enum'> {
  const definition: EnumConfig = 'text' in enumeration ? enumeration : { text: enumeration };
  const config = { ...options.config, type: { enum: definition } };
  if (values instanceof Uint16Array) return field('enum', name, values, { ...options, config });
  const indices = new Map(definition.text.map((text, index) => [text, index]));
  const found = Array.from(values, (text, row) => {
    if (text === null || text === undefined) return null;
    const index = indices.get(text);
    if (index !== undefined) return index;
    throw new FrameError(
      'BAD_VALUE',
      `field "${name}", row ${row}: ${shown(text)} is none of the enum's ${definition.text.length} texts: add it to them`,
    );
  });
  return field('enum', name, found, { ...options, config });
}

/** @throws {FrameError} `BAD_VALUE` when an index of an enum field has no text */
export function checkEnum(enumField: FieldOf<'enum'>): void {
  const texts = enumField.config?.type?.enum?.text.length ?? 0;
  const { values } = enumField;
  for (let row = 0; row < values.length; row++) {
    if ((values[row] as number) < texts || enumField.at(row) === null) continue;
    throw new FrameError(
      'BAD_VALUE',
      `field "${enumField.name}", row ${row}: index ${values[row]} has no text among ${texts}: ` +
        'list every text in config.type.enum.text',
    );
  }
}

/** What a plain list of numbers is a column of. */
function numberType(values: FieldInput<NumberType>): NumberType {
  if (ArrayBuffer.isView(values)) {
    for (const [type, TypedArray] of Object.entries(packedArrays)) {
      if (values instanceof TypedArray && type !== 'time' && type !== 'enum') return type as NumberType;
    }
    return 'float64';
  }
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value !== null && value !== undefined) return typeof value === 'bigint' ? 'int64' : 'float64';
  }
  return 'float64';
}

function packed(
  type: PackedType,
  name: string,
  given: ArrayLike<unknown>,
  { validity: bitmap, ...options }: PackedFieldOptions,
): FieldOf<PackedType> {
  const { values, validity } =
    given instanceof packedArrays[type]
      ? { values: given as FieldValues[PackedType], validity: bitmap }
      : converted(type, name, given, bitmap);
  const made = new FieldOf(type, name, values, { ...options, validity });
  if (type === 'enum') checkEnum(made as FieldOf<PackedType> as FieldOf<'enum'>);
  return made;
}

function converted(
  type: PackedType,
  name: string,
  given: ArrayLike<unknown>,
  bitmap: Uint8Array | undefined,
) {
  const { length } = given;
  if (bitmap) checkValidity(name, bitmap, length);
  const values = new packedArrays[type](length) as FieldValues[PackedType];
  const put = (readers[type] as PackedReader)(values, name);
  let validity: Uint8Array | undefined;
  for (let row = 0; row < length; row++) {
    const value = bitmap && !bitAt(bitmap, row) ? null : given[row];
    if (value === null || value === undefined) {
      validity ??= new Uint8Array(bitmapBytes(length)).fill(0xff);
      validity[row >>> 3] = (validity[row >>> 3] as number) & ~(1 << (row & 7));
    } else {
      put(row, value);
    }
  }
  return { values, validity };
}

function listed(
  type: 'string' | 'bool' | 'json',
  name: string,
  given: Given<unknown>,
  options: FieldOptions,
): FieldOf<'string' | 'bool' | 'json'> {
  const { length } = given;
  const isMine = readers[type] as (value: unknown) => boolean;
  let hasNull = false;
  let values: ArrayLike<unknown> = given;
  for (let row = 0; row < length; row++) {
    const value = given[row];
    if (value === null || value === undefined) {
      hasNull = true;
      if (value === undefined && values === given) values = Array.from(given, (each) => each ?? null);
    } else if (!isMine(value)) {
      throw new FrameError(
        'BAD_VALUE',
        `field "${name}", row ${row}: ${shown(value)} is no ${type}: convert it`,
      );
    }
  }
  // A JSON column that must not have nulls may still hold JSON's own null.
  if (hasNull && options.nullable === false && type !== 'json') {
    throw new FrameError(
      'BAD_VALUE',
      `field "${name}" is not nullable but has a null: leave out nullable: false`,
    );
  }
  const dense = (Array.isArray(values) ? values : Array.from(values)) as FieldValues['string'];
  const nullable = options.nullable ?? hasNull;
  return new FieldOf<'string' | 'bool' | 'json'>(type, name, dense, { ...options, nullable });
}
