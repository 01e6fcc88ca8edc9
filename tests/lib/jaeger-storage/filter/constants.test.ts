import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  parseBool,
  parseDouble,
  parseDuration,
  parseInteger,
  parseNumber,
  parseTimestamp,
} from '../../../../lib/jaeger-storage/filter/constants.ts';

const DURATIONS: Readonly<Record<string, bigint | undefined>> = {
  '0': 0n,
  '-0': 0n,
  '2s': 2_000_000_000n,
  '+2s': 2_000_000_000n,
  '-1.5h': -5_400_000_000_000n,
  '1h30m': 5_400_000_000_000n,
  '50us': 50_000n,
  '50µs': 50_000n,
  '50μs': 50_000n,
  '1.s': 1_000_000_000n,
  '.5ms': 500_000n,
  '1.9ns': 1n,
  '2562047h47m16.854775807s': 2n ** 63n - 1n,
  '2562047h47m16.854775808s': undefined,
  '': undefined,
  '1': undefined,
  s: undefined,
  '.s': undefined,
  '1d': undefined,
  '1 s': undefined,
  '1s2': undefined,
  '--1s': undefined,
};

const TIMES: Readonly<Record<string, bigint | undefined>> = {
  '1970-01-01T00:00:00Z': 0n,
  '1969-12-31T23:59:59.999999999Z': -1n,
  '2026-08-16T18:56:20.123456789Z': 1_786_906_580_123_456_789n,
  '2026-08-16T20:56:20.123456789+02:00': 1_786_906_580_123_456_789n,
  '2026-08-16T12:26:20.1234567891234-06:30': 1_786_906_580_123_456_789n,
  '2024-02-29T00:00:00Z': 1_709_164_800_000_000_000n,
  '2026-02-29T00:00:00Z': undefined,
  '2026-13-01T00:00:00Z': undefined,
  '2026-08-16T24:00:00Z': undefined,
  '2026-08-16T18:60:20Z': undefined,
  '2026-08-16T18:56:20': undefined,
  '2026-08-16 18:56:20Z': undefined,
  '2026-08-16T18:56:20.Z': undefined,
  '2026-08-16': undefined,
  '1786906580': undefined,
};

suite('constants of filters', () => {
  for (const [text, ns] of Object.entries(DURATIONS)) {
    test(`duration '${text}'`, () => assert.equal(parseDuration(text), ns));
  }

  for (const [text, ns] of Object.entries(TIMES)) {
    test(`time '${text}'`, () => assert.equal(parseTimestamp(text), ns));
  }

  test('numbers are those of Go', () => {
    for (const text of ['', '1.', 'x', '1_000', '0x10', '1e3', ' 1', '9223372036854775808']) {
      assert.equal(parseInteger(text), undefined, text);
    }
    for (const text of ['', '.', 'e1', '1e', '0x1p-2', '1_000', '1e400', ' 1', 'infinit']) {
      assert.equal(parseDouble(text), undefined, text);
    }
    assert.equal(parseInteger('-9223372036854775808'), -(2n ** 63n));
    assert.equal(parseInteger('+007'), 7n);
    assert.equal(parseDouble('-1.5E+3'), -1500);
    assert.equal(parseDouble('.5'), 0.5);
    assert.equal(parseDouble('-Inf'), Number.NEGATIVE_INFINITY);
    assert.equal(parseDouble('+infinity'), Number.POSITIVE_INFINITY);
    assert.ok(Number.isNaN(parseDouble('NaN')));
    assert.deepEqual(parseNumber('9007199254740993'), { type: 'int', value: 9_007_199_254_740_993n });
    assert.deepEqual(parseNumber('1.0'), { type: 'double', value: 1 });
    assert.deepEqual([parseBool('T'), parseBool('0'), parseBool('yes')], [true, false, undefined]);
  });

  test('numbers are read as what wrote them', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.double(), (integer, double) => {
        assert.equal(parseInteger(String(integer)), integer);
        assert.deepEqual(parseDouble(String(double)), Object.is(double, -0) ? 0 : double);
      }),
    );
  });

  test('times are read as what wrote them', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        assert.equal(parseTimestamp(date.toISOString()), BigInt(date.getTime()) * 1_000_000n);
      }),
    );
  });

  test('a text made to keep an engine busy is refused at once', () => {
    assert.equal(parseDuration(`${'1'.repeat(5_000_000)}x`), undefined);
    assert.equal(parseDuration(`${'1h'.repeat(400)}x`), undefined);
    assert.equal(parseInteger('1'.repeat(5_000_000)), undefined);
    assert.equal(parseDouble(`${'1'.repeat(1_000_000)}x`), undefined);
    assert.equal(parseTimestamp(`2026-08-16T18:56:20.${'1'.repeat(1_000_000)}`), undefined);
  });
});
