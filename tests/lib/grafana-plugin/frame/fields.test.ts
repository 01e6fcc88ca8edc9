import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { packBits } from '../../../../lib/grafana-plugin/frame/bitmap.ts';
import { FieldOf } from '../../../../lib/grafana-plugin/frame/field.ts';
import {
  booleanField,
  enumField,
  field,
  jsonField,
  numberField,
  stringField,
  timeField,
} from '../../../../lib/grafana-plugin/frame/fields.ts';
import {
  halvesOf,
  putMilliseconds,
  splitMilliseconds,
  toNanoseconds,
} from '../../../../lib/grafana-plugin/frame/nanoseconds.ts';

suite('a field', () => {
  test('keeps the typed array that it is given', () => {
    const values = Float64Array.of(1, 2);
    assert.equal(numberField('v', values).values, values);
    const times = BigInt64Array.of(1n);
    assert.equal(timeField('t', times).values, times);
  });

  test('has the type of its typed array, else float64, or int64 for bigints', () => {
    const types = [
      numberField('v', new Int8Array(1)),
      numberField('v', new Uint8Array(1)),
      numberField('v', new Int16Array(1)),
      numberField('v', new Uint16Array(1)),
      numberField('v', new Int32Array(1)),
      numberField('v', new Uint32Array(1)),
      numberField('v', new Float32Array(1)),
      numberField('v', new Float64Array(1)),
      numberField('v', new BigInt64Array(1)),
      numberField('v', new BigUint64Array(1)),
      numberField('v', [null, 1]),
      numberField('v', [null, 1n]),
      numberField('v', [1, 2], { type: 'uint16' }),
    ].map(({ type }) => type);
    assert.deepEqual(types, [
      ...['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'float32', 'float64', 'int64', 'uint64'],
      ...['float64', 'int64', 'uint16'],
    ]);
  });

  test('takes times as dates, milliseconds and nanoseconds', () => {
    const times = timeField('t', [new Date(1500), 1500, 1.5, 1500n, null, -1]);
    assert.deepEqual([...times], [1_500_000_000n, 1_500_000_000n, 1_500_000n, 1500n, null, -1_000_000n]);
    assert.equal(times.nullable, true);
  });

  test('is nullable when it has a null, or when it says so', () => {
    assert.equal(stringField('s', ['a']).nullable, false);
    assert.equal(stringField('s', ['a', undefined]).nullable, true);
    assert.deepEqual([...stringField('s', ['a', undefined])], ['a', null]);
    assert.equal(numberField('v', [1], { nullable: true }).nullable, true);
    assert.equal(numberField('v', [1, null]).nullCount, 1);
    const packed = numberField('v', Float64Array.of(1, 2, 3), { validity: packBits(3, (row) => row !== 1) });
    assert.deepEqual([[...packed], packed.nullable, packed.nullCount], [[1, null, 3], true, 1]);
  });

  test('keeps the nulls of a bitmap when its values are converted', () => {
    const validity = packBits(3, (row) => row !== 1);
    const values = Float64Array.of(1, Number.NaN, 3);
    assert.deepEqual([...numberField('v', values, { type: 'int32', validity })], [1, null, 3]);
    assert.deepEqual([...field('int32', 'v', [1, 2, null], { validity })], [1, null, null]);
    assert.throws(() => field('int32', 'v', new Array(9).fill(1), { validity }), { code: 'LENGTH_MISMATCH' });
  });

  test('can be given another name, labels and config over the same values', () => {
    const values = Float64Array.of(1);
    const other = numberField('v', values, { labels: { a: '1' } }).with({ name: 'w', config: { unit: 's' } });
    assert.deepEqual([other.name, other.labels, other.config], ['w', { a: '1' }, { unit: 's' }]);
    assert.equal(other.values, values);
  });

  const refused: [string, () => unknown, RegExp][] = [
    [
      'text among numbers',
      () => numberField('v', [1, '2' as unknown as number]),
      /field "v", row 1: "2" is no number/,
    ],
    [
      'an integer out of range',
      () => numberField('v', [0, 256], { type: 'uint8' }),
      /row 1: 256 is no uint8/,
    ],
    ['a fraction', () => numberField('v', [0.5], { type: 'int32' }), /0\.5 is no int32/],
    ['an integer that is not exact', () => numberField('v', [2 ** 60], { type: 'int64' }), /no int64/],
    ['a bigint out of range', () => numberField('v', [2n ** 63n]), /no int64/],
    ['a negative uint64', () => numberField('v', [-1n], { type: 'uint64' }), /no uint64/],
    ['a date that is none', () => timeField('t', [new Date(Number.NaN)]), /no time/],
    ['a time in the year 3000', () => timeField('t', [new Date('3000-01-01')]), /1677 and 2262/],
    ['a number among texts', () => stringField('s', ['a', 1 as unknown as string]), /row 1: 1 is no string/],
    ['a number among booleans', () => booleanField('b', [0 as unknown as boolean]), /0 is no bool/],
    ['a function among JSON', () => jsonField('j', [(() => 1) as never]), /a function is no json/],
    [
      'a text that is not of the enum',
      () => enumField('e', ['c'], ['a', 'b']),
      /"c" is none of the enum's 2 texts/,
    ],
    ['an index without a text', () => enumField('e', Uint16Array.of(2), ['a', 'b']), /index 2 has no text/],
    ['a null where none may be', () => stringField('s', [null], { nullable: false }), /not nullable/],
    ['a null number where none may be', () => numberField('v', [null], { nullable: false }), /not nullable/],
    ['a type that is none', () => field('toString' as 'json', 'x', []), /no field type/],
    ['a name that is no text', () => stringField(5 as unknown as string, []), /name is text/],
    [
      'a short validity bitmap',
      () => numberField('v', new Int8Array(9), { validity: new Uint8Array(1) }),
      /give it 2/,
    ],
    [
      'another typed array',
      () => new FieldOf('int8', 'v', new Uint8Array(1) as unknown as Int8Array),
      /Int8Array/,
    ],
  ];
  for (const [what, build, message] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(build, { name: 'FrameError', message });
    });
  }
});

suite('nanoseconds', () => {
  const column = new BigInt64Array(1);
  const halves = halvesOf(column);

  test('come from milliseconds exactly, over all that fits', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9223372036854, max: 9223372036854 }), (unixMs) => {
        assert.equal(putMilliseconds(halves, 0, unixMs), true);
        assert.equal(column[0], BigInt(unixMs) * 1_000_000n);
        assert.equal(toNanoseconds(new Date(unixMs)), column[0]);
      }),
    );
  });

  test('split into milliseconds and the rest exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (unixNs) => {
        column[0] = unixNs;
        const [unixMs, beyondNs] = splitMilliseconds(halves, 0);
        assert.ok(beyondNs >= 0 && beyondNs < 1_000_000);
        assert.equal(BigInt(unixMs) * 1_000_000n + BigInt(beyondNs), unixNs);
      }),
      { numRuns: 2000 },
    );
  });
});

test('encoding loads neither the Arrow library nor zod', async () => {
  const folder = new URL('../../../../lib/grafana-plugin/frame/', import.meta.url);
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { encodeArrow } = await import('${folder}arrow-encode.ts');
    const { encodeFrameJson } = await import('${folder}json-encode.ts');
    const { decodeArrow } = await import('${folder}arrow-decode.ts');
    const { numberField } = await import('${folder}fields.ts');
    const { createFrame } = await import('${folder}frame.ts');
    const frame = createFrame({ fields: [numberField('v', [1])] });
    encodeFrameJson(frame);
    const file = encodeArrow(frame);
    console.log(loaded.filter((url) => url.includes('node_modules')).length);
    await decodeArrow(file);
    console.log(loaded.some((url) => url.includes('apache-arrow')));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  assert.deepEqual(stdout.trim().split('\n'), ['0', 'true']);
});
