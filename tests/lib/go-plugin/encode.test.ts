import assert from 'node:assert/strict';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { decoderOf } from '../../../lib/go-plugin/decode.ts';
import { encoderOf, toBuffer } from '../../../lib/go-plugin/encode.ts';
import { Colour, EverySchema, WrappedSchema } from './proto/every_pb.ts';

type Init = MessageInitShape<typeof EverySchema>;

function ours<S extends DescMessage>(schema: S, init: MessageInitShape<S>): Buffer {
  const encoded = encoderOf(schema)(init);
  const whole = toBuffer(encoderOf(schema)(init));
  assert.equal(whole.length, encoded.byteLength);
  return whole;
}

const theirs = <S extends DescMessage>(schema: S, init: MessageInitShape<S>) =>
  Buffer.from(toBinary(schema, create(schema, init)));

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.constant('x'.repeat(20_000)),
);
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bytes = fc.uint8Array({ maxLength: 300 });
const colour = fc.constantFrom(Colour.RED, Colour.GREEN, Colour.BLUE, 12345 as Colour);
const keys = { minLength: 0, maxLength: 5 };

/** Plain objects of the message's shape, with any of its fields left out. */
const everyAbove = (inner: fc.Arbitrary<Init>): fc.Arbitrary<Init> =>
  fc.record(
    {
      double: fc.double(),
      float: fc.float(),
      int32,
      int64,
      uint32,
      uint64,
      sint32: int32,
      sint64: int64,
      fixed32: uint32,
      fixed64: uint64,
      sfixed32: int32,
      sfixed64: int64,
      bool: fc.boolean(),
      string: text,
      bytes,
      colour,
      every: inner,
      time: fc.record({ seconds: int64, nanos: int32 }, { requiredKeys: [] }),
      maybeInt32: int32,
      maybeString: text,
      packed: fc.array(int64, keys),
      strings: fc.array(text, keys),
      everies: fc.array(inner, { maxLength: 2 }),
      colours: fc.array(colour, keys),
      byString: fc.dictionary(fc.string(), bytes, { maxKeys: 4, noNullPrototype: true }),
      byInt64: fc
        .array(fc.tuple(int64, inner), { maxLength: 2 })
        .map((entries) => Object.fromEntries(entries.map(([key, value]) => [String(key), value]))),
      byBool: fc.constantFrom({}, { true: 1 }, { false: -0, true: Number.NaN }),
      bySint32: fc.constantFrom({}, { '-5': Colour.BLUE, 7: Colour.RED }),
      choice: fc.oneof(
        fc.record({ case: fc.constant('number' as const), value: int32 }),
        fc.record({ case: fc.constant('text' as const), value: text }),
        fc.record({ case: fc.constant('message' as const), value: inner }),
      ),
      aLongWayOff: text,
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Init>;
const every = everyAbove(everyAbove(fc.constant({})));

suite('the encoder', () => {
  test('writes every message as protobuf-es does, from plain objects and from messages', () => {
    fc.assert(
      fc.property(every, (init) => {
        const expected = theirs(EverySchema, init);
        assert.deepEqual(ours(EverySchema, init), expected);
        assert.deepEqual(ours(EverySchema, create(EverySchema, init)), expected);
        assert.deepEqual(decoderOf(EverySchema)(expected), decoderOf(EverySchema)(ours(EverySchema, init)));
      }),
      { numRuns: 300 },
    );
  });

  test('leaves to protobuf-es what stands in objects under another form', () => {
    assert.deepEqual(ours(WrappedSchema, { text: 'wrapped' }), theirs(WrappedSchema, { text: 'wrapped' }));
  });

  const wrong: [unknown, RegExp][] = [
    [{ int32: 1.5 }, /^crosslink\.test\.Every\.int32: 1\.5 is no 32-bit integer$/],
    [{ uint32: -1 }, /uint32: -1 is no unsigned 32-bit integer/],
    [{ int64: 2n ** 63n }, /int64: 9223372036854775808 is no 64-bit integer/],
    [{ uint64: -1n }, /uint64: -1 is no unsigned 64-bit integer/],
    [{ string: 5 }, /string: 5 is no text/],
    [{ bytes: 'text' }, /bytes: text is no Uint8Array/],
    [{ bool: 'yes' }, /bool: yes is no boolean/],
    [{ strings: [{}] }, /strings: an object is no text/],
    [{ byString: { a: 1 } }, /by_string: 1 is no Uint8Array/],
    [{ every: 'text' }, /text is no crosslink\.test\.Every/],
    [undefined, /undefined is no crosslink\.test\.Every/],
    [create(WrappedSchema), /a crosslink\.test\.Wrapped is no crosslink\.test\.Every/],
  ];
  for (const [message, error] of wrong) {
    test(`says what is wrong: ${error.source}`, () => {
      assert.throws(() => encoderOf(EverySchema)(message), { name: 'TypeError', message: error });
    });
  }
});
