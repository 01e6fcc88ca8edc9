import assert from 'node:assert/strict';
import fc from 'fast-check';
import { builtIn, GobError } from '../../../../lib/juju/agent/gob.ts';
import { GobDecoder } from '../../../../lib/juju/agent/gob-decoder.ts';
import { GobWriter } from '../../../../lib/juju/agent/gob-writer.ts';

function written(write: (to: GobWriter) => void): Buffer {
  const writer = new GobWriter();
  write(writer);
  return Buffer.from(writer.take());
}

const requestFields = [
  { name: 'ServiceMethod', type: builtIn.string },
  { name: 'Seq', type: builtIn.uint },
];
const argumentFields = [
  { name: 'ContextId', type: builtIn.string },
  { name: 'Dir', type: builtIn.string },
  { name: 'CommandName', type: builtIn.string },
  { name: 'Args', type: 67 },
  { name: 'StdinSet', type: builtIn.bool },
  { name: 'Stdin', type: builtIn.bytes },
  { name: 'Token', type: builtIn.string },
];

suite('gob', () => {
  test('defines types with the bytes that a Go server was seen to accept', () => {
    assert.equal(
      written((to) => to.defineStruct(65, 'Request', requestFields)).toString('hex'),
      '2fff81030101075265717565737401ff82000102010d536572766963654d6574686f64010c0001035365710106000000',
    );
    assert.equal(
      written((to) => to.defineStruct(66, 'Request', argumentFields)).toString('hex'),
      '66ff83030101075265717565737401ff840001070109436f6e746578744964010c000103446972010c00010b436f6d6d616e644e616d65010c0001044172677301ff86000108537464696e5365740102000105537464696e010a000105546f6b656e010c000000',
    );
    assert.equal(
      written((to) => to.defineSlice(67, '[]string', builtIn.string)).toString('hex'),
      '16ff85020101085b5d737472696e6701ff8600010c0000',
    );
  });

  test('encodes a header as Go does', () => {
    const header = written((to) => to.value(65, () => to.struct([() => to.bytes('Jujuc.Main'), undefined])));
    assert.equal(header.toString('hex'), '0fff82010a4a756a75632e4d61696e00');
  });

  test('decodes what it encodes, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.string(), { maxLength: 5 }),
        fc.uint8Array(),
        fc.maxSafeNat(),
        fc.integer({ min: 1, max: 40 }),
        (text, list, bytes, number, step) => {
          const fields = [
            { name: 'Text', type: builtIn.string },
            { name: 'List', type: 71 },
            { name: 'Bytes', type: builtIn.bytes },
            { name: 'Number', type: builtIn.uint },
            { name: 'Flag', type: builtIn.bool },
          ];
          const stream = written((to) => {
            to.defineStruct(70, 'Any', fields);
            to.defineSlice(71, '[]string', builtIn.string);
            const each = [
              () => to.bytes(text),
              () => to.list(list),
              () => to.bytes(bytes),
              () => to.uint(number),
              () => to.uint(1),
            ];
            to.value(70, () => to.struct(each));
          });
          const decoder = new GobDecoder();
          const values = [];
          for (let at = 0; at < stream.length; at += step) {
            decoder.push(stream.subarray(at, at + step));
            const value = decoder.next();
            if (value !== undefined) values.push(value);
          }
          // UTF-8 has no half pairs: what has one comes back with a replacement character in its place.
          const sent = Buffer.from(text).toString();
          assert.deepEqual(values, [
            { Text: sent, List: list, Bytes: bytes, Number: BigInt(number), Flag: true },
          ]);
        },
      ),
    );
  });

  test('decodes whole numbers of both signs', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (number) => {
        const decoder = new GobDecoder();
        const stream = written((to) => {
          to.defineStruct(70, 'N', [{ name: 'N', type: builtIn.int }]);
          to.value(70, () => to.struct([() => to.int(number)]));
        });
        decoder.push(stream);
        assert.deepEqual(decoder.next(), { N: number });
      }),
    );
  });

  test('writes what is larger than its memory, one message behind the other', () => {
    const writer = new GobWriter();
    const texts = ['a'.repeat(5000), 'b', 'c'.repeat(300)];
    writer.defineStruct(70, 'T', [{ name: 'T', type: builtIn.string }]);
    const [first, ...others] = texts;
    writer.value(70, () => writer.struct([() => writer.bytes(first ?? '')]));
    const decoder = new GobDecoder();
    decoder.push(writer.take());
    for (const text of others) writer.value(70, () => writer.struct([() => writer.bytes(text)]));
    decoder.push(writer.take());
    assert.deepEqual(
      texts.map(() => decoder.next()),
      texts.map((T) => ({ T })),
    );
  });

  test('refuses any other bytes without hanging, crashing or taking much memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoder = new GobDecoder();
        decoder.push(bytes);
        try {
          while (decoder.next() !== undefined);
        } catch (error) {
          assert.ok(error instanceof GobError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
