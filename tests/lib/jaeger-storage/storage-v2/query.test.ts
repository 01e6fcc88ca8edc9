import assert from 'node:assert/strict';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AnyValueSchema,
  TraceQueryParametersSchema,
} from '../../../../lib/jaeger-storage/proto/trace_storage_pb.ts';
import { traceQuery } from '../../../../lib/jaeger-storage/storage-v2/query.ts';
import { rejected } from '../../go-plugin/helpers.ts';

const queryOf = (asked: MessageInitShape<typeof TraceQueryParametersSchema>, most = 10_000) =>
  traceQuery(create(TraceQueryParametersSchema, asked), most);

const YEAR_1 = { seconds: -62_135_596_800n, nanos: 0 };

suite('a query of storage_v2', () => {
  test('without anything asks for any trace, 100 of them', () => {
    assert.deepEqual(queryOf({}), {
      ...{ service: undefined, operation: undefined, attributes: [], limit: 100 },
      ...{ startMin: undefined, startMax: undefined, durationMin: undefined, durationMax: undefined },
    });
  });

  test("times that Go's programs have not set, and empty durations, are no bounds", () => {
    const query = queryOf({ startTimeMin: YEAR_1, startTimeMax: YEAR_1, durationMin: {}, durationMax: {} });
    const { startMin, startMax, durationMin, durationMax } = query;
    assert.deepEqual(
      [startMin, startMax, durationMin, durationMax],
      [undefined, undefined, undefined, undefined],
    );
  });

  test('bounds are exact to the nanosecond', () => {
    const query = queryOf({
      startTimeMin: { seconds: 1_485_449_191n, nanos: 639_875_000 },
      startTimeMax: { seconds: 253_402_300_799n, nanos: 999_999_999 },
      durationMin: { nanos: 1 },
      durationMax: { seconds: 1n, nanos: 5 },
    });
    assert.equal(query.startMin, 1_485_449_191_639_875_000n);
    assert.equal(query.startMax, 253_402_300_799_999_999_999n);
    assert.deepEqual([query.durationMin, query.durationMax], [1n, 1_000_000_005n]);
  });

  for (const [asked, most, limit] of [
    [0, 10_000, 100],
    [0, 50, 50],
    [1, 10_000, 1],
    [20_000, 10_000, 10_000],
    [2 ** 31 - 1, 500, 500],
  ] as const) {
    test(`a depth of ${asked} finds ${limit} where ${most} are the most`, () => {
      assert.equal(queryOf({ searchDepth: asked }, most).limit, limit);
    });
  }

  test('a depth below 0 is refused', () => {
    assert.throws(() => queryOf({ searchDepth: -1 }), rejected('INVALID_ARGUMENT', /search_depth is -1/));
  });

  const values: readonly [MessageInitShape<typeof AnyValueSchema>['value'], string][] = [
    [{ case: 'stringValue', value: 'text' }, 'text'],
    [{ case: 'stringValue', value: '' }, ''],
    [{ case: 'intValue', value: 9_007_199_254_740_993n }, '9007199254740993'],
    [{ case: 'doubleValue', value: 72.5 }, '72.5'],
    [{ case: 'boolValue', value: true }, 'true'],
    [{ case: 'bytesValue', value: Uint8Array.of(0, 255) }, 'AP8='],
    [{ case: 'arrayValue', value: { values: [{ value: { case: 'intValue', value: 1n } }] } }, '[1]'],
  ];
  for (const [value, text] of values) {
    test(`an attribute of type ${value?.case} is looked for as '${text}'`, () => {
      const { attributes } = queryOf({
        attributes: [{ key: 'key', value: value && { value } }],
      } as Parameters<typeof queryOf>[0]);
      assert.deepEqual(attributes, [{ key: 'key', value: text }]);
    });
  }

  test('an attribute without a value is refused, and not left out', () => {
    for (const attribute of [{ key: 'key' }, { key: 'key', value: {} }]) {
      assert.throws(
        () => queryOf({ attributes: [attribute] }),
        rejected('INVALID_ARGUMENT', /'key' .* no value/),
      );
    }
  });

  test('a request without a query is refused', () => {
    assert.throws(() => traceQuery(undefined, 1), rejected('INVALID_ARGUMENT', /no query/));
  });

  const filter = (op: string) => ({
    op,
    args: [
      { term: { case: 'attr' as const, value: { key: 'key', level: 'span' } } },
      { term: { case: 'scalar' as const, value: { value: 'x', type: 'string' } } },
    ],
  });

  test('a filter is read as a condition, beside times and depth', () => {
    const query = queryOf({ filter: filter('eq'), startTimeMin: { seconds: 1n }, searchDepth: 5 });
    assert.equal(query.filter?.op, 'eq');
    assert.deepEqual([query.startMin, query.limit], [1_000_000_000n, 5]);
  });

  const beside = [
    { serviceName: 'a' },
    { operationName: 'a' },
    { attributes: [{ key: 'a', value: { value: { case: 'stringValue' as const, value: 'a' } } }] },
    { durationMin: { nanos: 1 } },
    { durationMax: { nanos: 1 } },
  ];
  for (const fields of beside) {
    test(`a filter beside ${Object.keys(fields)} is refused`, () => {
      assert.throws(
        () => queryOf({ filter: filter('eq'), ...fields }),
        rejected('INVALID_ARGUMENT', /put those into the filter/),
      );
    });
  }

  for (const op of ['nonsense', 'and', '']) {
    test(`a filter with operator '${op}' is refused, and not left out`, () => {
      assert.throws(
        () => queryOf({ filter: filter(op) }),
        rejected('INVALID_ARGUMENT', /can't use the filter/),
      );
    });
  }
});
