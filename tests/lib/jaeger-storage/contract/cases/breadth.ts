import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Condition } from '../../../../../lib/jaeger-storage/filter/condition.ts';
import { SpanSchema as JaegerSpanSchema } from '../../../../../lib/jaeger-storage/proto/model_pb.ts';
import { SpanSchema } from '../../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { as, jaegerSpan, NOON, otlpSpan, SECOND, type SpanSpec, traceIdOf } from '../fixtures.ts';
import { type ContractGroup, collectAll, type Trial } from '../trial.ts';
import { assertHas } from './values.ts';

const SERVICE = 'a-service';

export const breadth: ContractGroup = {
  name: 'what no suite of Jaeger tests',
  cases: [
    {
      id: 'U30',
      title: 'of more traces than wanted the newest are found, and they come first',
      async run(trial) {
        // Written in no order, each with a span at another time that does not match.
        for (const index of [3, 7, 1, 9, 5, 2, 8, 4, 6]) {
          await trial.write([
            { traceId: String(index), start: NOON + BigInt(index) * SECOND, name: 'wanted' },
            {
              traceId: String(index),
              spanId: '2',
              start: NOON + BigInt(100 - index) * SECOND,
              name: 'other',
            },
          ]);
        }
        const query = { service: SERVICE, operation: 'wanted' };
        const newestFirst = ['9', '8', '7', '6', '5', '4', '3', '2', '1'];
        for (const limit of [1, 2, 5, 9, 10]) {
          assert.deepEqual(await trial.ids({ ...query, limit }), newestFirst.slice(0, limit));
        }
        const upTo5 = { ...query, startMax: NOON + 5n * SECOND, limit: 2 };
        assert.deepEqual(await trial.ids(upTo5), ['5', '4']);
      },
    },
    {
      id: 'U30',
      title: 'a trace is as new as the latest of its spans that match, whichever was written first',
      async run(trial) {
        const at = (traceId: string, ...seconds: bigint[]) =>
          seconds.map((second, index) => ({
            traceId,
            spanId: String(index + 1),
            start: NOON + second * SECOND,
          }));
        await trial.write([...at('1', 1n, 9n), ...at('2', 5n), ...at('3', 7n, 2n)]);
        assert.deepEqual(await trial.ids({ service: SERVICE }), ['1', '3', '2']);
        assert.deepEqual(await trial.ids({ service: SERVICE, startMax: NOON + 6n * SECOND }), [
          '2',
          '3',
          '1',
        ]);
        assert.deepEqual(await trial.ids({ service: SERVICE, limit: 1 }), ['1']);
      },
    },
    {
      id: 'U31',
      title: 'a limit counts traces, not the spans that match',
      async run(trial) {
        for (const traceId of ['1', '2', '3']) {
          await trial.write(
            Array.from({ length: 50 }, (_, index) => ({ traceId, spanId: (index + 1).toString(16) })),
          );
        }
        assert.equal((await trial.ids({ service: SERVICE, limit: 2 })).length, 2);
        assert.equal((await trial.ids({ service: SERVICE, limit: 3 })).length, 3);
      },
    },
    {
      id: 'U32',
      title: 'a limit below 1 is refused',
      needs: ['limits'],
      async run(trial) {
        await trial.write([{}]);
        for (const limit of [0, -1, Number.NaN]) {
          await assert.rejects(trial.find({ limit }), { name: 'TraceStoreError', code: 'INVALID' });
          await assert.rejects(trial.store.findTraceIds({ limit }, as('')), { code: 'INVALID' });
        }
      },
    },
    {
      id: 'U37',
      title: 'a firehose span is kept, and no search finds it',
      formats: ['jaeger'],
      needs: ['formats'],
      async run(trial) {
        const spans: SpanSpec[] = [
          { firehose: true, name: 'quiet', attributes: { key: 'x' } },
          { spanId: '2' },
        ];
        await trial.write(spans);
        await trial.assertTrace('1', spans);
        assert.deepEqual(await trial.ids({ service: SERVICE, operation: 'quiet' }), []);
        await assertHas(trial, 'key', 'x', []);
        const [found] = await trial.find({ service: SERVICE });
        trial.assertSpans(found, spans);
      },
    },
    {
      id: 'U38',
      title: 'a filter holds beside everything else that is asked for',
      needs: ['filter'],
      async run(trial) {
        await trial.write([
          { traceId: '1', duration: SECOND, attributes: { size: 500n } },
          { traceId: '2', duration: SECOND, attributes: { size: 9n } },
          { traceId: '3', duration: 3n * SECOND, attributes: { size: 501n } },
          { traceId: '4', duration: SECOND, attributes: { size: 501n }, start: NOON + SECOND },
        ]);
        const filter: Condition = {
          op: 'and',
          conditions: [
            {
              op: 'gte',
              left: { kind: 'attribute', level: 'span', key: 'size' },
              right: { kind: 'constant', type: 'any', value: '500' },
            },
            {
              op: 'lt',
              left: { kind: 'field', level: 'span', name: 'duration' },
              right: { kind: 'constant', type: 'duration', value: 2n * SECOND },
            },
          ],
        };
        assert.deepEqual(await trial.ids({ filter }), ['4', '1']);
        assert.deepEqual(await trial.ids({ filter, startMax: NOON }), ['1']);
        assert.deepEqual(await trial.ids({ filter, limit: 1 }), ['4']);
        const rest = await trial.ids({ filter: { op: 'not', condition: filter } });
        assert.deepEqual([...rest].sort(), ['2', '3']);
        const size = { kind: 'attribute', level: 'span', key: 'size' } as const;
        const byPattern = await trial.ids({ filter: { op: 'regex', subject: size, pattern: '50[1-9]' } });
        assert.deepEqual([...byPattern].sort(), ['3', '4']);
      },
    },
    {
      id: 'U39',
      title: 'every field of a span comes back',
      async run(trial) {
        const span: SpanSpec = {
          spanId: '2',
          parentId: '1',
          kind: 'consumer',
          status: 'error',
          statusMessage: 'went wrong',
          traceState: 'a=1,b=2',
          resource: { host: 'a', number: 1n },
          scope: { name: 'lib', version: '1.2' },
          attributes: {
            text: 'x',
            int: 1n,
            double: 1.5,
            bool: false,
            bytes: Uint8Array.of(0, 255),
            nan: Number.NaN,
          },
          events: [
            { time: NOON + 1n, name: 'first', attributes: { a: 1n } },
            { time: NOON + 3n, name: 'third' },
            { time: NOON + 2n, attributes: { b: 'second' } },
          ],
          links: [
            { traceId: 'f', spanId: 'e', type: 'follows_from' },
            { traceId: 'f', spanId: 'e', type: 'child_of' },
          ],
          warnings: ['one', 'two'],
        };
        await trial.write([span]);
        await trial.assertTrace('1', [span]);
      },
    },
    {
      id: 'U40',
      title: 'what nobody here knows comes back byte for byte: fields of next year, text that is none',
      needs: ['formats'],
      async run(trial) {
        const name = 'a name for broken UTF-8';
        const encoded = trial.encode([{ name }]);
        const message = messageOf(trial, { name });
        // A field of number 999, and a byte in the name that no UTF-8 has.
        const patched = Buffer.concat([message, Buffer.from([0xba, 0x3e, 3, 1, 2, 3])]);
        patched[patched.indexOf(name)] = 0xff;
        const bytes = withSpan(encoded.bytes, message, patched);
        await trial.store.write({ format: trial.format, bytes }, as(''));
        // Not decoded: who decodes it stumbles over the name.
        const parts = await collectAll(trial.store.traces([{ traceId: traceIdOf('1') }], as('')));
        const back = Buffer.concat(parts.flatMap(({ spans }) => spans.map((one) => one.bytes)));
        assert.ok(
          back.includes(trial.format === 'otlp' ? patched : patched.subarray(-6)),
          'not as it was written',
        );
        assert.ok(back.includes(0xff), 'the name was mended');
      },
    },
    {
      id: 'U41',
      title: 'times are kept to the nanosecond, and however far away they are',
      async run(trial) {
        const starts = [1_485_449_191_639_875_001n, 1n, 7_258_118_400_000_000_003n, NOON];
        const specs = starts.map(
          (start, index): SpanSpec => ({ traceId: String(index + 1), start, duration: 1n }),
        );
        await trial.write(specs);
        for (const [index, start] of starts.entries()) {
          const traceId = String(index + 1);
          await trial.assertTrace(traceId, [specs[index] as SpanSpec]);
          assert.deepEqual(await trial.ids({ service: SERVICE, startMin: start, startMax: start }), [
            traceId,
          ]);
        }
      },
    },
    {
      id: 'U42',
      title: 'a span that ends before it starts is kept, and takes no time',
      formats: ['otlp'],
      async run(trial) {
        const backwards: SpanSpec = { duration: -SECOND };
        await trial.write([backwards, { traceId: '2' }]);
        assert.deepEqual(await trial.ids({ service: SERVICE, durationMax: 0n }), ['1']);
        await trial.assertTrace('1', [backwards]);
      },
    },
    {
      id: 'U43',
      title: 'names are text in any script',
      async run(trial) {
        const span: SpanSpec = {
          service: 'Bezahlung-größer',
          name: '查询 🔎',
          attributes: { clé: 'värde', '🔑': '値' },
        };
        await trial.write([span]);
        assert.deepEqual(await trial.store.services(as('')), ['Bezahlung-größer']);
        const query = {
          service: 'Bezahlung-größer',
          operation: '查询 🔎',
          attributes: [{ key: '🔑', value: '値' }],
        };
        assert.deepEqual(await trial.ids(query), ['1']);
        await trial.assertTrace('1', [span]);
      },
    },
  ],
};

/** The bytes of the Span message within what {@link Trial.encode} gives of it. */
function messageOf(trial: Trial, spec: SpanSpec): Buffer {
  if (trial.format === 'jaeger') return Buffer.from(toBinary(JaegerSpanSchema, jaegerSpan(spec)));
  const span = otlpSpan(spec).scopeSpans[0]?.spans[0];
  return Buffer.from(toBinary(SpanSchema, span ?? create(SpanSchema)));
}

/** The one batch of one span with another message for that span: lengths around it grow by the difference. */
function withSpan(batch: Uint8Array, message: Uint8Array, patched: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = Buffer.from(batch).indexOf(message);
  const bytes = Buffer.concat([batch.subarray(0, at), patched, batch.subarray(at + message.length)]);
  const grown = patched.length - message.length;
  // The messages around a span end with it, so their lengths, of one byte or two, are those that reach to the end.
  for (let index = 1; index < at; index++) {
    const rest = batch.length - index;
    if (batch[index] === rest - 1 && rest - 1 + grown < 128) bytes[index] = rest - 1 + grown;
    const wide =
      (batch[index] ?? 0) & 0x80 ? ((batch[index] ?? 0) & 0x7f) + (batch[index + 1] ?? 0) * 128 : -1;
    if (wide === rest - 2) {
      bytes[index] = 0x80 | ((wide + grown) & 0x7f);
      bytes[index + 1] = (wide + grown) >>> 7;
    }
  }
  return new Uint8Array(bytes);
}
