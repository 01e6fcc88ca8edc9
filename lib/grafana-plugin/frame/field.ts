import { bitAt, bitmapBytes, countUnset } from './bitmap.ts';
import { FrameError } from './errors.ts';
import type { FieldConfig } from './field-config.ts';

/** A JSON value; integers beyond 2^53 are bigints and keep every digit. */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** What holds the values of each type of field. A typed array is never copied until it is encoded. */
export interface FieldValues {
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  float32: Float32Array;
  float64: Float64Array;
  /** Unix nanoseconds */
  time: BigInt64Array;
  /** index into `config.type.enum.text` */
  enum: Uint16Array;
  string: readonly (string | null)[];
  bool: readonly (boolean | null)[];
  json: readonly JsonValue[];
}

export type FieldType = keyof FieldValues;
export type IntegerType = 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64';
export type NumberType = IntegerType | 'float32' | 'float64';
/** Types whose values are a typed array, with nulls in a validity bitmap. */
export type PackedType = NumberType | 'time' | 'enum';

/** One value of a field: bigint for 64-bit integers and for times (Unix nanoseconds). */
export type FieldValue<K extends FieldType = FieldType> = Exclude<FieldValues[K][number], null> | null;

export type Labels = Readonly<Record<string, string>>;

export interface FieldOptions {
  /** Tell series of one name apart. */
  labels?: Labels | undefined;
  config?: FieldConfig | undefined;
  /** Whether the column may hold nulls. Default: whether it does. Say it for streams, whose schema is sent once. */
  nullable?: boolean | undefined;
}

/**
 * A named column. `values` is dense: where a packed field has a null, its slot holds any number, and `validity` (bit
 * set: there is a value) tells; string, bool and JSON fields hold their nulls in `values`.
 */
export class FieldOf<K extends FieldType> {
  readonly name: string;
  readonly type: K;
  readonly values: FieldValues[K];
  readonly nullable: boolean;
  readonly validity: Uint8Array | undefined;
  readonly labels: Labels | undefined;
  readonly config: FieldConfig | undefined;

  /**
   * @param validity - Arrow bitmap for a packed field; left out, every slot has a value
   * @throws {FrameError} `LENGTH_MISMATCH` when the bitmap is shorter than the values, `BAD_VALUE`
   */
  constructor(
    type: K,
    name: string,
    values: FieldValues[K],
    { labels, config, nullable, validity }: FieldOptions & { validity?: Uint8Array | undefined } = {},
  ) {
    if (typeof name !== 'string')
      throw new FrameError('BAD_SCHEMA', `a field's name is text, not ${typeof name}: pass a string`);
    if (validity) checkValidity(name, validity, values.length);
    if (isPacked(type) && !(values instanceof packedArrays[type])) {
      throw new FrameError(
        'BAD_VALUE',
        `field "${name}": ${type} values are a ${packedArrays[type].name}: use field()`,
      );
    }
    if (validity && nullable === false) {
      throw new FrameError(
        'BAD_VALUE',
        `field "${name}" is not nullable but has nulls: leave out nullable: false, or give every row a value`,
      );
    }
    this.name = name;
    this.type = type;
    this.values = values;
    this.nullable = nullable ?? validity !== undefined;
    this.validity = validity;
    this.labels = labels;
    this.config = config;
  }

  get length(): number {
    return this.values.length;
  }

  get nullCount(): number {
    if (this.validity) return countUnset(this.validity, this.length);
    if (!this.nullable || isPacked(this.type)) return 0;
    let nulls = 0;
    for (const value of this.values as readonly unknown[]) if (value === null) nulls++;
    return nulls;
  }

  /** @returns the value, `null` where there is none or no such row */
  at(row: number): FieldValue<K> {
    if (this.validity && row < this.length && !bitAt(this.validity, row)) return null;
    return (this.values[row] ?? null) as FieldValue<K>;
  }

  *[Symbol.iterator](): IterableIterator<FieldValue<K>> {
    for (let row = 0; row < this.length; row++) yield this.at(row);
  }

  /** The same values under another name, labels or config. */
  with(changes: { name?: string; labels?: Labels; config?: FieldConfig }): FieldOf<K> {
    return new FieldOf(this.type, changes.name ?? this.name, this.values, {
      labels: changes.labels ?? this.labels,
      config: changes.config ?? this.config,
      nullable: this.nullable,
      validity: this.validity,
    });
  }
}

/** Any field; `type` tells which, and with it what `values` are. */
export type Field = { [K in FieldType]: FieldOf<K> }[FieldType];

/** @throws {FrameError} `LENGTH_MISMATCH` when the bitmap is shorter than the values */
export function checkValidity(name: string, validity: Uint8Array, length: number): void {
  if (validity.length >= bitmapBytes(length)) return;
  throw new FrameError(
    'LENGTH_MISMATCH',
    `field "${name}" has ${length} values but a validity bitmap of ${validity.length} bytes: ` +
      `give it ${bitmapBytes(length)}`,
  );
}

export function isPacked(type: FieldType): type is PackedType {
  return type !== 'string' && type !== 'bool' && type !== 'json';
}

export const packedArrays = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
  time: BigInt64Array,
  enum: Uint16Array,
} as const satisfies { [K in PackedType]: new (length: number) => FieldValues[K] };

/** Grafana's coarse word for a type, which its frontend goes by. */
export function kindOf(type: FieldType): 'number' | 'string' | 'boolean' | 'time' | 'enum' | 'other' {
  switch (type) {
    case 'string':
    case 'time':
    case 'enum':
      return type;
    case 'bool':
      return 'boolean';
    case 'json':
      return 'other';
    default:
      return 'number';
  }
}
