import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { clientOf } from '#lib/go-plugin';
import { filterCapabilities } from '../../../../lib/jaeger-storage/filter/capabilities.ts';
import { Capabilities } from '../../../../lib/jaeger-storage/proto/capabilities_pb.ts';
import {
  GetTracesRequestSchema,
  TraceReader,
} from '../../../../lib/jaeger-storage/proto/trace_storage_pb.ts';
import { readSpans } from '../../../../lib/jaeger-storage/spans/read-spans.ts';
import type { TracePart } from '../../../../lib/jaeger-storage/trace-store.ts';
import { collect, eventually, rejected } from '../../go-plugin/helpers.ts';
import { as, encode, hexOf, NOON, SECOND, type SpanSpec, spanIdOf, traceIdOf } from '../contract/fixtures.ts';
import { serverStream } from '../grpc/raw-calls.ts';
import { served } from '../grpc/serving.ts';
import { storeWith } from '../grpc/store-with.ts';

const GET_TRACES = '/jaeger.storage.v2.TraceReader/GetTraces';

function getTraces(...traceIds: Uint8Array[]): Uint8Array {
  const query = traceIds.map((traceId) => ({ traceId }));
  return toBinary(GetTracesRequestSchema, create(GetTracesRequestSchema, { query }));
}

/** Ten thousand spans of traces 1 and 2. */
function many(count: number, attributes: SpanSpec['attributes'] = {}): SpanSpec[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ traceId: at < count / 2 ? '1' : '2', spanId: (at + 1).toString(16), attributes },
  }));
}

suite('TraceReader of storage_v2', () => {
  test('ids that are not there are passed over, and none at all is no error', () =>
    served({}, async ({ connection, traces }) => {
      await traces.write(encode('otlp', [{ traceId: '2' }]), as(''));
      const request = getTraces(traceIdOf('1'), traceIdOf('2'), traceIdOf('3'));
      assert.equal((await collect(serverStream(connection, GET_TRACES, request))).length, 1);
      assert.deepEqual(await collect(serverStream(connection, GET_TRACES, getTraces(traceIdOf('1')))), []);
      assert.deepEqual(await collect(serverStream(connection, GET_TRACES, getTraces())), []);
    }));

  for (const length of [0, 1, 7, 9, 15, 17, 1000]) {
    test(`refuses a trace id of ${length} bytes`, () =>
      served({}, async ({ connection }) => {
        const request = getTraces(new Uint8Array(length).fill(1));
        await assert.rejects(
          collect(serverStream(connection, GET_TRACES, request)),
          rejected('INVALID_ARGUMENT', `a trace id has ${length} bytes: give 16, or 8`),
        );
      }));
  }

  test('takes 8 bytes for the lower half of an id', () =>
    served({}, async ({ connection, traces }) => {
      await traces.write(encode('otlp', [{}]), as(''));
      const found = await collect(serverStream(connection, GET_TRACES, getTraces(spanIdOf('1'))));
      assert.equal(found.length, 1);
    }));

  test('refuses a request that is no message', () =>
    served({}, async ({ connection }) => {
      const garbage = new Uint8Array(20).fill(255);
      await assert.rejects(
        collect(serverStream(connection, GET_TRACES, garbage)),
        rejected('INTERNAL', /deserializing/),
      );
    }));

  for (const [what, specs] of Object.entries({
    'many spans': many(10_008),
    'large spans': many(20, { large: 'x'.repeat(300_000) }),
  })) {
    test(`cuts ${what} into messages, each of one trace and none too long`, () =>
      served({}, async ({ connection, traces }) => {
        // From both formats, so that there is something to put together.
        await traces.write(encode('otlp', specs.slice(0, specs.length / 4)), as(''));
        await traces.write(encode('jaeger', specs.slice(specs.length / 4)), as(''));
        const request = getTraces(traceIdOf('1'), traceIdOf('2'), traceIdOf('1'));
        const order: string[] = [];
        let spans = 0;
        for await (const bytes of serverStream(connection, GET_TRACES, request)) {
          const read = readSpans({ format: 'otlp', bytes });
          assert.ok(read.length >= 1 && read.length <= 1000, `${read.length} spans`);
          assert.ok(bytes.length <= 2 * 1024 * 1024, `${bytes.length} bytes`);
          const ids = new Set(read.map(({ traceId }) => hexOf(traceId)));
          assert.equal(ids.size, 1);
          const [id = ''] = ids;
          if (order.at(-1) !== id) order.push(id);
          spans += read.length;
        }
        assert.deepEqual(order, [hexOf(traceIdOf('1')), hexOf(traceIdOf('2'))]);
        assert.equal(spans, specs.length);
      }));
  }

  test('a span that alone is longer than a message should be comes in one', () =>
    served({}, async ({ connection, traces }) => {
      await traces.write(
        encode('otlp', [{ attributes: { large: 'x'.repeat(5_000_000) } }, { spanId: '2' }]),
        as(''),
      );
      const sizes = (await collect(serverStream(connection, GET_TRACES, getTraces(traceIdOf('1'))))).map(
        ({ length }) => length,
      );
      assert.equal(sizes.length, 2);
    }));

  test('a client that reads slowly holds the store back', async () => {
    let given = 0;
    let isLeft = false;
    const [spans] = [encode('otlp', [{ attributes: { large: 'x'.repeat(100_000) } }])];
    const traces = storeWith({
      async *traces(): AsyncGenerator<TracePart> {
        try {
          for (; given < 1000; given++) yield { traceId: traceIdOf('1'), spans: [spans] };
        } finally {
          isLeft = true;
        }
      },
    });
    await served({ traces }, async ({ connection }) => {
      const stream = serverStream(connection, GET_TRACES, getTraces(traceIdOf('1')));
      await stream.next();
      let before = -1;
      await eventually('a standstill', async () => {
        const isStill = given === before;
        before = given;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return isStill && given === before;
      });
      assert.ok(given < 200, `${given} of 1000 parts were asked for, and one was read`);
      await stream.return(undefined);
      await eventually('the end of the iterator', () => isLeft);
    });
  });

  test('sums traces up, whole, by what was found of them', () =>
    served({}, async ({ connection, traces }) => {
      await traces.write(
        encode('otlp', [
          { service: 'front', name: 'root', duration: 3n * SECOND },
          { spanId: '2', parentId: '1', service: 'back', status: 'error', start: NOON + SECOND },
        ]),
        as(''),
      );
      // As one part for each format: a trace all the same.
      await traces.write(encode('jaeger', [{ spanId: '3', parentId: '9', service: 'back' }]), as(''));
      await traces.write(encode('otlp', [{ traceId: '2', service: 'other' }]), as(''));
      const query = { serviceName: 'back' };
      const [answer, ...others] = await collect(
        clientOf(TraceReader, connection).findTraceSummaries({ query }),
      );
      assert.deepEqual(others, []);
      const [summary, ...more] = answer?.summaries ?? [];
      assert.deepEqual(more, []);
      assert.ok(summary);
      assert.deepEqual(
        {
          ...summary,
          services: summary.services.map(({ name, spanCount, errorSpanCount }) => [
            name,
            spanCount,
            errorSpanCount,
          ]),
        },
        {
          $typeName: 'jaeger.storage.v2.TraceSummary',
          traceId: traceIdOf('1'),
          ...{ rootServiceName: 'front', rootOperationName: 'root' },
          ...{ minStartTimeUnixNano: NOON, maxEndTimeUnixNano: NOON + 3n * SECOND },
          ...{ spanCount: 3, errorSpanCount: 1, orphanSpanCount: 1 },
          services: [
            ['back', 2, 1],
            ['front', 1, 0],
          ],
        },
      );
    }));

  test('sums up more traces than one message takes', () =>
    served({}, async ({ connection, traces }) => {
      const specs = Array.from({ length: 250 }, (_, at) => ({ traceId: (at + 1).toString(16) }));
      await traces.write(encode('otlp', specs), as(''));
      const query = { searchDepth: 1000 };
      const answers = await collect(clientOf(TraceReader, connection).findTraceSummaries({ query }));
      assert.deepEqual(
        answers.map(({ summaries }) => summaries.length),
        [100, 100, 50],
      );
    }));

  test('promises what it keeps', () =>
    served({}, async ({ connection }) => {
      const { search } = await clientOf(Capabilities, connection).getCapabilities({});
      assert.equal(search?.withoutServiceName, true);
      assert.equal(search.sameSpanConjunction, true);
      assert.deepEqual(search.filter?.operators, filterCapabilities.operators);
      assert.deepEqual(search.filter?.levels, filterCapabilities.levels);
    }));
});
