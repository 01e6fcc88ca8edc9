import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { DurationSchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import { RpcError } from '#lib/go-plugin';
import { DependencyReader } from '../../lib/jaeger-storage/proto/dependency_storage_pb.ts';
import {
  type Span as JaegerSpan,
  KeyValueSchema,
  SpanRefSchema,
} from '../../lib/jaeger-storage/proto/model_pb.ts';
import { StatusSchema } from '../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { TraceService } from '../../lib/jaeger-storage/proto/otlp_trace_service_pb.ts';
import {
  DependenciesReaderPlugin,
  PluginCapabilities,
  SpanReaderPlugin,
  SpanWriterPlugin,
  StreamingSpanWriterPlugin,
} from '../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { TraceReader } from '../../lib/jaeger-storage/proto/trace_storage_pb.ts';
import type { EncodedSpans } from '../../lib/jaeger-storage/trace-store.ts';
import {
  as,
  encode,
  jaeger,
  jaegerSpan,
  NOON,
  otlp,
  otlpSpan,
  SECOND,
  type SpanSpec,
} from '../lib/jaeger-storage/contract/fixtures.ts';
import { spansIn } from '../lib/jaeger-storage/contract/read-back.ts';
import { clientStream, serverStream, unary } from '../lib/jaeger-storage/grpc/raw-calls.ts';
import { writeTo } from '../lib/jaeger-storage/grpc/remote-store.ts';
import { v1Client } from '../lib/jaeger-storage/grpc/v1-client.ts';
import { v2Client } from '../lib/jaeger-storage/grpc/v2-client.ts';
import { idOf, startServer, type TraceServer } from './trace-server.ts';

let folder: string;
let server: TraceServer;

suite('crosslink traces serve, given what nobody should send', () => {
  suiteSetup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink-cli-odd-'));
    const started = await startServer(folder);
    server = started.server ?? assert.fail(JSON.stringify(await started.ended));
  });
  suiteTeardown(async () => {
    const { code, stderr } = await server.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
    // It was there until now.
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /node:internal|\.ts:\d/);
  });

  const year1 = -62_135_596_800n * SECOND;
  const year9999 = 253_402_300_799n * SECOND;
  const max = 2n ** 64n - 1n;
  // biome-ignore lint/suspicious/noExplicitAny: no enum has it
  const unknown = 99 as any;

  type Odd = (traceId: string) => EncodedSpans;
  const asOtlp =
    (spec: SpanSpec): Odd =>
    (traceId) =>
      encode('otlp', [{ ...spec, traceId }]);
  const asJaeger =
    (spec: SpanSpec, more: Partial<JaegerSpan> = {}): Odd =>
    (traceId) =>
      jaeger([{ ...jaegerSpan({ ...spec, traceId }), ...more }]);
  const both = (spec: SpanSpec) => [asOtlp(spec), asJaeger(spec)];
  const unknownInOtlp: Odd = (traceId) => {
    const one = otlpSpan({ traceId });
    const span = one.scopeSpans[0]?.spans[0] ?? assert.fail();
    Object.assign(span, { kind: unknown, status: create(StatusSchema, { code: unknown }) });
    return otlp([one]);
  };

  const odd: readonly [what: string, spans: readonly Odd[]][] = [
    ['a tag of 10 MB', both({ attributes: { text: 'x'.repeat(10 * 2 ** 20) } })],
    ['names of 1 MB', both({ name: 'x'.repeat(2 ** 20), service: 'y'.repeat(2 ** 20) })],
    ['no names', both({ name: '', service: '' })],
    ['a time of 0', both({ start: 0n, duration: 0n })],
    ['the latest time that there is', [asOtlp({ start: max, duration: 0n })]],
    ['the longest time that there is', [asOtlp({ start: 0n, duration: max })]],
    ['an end before its start', [asOtlp({ duration: -NOON })]],
    ['a time in the year 1', [asJaeger({ start: year1 })]],
    ['a time in the year 9999', [asJaeger({ start: year9999 })]],
    [
      'values that no enum has',
      [
        unknownInOtlp,
        asJaeger({}, { tags: [create(KeyValueSchema, { key: 'odd', vType: unknown, vStr: 'text' })] }),
        asJaeger({}, { references: [create(SpanRefSchema, { traceId: idOf(7), refType: unknown })] }),
      ],
    ],
  ];
  let traces = 0;
  for (const [what, each] of odd) {
    test(`takes spans with ${what}, and gives them back`, async () => {
      for (const spans of each) {
        traces += 1;
        const written = await writeTo(server.connection, spans(traces.toString(16)), as(''));
        assert.deepEqual(written, { accepted: 1, rejected: 0 });
        for (const client of [v1Client, v2Client]) {
          const store = client(server.connection, async () => {});
          const found: EncodedSpans[] = [];
          for await (const part of store.traces([{ traceId: idOf(traces) }], as('')))
            found.push(...part.spans);
          assert.equal(spansIn(found).length, 1);
        }
      }
    });
  }

  test('refuses times that Jaeger could not read back', async () => {
    for (const spans of [
      asJaeger({}, { startTime: create(TimestampSchema, { seconds: 2n ** 63n - 1n, nanos: -(2 ** 31) }) }),
      asJaeger({}, { duration: create(DurationSchema, { seconds: -(2n ** 63n), nanos: 2 ** 31 - 1 }) }),
    ]) {
      const written = writeTo(server.connection, spans('abcd'), as(''));
      await assert.rejects(written, { code: 'INVALID', message: /is none that Jaeger can read/ });
    }
  });

  test('answers garbage with an error, in every method that there is', async () => {
    const services = [
      ...[SpanReaderPlugin, SpanWriterPlugin, StreamingSpanWriterPlugin, DependenciesReaderPlugin],
      ...[PluginCapabilities, TraceReader, DependencyReader, TraceService],
    ];
    const garbage = [
      // A field that ends after the message, one of a wire type that there is none, a varint without an end, a group.
      Uint8Array.of(10, 255, 255, 255, 255, 7),
      Uint8Array.of(15, 1),
      new Uint8Array(64).fill(255),
      Uint8Array.of(11, 11, 11, 11),
      Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919 + (i >> 3)) & 255),
    ];
    for (const { typeName, methods } of services) {
      for (const { name, methodKind } of methods) {
        const path = `/${typeName}/${name}`;
        await Promise.all(
          garbage.map(async (bytes) => {
            try {
              if (methodKind === 'server_streaming')
                for await (const _ of serverStream(server.connection, path, bytes));
              else if (methodKind === 'unary') await unary(server.connection, path, bytes);
              else {
                const stream = clientStream(server.connection, path);
                await stream.write(bytes);
                await stream.end();
              }
            } catch (error) {
              assert.ok(error instanceof RpcError, String(error));
              assert.ok(
                ['INVALID_ARGUMENT', 'UNIMPLEMENTED', 'INTERNAL', 'NOT_FOUND'].includes(error.code),
                `${path}: ${error.code} ${error.message}`,
              );
              assert.doesNotMatch(error.message, /node:internal|\.ts:\d/);
            }
          }),
        );
      }
    }
  });

  test('finds all of it, and works on', async () => {
    const store = v2Client(server.connection, async () => {});
    const found = await store.findTraceIds({ limit: 1000 }, as(''));
    assert.equal(found.length, traces);
    const latest = await store.findTraceIds({ limit: 1000, startMin: 2n ** 63n }, as(''));
    assert.ok(latest.length >= 1);
    assert.ok((await store.services(as(''))).includes('a-service'));
    assert.deepEqual(await store.dependencies({}, as('')), []);
    await writeTo(server.connection, encode('otlp', [{ traceId: 'abc', service: 'afterwards' }]), as(''));
    assert.equal((await store.findTraceIds({ limit: 9, service: 'afterwards' }, as(''))).length, 1);
  });
});
