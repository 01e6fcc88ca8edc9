import assert from 'node:assert/strict';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { clientOf } from '#lib/go-plugin';
import { memoryStore } from '../../../../lib/jaeger-storage/memory/memory-store.ts';
import {
  ArchiveSpanReaderPlugin,
  DependenciesReaderPlugin,
  GetTraceRequestSchema,
  SpanReaderPlugin,
  SpansResponseChunkSchema,
} from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { collect, rejected } from '../../go-plugin/helpers.ts';
import { as, encode, hexOf, type SpanSpec, traceIdOf } from '../contract/fixtures.ts';
import { serverStream, unary } from '../grpc/raw-calls.ts';
import { WRITE_SPAN } from '../grpc/remote-store.ts';
import { served } from '../grpc/serving.ts';

const FIND_TRACES = '/jaeger.storage.v1.SpanReaderPlugin/FindTraces';
const WRITE_ARCHIVE_SPAN = '/jaeger.storage.v1.ArchiveSpanWriterPlugin/WriteArchiveSpan';

suite('SpanReaderPlugin of storage_v1', () => {
  test('what is not there is not found, in the words that clients know it by', () =>
    served({}, async ({ connection, traces }) => {
      await traces.write(encode('jaeger', [{ traceId: '11' }]), as(''));
      const reader = clientOf(SpanReaderPlugin, connection);
      const notFound = rejected('NOT_FOUND', 'trace not found');
      await assert.rejects(collect(reader.getTrace({ traceId: traceIdOf('1') })), notFound);
      await assert.rejects(collect(reader.getTrace({ traceId: traceIdOf('0') })), notFound);
      const [chunk] = await collect(reader.getTrace({ traceId: traceIdOf('11') }));
      assert.equal(chunk?.spans.length, 1);
    }));

  for (const length of [0, 1, 9, 17]) {
    test(`refuses a trace id of ${length} bytes`, () =>
      served({}, async ({ connection }) => {
        const traceId = new Uint8Array(length).fill(1);
        await assert.rejects(
          collect(clientOf(SpanReaderPlugin, connection).getTrace({ traceId })),
          rejected('INVALID_ARGUMENT', /a trace id has/),
        );
      }));
  }

  test('takes unset times of Go for no bounds', () =>
    served({}, async ({ connection, traces }) => {
      await traces.write(encode('jaeger', [{}]), as(''));
      // As Go writes them: the year 1 in seconds, and durations that are there and empty.
      const unset = Buffer.from('08 80 92 b8 c3 98 fe ff ff ff 01'.replaceAll(' ', ''), 'hex');
      const message = create(GetTraceRequestSchema, { traceId: traceIdOf('1') });
      const bound = (tag: number) => Buffer.concat([Buffer.of(tag, unset.length), unset]);
      const getTrace = Buffer.concat([toBinary(GetTraceRequestSchema, message), bound(0x12), bound(0x1a)]);
      const path = '/jaeger.storage.v1.SpanReaderPlugin/GetTrace';
      assert.equal((await collect(serverStream(connection, path, getTrace))).length, 1);

      const service = Buffer.from('a-service');
      const query = Buffer.concat([
        ...[Buffer.of(0x0a, service.length), service, bound(0x22), bound(0x2a)],
        Buffer.of(0x32, 0, 0x3a, 0, 0x40, 20),
      ]);
      const findTraces = Buffer.concat([Buffer.of(0x0a, query.length), query]);
      assert.equal((await collect(serverStream(connection, FIND_TRACES, findTraces))).length, 1);
    }));

  test('gives spans of either format as Jaeger knows them, each with a process', () =>
    served({}, async ({ connection, traces }) => {
      await traces.write(encode('otlp', [{ name: 'of OTLP', kind: 'server', service: 'one' }]), as(''));
      await traces.write(encode('jaeger', [{ spanId: '2', name: 'of Jaeger', service: 'two' }]), as(''));
      // Without the process, which is the last field but warnings.
      const bare = fromBinary(SpansResponseChunkSchema, encode('jaeger', [{ spanId: '3' }]).bytes);
      for (const span of bare.spans) delete span.process;
      await unary(connection, WRITE_SPAN, toBinary(SpansResponseChunkSchema, bare));
      const reader = clientOf(SpanReaderPlugin, connection);
      const chunks = await collect(reader.getTrace({ traceId: traceIdOf('1') }));
      const spans = chunks.flatMap((chunk) => chunk.spans);
      assert.deepEqual(spans.map(({ operationName }) => operationName).sort(), [
        ...['an-operation', 'of Jaeger', 'of OTLP'],
      ]);
      for (const span of spans) assert.ok(span.process, span.operationName);
      const kinds = spans.flatMap(({ tags }) => tags.filter(({ key }) => key === 'span.kind'));
      assert.deepEqual(
        kinds.map(({ vStr }) => vStr),
        ['server'],
      );
    }));

  test('gives traces one after the other, in messages of at most 1000 spans', () =>
    served({}, async ({ connection, traces }) => {
      const specs: SpanSpec[] = Array.from({ length: 3000 }, (_, at) => ({
        ...{ traceId: String((at % 2) + 1), spanId: (at + 1).toString(16) },
      }));
      await traces.write(encode('otlp', specs.slice(0, 1000)), as(''));
      await traces.write(encode('jaeger', specs.slice(1000)), as(''));
      const query = { serviceName: 'a-service' };
      const order: string[] = [];
      for await (const { spans } of clientOf(SpanReaderPlugin, connection).findTraces({ query })) {
        assert.ok(spans.length >= 1 && spans.length <= 1000);
        const ids = new Set(spans.map(({ traceId }) => hexOf(traceId)));
        assert.equal(ids.size, 1);
        for (const id of ids) if (order.at(-1) !== id) order.push(id);
      }
      assert.equal(order.length, 2);
    }));

  test('a service without a name is one, and not any', () =>
    served({}, async ({ connection, traces }) => {
      await traces.write(encode('jaeger', [{}, { traceId: '2', service: '' }]), as(''));
      const found = await clientOf(SpanReaderPlugin, connection).findTraceIDs({ query: {} });
      assert.deepEqual(found.traceIds, [traceIdOf('2')]);
    }));

  for (const [numTraces, found] of [
    [0, 100],
    [7, 7],
    [1000, 110],
  ] as const) {
    test(`finds ${found} of 120 traces where ${numTraces} are asked for and 110 are the most`, () =>
      served({ maxTraces: 110 }, async ({ connection, traces }) => {
        const specs = Array.from({ length: 120 }, (_, at) => ({ traceId: (at + 1).toString(16) }));
        await traces.write(encode('jaeger', specs), as(''));
        const query = { serviceName: 'a-service', numTraces };
        const reader = clientOf(SpanReaderPlugin, connection);
        assert.equal((await reader.findTraceIDs({ query })).traceIds.length, found);
        assert.equal((await collect(reader.findTraces({ query }))).length, found);
      }));
  }

  test('refuses a query for fewer than no traces, and one that is not there', () =>
    served({}, async ({ connection }) => {
      const reader = clientOf(SpanReaderPlugin, connection);
      const query = { serviceName: 'a', numTraces: -1 };
      await assert.rejects(reader.findTraceIDs({ query }), rejected('INVALID_ARGUMENT', /num_traces is -1/));
      await assert.rejects(collect(reader.findTraces({})), rejected('INVALID_ARGUMENT', /no query/));
    }));

  for (const noKind of ['', 'unspecified'] as const) {
    test(`calls the kind of spans without one '${noKind}' where it is told to`, () =>
      served({ noKind }, async ({ connection, traces }) => {
        await traces.write(encode('jaeger', [{}, { spanId: '2', name: 'b', kind: 'server' }]), as(''));
        const reader = clientOf(SpanReaderPlugin, connection);
        const kindsOf = async (spanKind: string) => {
          const { operations } = await reader.getOperations({ service: 'a-service', spanKind });
          return operations.map((operation) => operation.spanKind);
        };
        assert.deepEqual(await kindsOf(''), [noKind, 'server']);
        assert.deepEqual(await kindsOf('server'), ['server']);
        assert.deepEqual(await kindsOf('unspecified'), [noKind]);
      }));
  }
});

suite('the archive of storage_v1', () => {
  test('is a store of its own', () =>
    served({ archive: memoryStore() }, async ({ connection, traces }) => {
      await unary(connection, WRITE_ARCHIVE_SPAN, encode('jaeger', [{}]).bytes);
      const traceId = traceIdOf('1');
      const archive = clientOf(ArchiveSpanReaderPlugin, connection);
      assert.equal((await collect(archive.getArchiveTrace({ traceId }))).length, 1);
      assert.deepEqual(await traces.services(as('')), []);
      await assert.rejects(
        collect(clientOf(SpanReaderPlugin, connection).getTrace({ traceId })),
        rejected('NOT_FOUND', 'trace not found'),
      );
      await assert.rejects(
        collect(archive.getArchiveTrace({ traceId: traceIdOf('2') })),
        rejected('NOT_FOUND', 'trace not found'),
      );
    }));

  test('is UNIMPLEMENTED where there is none', () =>
    served({}, async ({ connection }) => {
      const archive = clientOf(ArchiveSpanReaderPlugin, connection);
      await assert.rejects(
        collect(archive.getArchiveTrace({ traceId: traceIdOf('1') })),
        rejected('UNIMPLEMENTED', /GetArchiveTrace/),
      );
      await assert.rejects(
        unary(connection, WRITE_ARCHIVE_SPAN, encode('jaeger', [{}]).bytes),
        rejected('UNIMPLEMENTED', /WriteArchiveSpan/),
      );
    }));
});

suite('DependenciesReaderPlugin of storage_v1', () => {
  test('counts calls between services, and leaves out those within one', () =>
    served({}, async ({ connection, traces }) => {
      await traces.write(
        encode('jaeger', [
          { service: 'front' },
          { spanId: '2', parentId: '1', service: 'front' },
          { spanId: '3', parentId: '2', service: 'back' },
          { spanId: '4', parentId: '2', service: 'back' },
        ]),
        as(''),
      );
      const { dependencies } = await clientOf(DependenciesReaderPlugin, connection).getDependencies({});
      assert.deepEqual(
        dependencies.map(({ parent, child, callCount }) => ({ parent, child, callCount })),
        [{ parent: 'front', child: 'back', callCount: 2n }],
      );
    }));
});
