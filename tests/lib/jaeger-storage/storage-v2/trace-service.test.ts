import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import { TraceStoreError, type TraceStoreErrorCode } from '../../../../lib/jaeger-storage/errors.ts';
import { ExportTraceServiceResponseSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_service_pb.ts';
import { collect, rejected } from '../../go-plugin/helpers.ts';
import { as, encode, type SpanSpec, traceIdOf } from '../contract/fixtures.ts';
import { unary } from '../grpc/raw-calls.ts';
import { EXPORT } from '../grpc/remote-store.ts';
import { served } from '../grpc/serving.ts';
import { storeWith } from '../grpc/store-with.ts';

const otlp = (...specs: SpanSpec[]) => encode('otlp', specs).bytes;

suite('OTLP over gRPC', () => {
  test('stores what it is sent, byte for byte', () =>
    served({}, async ({ connection, traces }) => {
      const bytes = otlp({ attributes: { key: 'value' } });
      assert.equal((await unary(connection, EXPORT, bytes)).length, 0, 'an answer without a word');
      const [part] = await collect(traces.traces([{ traceId: traceIdOf('1') }], as('')));
      assert.deepEqual(part?.spans[0]?.bytes, bytes);
    }));

  test('says which spans it could not store, and stores the others', () =>
    served({}, async ({ connection, traces, lines }) => {
      const bytes = otlp({ traceId: '0' }, { traceId: '2' });
      const answer = fromBinary(ExportTraceServiceResponseSchema, await unary(connection, EXPORT, bytes));
      assert.equal(answer.partialSuccess?.rejectedSpans, 1n);
      assert.match(answer.partialSuccess.errorMessage, /trace id is all zero/);
      assert.equal((await collect(traces.traces([{ traceId: traceIdOf('2') }], as('')))).length, 1);
      const [line] = lines.at('warn');
      assert.deepEqual([line?.['@message'], line?.rejected], ['spans were rejected', 1]);
    }));

  for (const [what, bytes] of Object.entries({
    'cut off': otlp({}).slice(0, -3),
    'no protobuf': new Uint8Array(100).fill(255),
    text: new Uint8Array(Buffer.from('{"resourceSpans":[]}')),
  })) {
    test(`refuses what is ${what}, and goes on`, () =>
      served({}, async ({ connection, traces }) => {
        await assert.rejects(unary(connection, EXPORT, bytes), rejected('INVALID_ARGUMENT', /./));
        await unary(connection, EXPORT, otlp({}));
        assert.deepEqual(await traces.services(as('')), ['a-service']);
      }));
  }

  test('takes nothing for nothing', () =>
    served({}, async ({ connection, traces }) => {
      await unary(connection, EXPORT, new Uint8Array());
      assert.deepEqual(await traces.services(as('')), []);
    }));

  test('takes a tag of 10 MB, and gives it back', () =>
    served({}, async ({ connection, traces }) => {
      await unary(connection, EXPORT, otlp({ attributes: { large: 'x'.repeat(10_000_000) } }));
      const [part] = await collect(traces.traces([{ traceId: traceIdOf('1') }], as('')));
      assert.ok((part?.spans[0]?.bytes.length ?? 0) > 10_000_000);
    }));

  test('refuses what is longer than it takes', () =>
    served({ maxReceiveMessageBytes: 1000 }, async ({ connection }) => {
      const bytes = otlp({ attributes: { large: 'x'.repeat(10_000) } });
      await assert.rejects(
        unary(connection, EXPORT, bytes),
        rejected('RESOURCE_EXHAUSTED', /larger than max/),
      );
    }));

  const answers: Readonly<Record<TraceStoreErrorCode, string>> = {
    INVALID: 'INVALID_ARGUMENT',
    UNSUPPORTED: 'UNIMPLEMENTED',
    BUSY: 'UNAVAILABLE',
    FULL: 'RESOURCE_EXHAUSTED',
    FAILED: 'INTERNAL',
    CLOSED: 'UNAVAILABLE',
  };
  for (const [code, answer] of Object.entries(answers)) {
    test(`a store's ${code} is ${answer}`, async () => {
      const failing = async () => {
        throw new TraceStoreError(code as TraceStoreErrorCode, 'why, and what to do');
      };
      await served({ traces: storeWith({ write: failing }) }, async ({ connection, lines }) => {
        for (let time = 0; time < 3; time++) {
          await assert.rejects(unary(connection, EXPORT, otlp({})), rejected(answer, 'why, and what to do'));
        }
        // An operator is told of what only an operator can mend, and not once for each span.
        assert.equal(lines.at('error').length, code === 'FULL' || code === 'FAILED' ? 1 : 0);
      });
    });
  }

  test('a bug of the store is an error with a line in the log, and the server lives', async () => {
    let isBroken = true;
    const traces = storeWith({
      async write(spans, context) {
        if (isBroken) throw new TypeError('cannot read properties of undefined');
        return traces.memory.write(spans, context);
      },
    });
    await served({ traces }, async ({ connection, lines }) => {
      await assert.rejects(unary(connection, EXPORT, otlp({})), rejected('UNKNOWN', /cannot read/));
      assert.equal(lines.at('error').length, 1);
      isBroken = false;
      await unary(connection, EXPORT, otlp({}));
    });
  });
});
