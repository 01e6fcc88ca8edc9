import * as fc from 'fast-check';
import {
  type Field,
  type FieldType,
  type FieldValue,
  type JsonValue,
  packedArrays,
} from '../../../../lib/grafana-plugin/frame/field.ts';
import type { FieldConfig } from '../../../../lib/grafana-plugin/frame/field-config.ts';
import { type FieldInput, field } from '../../../../lib/grafana-plugin/frame/fields.ts';
import { createFrame, type Frame } from '../../../../lib/grafana-plugin/frame/frame.ts';
import type { FrameMeta } from '../../../../lib/grafana-plugin/frame/frame-meta.ts';

/** Frames of every type with everything that can be set, for round trips here and against Go. */

export const fieldTypes = [...Object.keys(packedArrays), 'string', 'bool', 'json'] as FieldType[];

const text = fc.string({ unit: 'binary', maxLength: 12 });
/** Go leaves out what is empty, so that it cannot come back. */
const someText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0);

/** As decoding gives it: integers that a number cannot hold are bigints, and there is no -0. */
const json: fc.Arbitrary<JsonValue> = fc
  .oneof(
    { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }) },
    { weight: 1, arbitrary: fc.array(fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }), { maxLength: 3 }) },
  )
  .map((value) => asDecoded(value as JsonValue));

function asDecoded(value: JsonValue): JsonValue {
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21)
      return BigInt(value);
    return value === 0 ? 0 : value;
  }
  if (Array.isArray(value)) return value.map(asDecoded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asDecoded(each as JsonValue)]));
}

/** Below, Go's own reader of frame JSON overflows. */
const EARLIEST = -(2n ** 63n) + 1_000_000n;

const integers = (bits: number, isSigned: boolean) =>
  fc.integer(
    isSigned ? { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 } : { min: 0, max: 2 ** bits - 1 },
  );

const enumTexts = ['ok', 'é', '', 'down'];

const values: { [K in FieldType]: fc.Arbitrary<FieldValue<K>> } = {
  int8: integers(8, true),
  int16: integers(16, true),
  int32: integers(32, true),
  uint8: integers(8, false),
  uint16: integers(16, false),
  uint32: integers(32, false),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  float32: fc.float(),
  float64: fc.double(),
  time: fc.bigInt({ min: EARLIEST, max: 2n ** 63n - 1n }),
  enum: fc.integer({ min: 0, max: enumTexts.length - 1 }),
  string: text,
  bool: fc.boolean(),
  json,
};

const labels = fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true });
const result = fc.record(
  { text: someText, color: someText, index: fc.integer({ min: 1, max: 9 }) },
  { requiredKeys: [], noNullPrototype: true },
);

const config: fc.Arbitrary<FieldConfig> = fc.record(
  {
    displayName: someText,
    displayNameFromDS: someText,
    path: someText,
    description: someText,
    filterable: fc.boolean(),
    writeable: fc.boolean(),
    unit: someText,
    decimals: fc.integer({ min: 0, max: 65_535 }),
    min: finite,
    max: finite,
    interval: finite,
    mappings: fc.array(
      fc.oneof(
        fc.record(
          {
            type: fc.constant('value' as const),
            options: fc.dictionary(text, result, { maxKeys: 2, noNullPrototype: true }),
          },
          { noNullPrototype: true },
        ),
        fc.record(
          {
            type: fc.constant('range' as const),
            options: fc.record(
              { from: finite, to: finite, result },
              { requiredKeys: ['result'], noNullPrototype: true },
            ),
          },
          { noNullPrototype: true },
        ),
        fc.record(
          {
            type: fc.constant('special' as const),
            options: fc.record(
              { match: fc.constantFrom('true', 'false', 'null', 'nan', 'null+nan', 'empty'), result },
              { noNullPrototype: true },
            ),
          },
          { noNullPrototype: true },
        ),
      ),
      { minLength: 1, maxLength: 2 },
    ),
    thresholds: fc.record(
      {
        mode: fc.constantFrom('absolute' as const, 'percentage' as const),
        steps: fc
          .array(fc.record({ value: finite, color: someText }, { noNullPrototype: true }), { maxLength: 2 })
          .map((steps) => [{ value: Number.NEGATIVE_INFINITY, color: 'green', state: 'ok' }, ...steps]),
      },
      { noNullPrototype: true },
    ),
    color: fc.constant({ mode: 'fixed', fixedColor: 'red' }),
    links: fc.constant([
      {
        title: 'traces',
        targetBlank: true,
        url: 'https://a.example/',
        internal: {
          query: { q: '{}' },
          datasourceUid: 'u',
          datasourceName: 'n',
          panelsState: { trace: { spanId: '1' } },
          transformations: [{ type: 'regex' as const, field: 'f', expression: '.*', mapValue: 'm' }],
          timeRange: { from: '2026-01-02T03:04:05Z', to: '2026-01-02T04:04:05Z' },
        },
      },
    ]),
    noValue: someText,
    custom: fc.constant({ width: 2, fill: null }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

export const anyMeta: fc.Arbitrary<FrameMeta> = fc.record(
  {
    type: fc.constantFrom('timeseries-wide', 'table', 'log-lines'),
    typeVersion: fc.constantFrom([0, 0] as const, [0, 1] as const, [3, 7] as const),
    path: someText,
    pathSeparator: someText,
    custom: fc.constant({ anything: [1, 'a', null] }),
    stats: fc.constant([{ displayName: 'rows', unit: 'short', value: 12.5 }]),
    notices: fc.constant([
      { severity: 'warning' as const, text: 'slow', link: '/x', inspect: 'stats' as const },
      { severity: 'info' as const, text: '' },
    ]),
    channel: someText,
    preferredVisualisationType: fc.constantFrom('graph', 'nodeGraph', 'flamegraph'),
    preferredVisualisationPluginId: someText,
    executedQueryString: someText,
    dataTopic: fc.constant('annotations'),
    uniqueRowIdFields: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['typeVersion'], noNullPrototype: true },
);

function anyField(type: FieldType, rows: number): fc.Arbitrary<Field> {
  return fc
    .record({
      name: text,
      nullable: fc.boolean(),
      isSparse: fc.boolean(),
      labels: fc.option(labels, { nil: undefined }),
      config: fc.option(config, { nil: undefined }),
      column: fc.array(fc.tuple(values[type] as fc.Arbitrary<FieldValue>, fc.boolean()), {
        minLength: rows,
        maxLength: rows,
      }),
    })
    .map(({ name, nullable, isSparse, labels, config, column }) => {
      const given = column.map(([value, isNull]) => (nullable && isSparse && isNull ? null : value));
      const full = type === 'enum' ? { ...config, type: { enum: { text: enumTexts } } } : config;
      return field(type, name, given as FieldInput<FieldType>, { nullable, labels, config: full }) as Field;
    });
}

export const anyFrame: fc.Arbitrary<Frame> = fc
  .record({
    name: text,
    refId: fc.constantFrom('', 'A', 'é'),
    meta: fc.option(anyMeta, { nil: undefined }),
    rows: fc.oneof(fc.constant(0), fc.nat(20)),
    types: fc.array(fc.constantFrom(...fieldTypes), { maxLength: 6 }),
  })
  .chain(({ rows, types, ...parts }) =>
    fc.tuple(...types.map((type) => anyField(type, rows))).map((fields) => createFrame({ ...parts, fields })),
  );

/** A frame as plain data with its values read one by one, to compare by. */
export function plain({ name, refId, meta, fields }: Frame) {
  return {
    name,
    refId,
    meta,
    fields: fields.map((each) => ({
      name: each.name,
      type: each.type,
      nullable: each.nullable,
      labels: each.labels,
      config: each.config,
      values: [...each],
    })),
  };
}
