import assert from 'node:assert/strict';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { AnyValueSchema } from '../../../../lib/jaeger-storage/proto/otlp_common_pb.ts';
import { valueAt } from '../../../../lib/jaeger-storage/spans/otlp-value.ts';
import { valueTexts } from '../../../../lib/jaeger-storage/spans/value-text.ts';

/** Of an encoded AnyValue. */
function texts(value: MessageInitShape<typeof AnyValueSchema>): readonly string[] {
  const bytes = toBinary(AnyValueSchema, create(AnyValueSchema, value));
  return valueTexts(valueAt(bytes, 0, bytes.length));
}

suite('texts of values', () => {
  // What Go 1.26 prints: bits, json.Marshal with plain exponents (pdata's AsString), FormatFloat(value, 'g', 10, 64).
  for (const [bits, es6, tenDigits] of [
    ['3fd3333333333334', '0.30000000000000004', '0.3'],
    ['0000000000000000', '0', '0'],
    ['8000000000000000', '-0', '-0'],
    ['3ff0000000000000', '1', '1'],
    ['bff0000000000000', '-1', '-1'],
    ['4052200000000000', '72.5', '72.5'],
    ['3fd3333333333333', '0.3', '0.3'],
    ['3fd5555555555555', '0.3333333333333333', '0.3333333333'],
    ['3fe5555555555555', '0.6666666666666666', '0.6666666667'],
    ['423cbe991a140000', '123456789012', '1.23456789e+11'],
    ['41cdcd6500000000', '1000000000', '1000000000'],
    ['4202a05f1ff80000', '9999999999', '9999999999'],
    ['42374876e7ff0000', '99999999999', '1e+11'],
    ['4202a05f20000000', '10000000000', '1e+10'],
    ['4415af1d78b58c40', '100000000000000000000', '1e+20'],
    ['444b1ae4d6e2ef50', '1e+21', '1e+21'],
    ['7e41eb2d66005835', '1.5e+300', '1.5e+300'],
    ['3f1a36e2eb1c432d', '0.0001', '0.0001'],
    ['3f202e85be180aa3', '0.00012345678901234', '0.000123456789'],
    ['3ee4f8b588e368f1', '0.00001', '1e-05'],
    ['3e7ad7f29abcaf48', '1e-7', '1e-07'],
    ['0000000000000001', '5e-324', '4.940656458e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308', '1.797693135e+308'],
    ['41a9ab96d2800000', '215337833.25', '215337833.2'],
    ['41bd75f142c00000', '494268738.75', '494268738.8'],
    ['41e4f812aa500000', '2814416210.5', '2814416210'],
    ['3feffffffffea028', '0.99999999999', '1'],
    ['41d26580b4a00000', '1234567890.5', '1234567890'],
    ['beb4b3fd5942cd96', '-0.000001234', '-1.234e-06'],
    ['4059000000000000', '100', '100'],
    ['40f86a0000000000', '100000', '100000'],
    ['40c81cd6e63c529f', '12345.678901234', '12345.6789'],
  ] as const) {
    test(`double ${es6} is also ${tenDigits}`, () => {
      const value = Buffer.from(bits, 'hex').readDoubleBE();
      assert.deepEqual(valueTexts({ type: 'double', value }), es6 === tenDigits ? [es6] : [es6, tenDigits]);
    });
  }

  test('doubles that are no numbers', () => {
    assert.deepEqual(valueTexts({ type: 'double', value: Number.NaN }), ['NaN']);
    assert.deepEqual(valueTexts({ type: 'double', value: Number.POSITIVE_INFINITY }), ['Infinity', '+Inf']);
    assert.deepEqual(valueTexts({ type: 'double', value: Number.NEGATIVE_INFINITY }), ['-Infinity', '-Inf']);
  });

  test('whole numbers to the last digit', () => {
    for (const value of [
      0n,
      -1n,
      2n ** 63n - 1n,
      -(2n ** 63n),
      2n ** 53n + 1n,
      2n ** 49n,
      2n ** 56n,
      -(2n ** 53n) - 1n,
    ]) {
      assert.deepEqual(texts({ value: { case: 'intValue', value } }), [String(value)]);
    }
  });

  test('bytes in base64 and in hex', () => {
    assert.deepEqual(texts({ value: { case: 'bytesValue', value: Uint8Array.of(0xff, 0x0a) } }), [
      '/wo=',
      'ff0a',
    ]);
    assert.deepEqual(texts({ value: { case: 'bytesValue', value: new Uint8Array(0) } }), ['']);
  });

  test('texts, truth, and nothing', () => {
    assert.deepEqual(texts({ value: { case: 'stringValue', value: 'Grüße \ufeff🙂' } }), ['Grüße \ufeff🙂']);
    assert.deepEqual(texts({ value: { case: 'boolValue', value: true } }), ['true']);
    assert.deepEqual(texts({ value: { case: 'boolValue', value: false } }), ['false']);
    assert.deepEqual(texts({}), ['']);
  });

  const item = (value: string) => ({ value: { case: 'stringValue' as const, value } });
  const double = (value: number) => ({ value: { case: 'doubleValue' as const, value } });

  test('arrays and maps in JSON as Go writes it', () => {
    const list = {
      values: [
        item('<&>\u2028"\n'),
        double(1e21),
        double(0.1),
        { value: { case: 'boolValue' as const, value: true } },
        {},
      ],
    };
    assert.deepEqual(texts({ value: { case: 'arrayValue', value: list } }), [
      '["\\u003c\\u0026\\u003e\\u2028\\"\\n",1e+21,0.1,true,null]',
    ]);
    const values = [
      { key: 'b', value: item('1') },
      { key: '\uff5e', value: item('3') },
      { key: '🙂', value: item('4') },
      { key: 'a', value: { value: { case: 'arrayValue' as const, value: {} } } },
      { key: 'b', value: item('2') },
      { key: 'c' },
    ];
    assert.deepEqual(texts({ value: { case: 'kvlistValue', value: { values } } }), [
      '{"a":[],"b":"2","c":null,"\uff5e":"3","🙂":"4"}',
    ]);
  });

  test('bytes in arrays are base64, and null where there are none', () => {
    const bytes = (...value: number[]) => ({
      value: { case: 'bytesValue' as const, value: Uint8Array.from(value) },
    });
    assert.deepEqual(texts({ value: { case: 'arrayValue', value: { values: [bytes(224), bytes()] } } }), [
      '["4A==",null]',
    ]);
  });

  test('what JSON can’t say is nothing, as in Go', () => {
    assert.deepEqual(
      texts({ value: { case: 'arrayValue', value: { values: [item('a'), double(Number.NaN)] } } }),
      [''],
    );
  });
});
