import assert from 'node:assert/strict';
import { credentials } from '@grpc/grpc-js';
import { clientOf, RpcServerError } from '#lib/go-plugin';
import { mintCertificate } from '../../../../lib/go-plugin/certificate.ts';
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from '../../../../lib/go-plugin/proto/health_pb.ts';
import { ServerReflection } from '../../../../lib/go-plugin/proto/reflection_pb.ts';
import { memoryStore } from '../../../../lib/jaeger-storage/memory/memory-store.ts';
import { TraceReader } from '../../../../lib/jaeger-storage/proto/trace_storage_pb.ts';
import { serveTraceStorage } from '../../../../lib/jaeger-storage/server/trace-storage.ts';
import { collect, eventually, rejected, socketPath } from '../../go-plugin/helpers.ts';
import { as, encode } from '../contract/fixtures.ts';
import { unary } from '../grpc/raw-calls.ts';
import { EXPORT } from '../grpc/remote-store.ts';
import { connect, Lines, served } from '../grpc/serving.ts';
import { storeWith } from '../grpc/store-with.ts';

const NAMES = [
  'jaeger.storage.v1.DependenciesReaderPlugin',
  'jaeger.storage.v1.PluginCapabilities',
  'jaeger.storage.v1.SpanReaderPlugin',
  'jaeger.storage.v1.SpanWriterPlugin',
  'jaeger.storage.v1.StreamingSpanWriterPlugin',
  'jaeger.storage.v2.Capabilities',
  'jaeger.storage.v2.DependencyReader',
  'jaeger.storage.v2.TraceReader',
  'opentelemetry.proto.collector.trace.v1.TraceService',
];

suite('a server of traces', () => {
  test('serves each address, of a network or a file', () =>
    served({ addresses: ['127.0.0.1:0', `unix:${socketPath()}`] }, async ({ running }) => {
      assert.equal(running.addresses.length, 2);
      for (const address of running.addresses) {
        const connection = connect(address);
        await unary(connection, EXPORT, encode('otlp', [{}]).bytes);
        const { services } = await clientOf(TraceReader, connection).getServices({});
        assert.deepEqual(services, ['a-service']);
        connection.close();
      }
    }));

  test('lets go of the addresses it has where another one cannot be had', () =>
    served({}, async ({ running }) => {
      const [taken = ''] = running.addresses;
      const path = `unix:${socketPath()}`;
      const options = { traces: memoryStore(), log: new Lines().log };
      await assert.rejects(serveTraceStorage({ ...options, addresses: [path, taken] }), RpcServerError);
      const again = await serveTraceStorage({ ...options, addresses: [path] });
      await again.stop({ graceMs: 0 });
    }));

  test('says that it is well, as a whole and each service, and describes them', () =>
    served({}, async ({ connection }) => {
      const { statuses } = await clientOf(Health, connection).list({});
      assert.deepEqual(Object.keys(statuses).sort(), ['', ...NAMES, 'jaeger.storage.v2.TraceWriter'].sort());
      for (const { status } of Object.values(statuses)) assert.equal(status, Status.SERVING);
      const asked = [{ messageRequest: { case: 'listServices' as const, value: '' } }];
      const [answer] = await collect(clientOf(ServerReflection, connection).serverReflectionInfo(asked));
      assert.ok(answer?.messageResponse.case === 'listServicesResponse');
      const named = answer.messageResponse.value.service.map(({ name }) => name);
      for (const name of NAMES) assert.ok(named.includes(name), name);
    }));

  test('serves storage_v2 alone where it is told to', () =>
    served({ storageV1: false }, async ({ connection }) => {
      const { statuses } = await clientOf(Health, connection).list({});
      assert.ok(!Object.keys(statuses).some((name) => name.includes('v1.Span')));
    }));

  test('serves the archive as a storage of its own, at its own address', async () => {
    const archive = memoryStore();
    await served({ archive, archiveAddresses: ['127.0.0.1:0'] }, async ({ running, traces }) => {
      const connection = connect(running.archiveAddresses[0] ?? '');
      await unary(connection, EXPORT, encode('otlp', [{}]).bytes);
      assert.deepEqual((await clientOf(TraceReader, connection).getServices({})).services, ['a-service']);
      connection.close();
      assert.deepEqual(await traces.services(as('')), []);
      assert.deepEqual(await archive.services(as('')), ['a-service']);
    });
    await assert.rejects(
      serveTraceStorage({
        ...{ traces: memoryStore(), log: new Lines().log, addresses: [] },
        archiveAddresses: ['127.0.0.1:0'],
      }),
      TypeError,
    );
  });

  test('lets in only clients with a certificate that it trusts, where it is told to', async () => {
    const [own, client] = [mintCertificate(Date.now()), mintCertificate(Date.now())];
    const pem = (text: string) => Buffer.from(text);
    const tls = {
      ...{ certificate: pem(own.pem), privateKey: pem(own.privateKey) },
      clientAuthorities: pem(client.pem),
    };
    const secured = credentials.createSsl(pem(own.pem), pem(client.privateKey), pem(client.pem));
    await served({ tls, secured }, async ({ connection, running }) => {
      await unary(connection, EXPORT, encode('otlp', [{}]).bytes);
      const stranger = connect(running.addresses[0] ?? '', credentials.createSsl(pem(own.pem)));
      await assert.rejects(unary(stranger, EXPORT, encode('otlp', [{}]).bytes), rejected('UNAVAILABLE', /./));
      stranger.close();
    });
  });

  test('answers what it has begun when it is stopped, and nothing new', async () => {
    const { promise: mayWrite, resolve: write } = Promise.withResolvers<void>();
    let begun = 0;
    const traces = storeWith({
      async write(spans, context) {
        begun++;
        await mayWrite;
        return traces.memory.write(spans, context);
      },
    });
    await served({ traces }, async ({ connection, running }) => {
      const writing = unary(connection, EXPORT, encode('otlp', [{}]).bytes);
      await eventually('the write', () => begun === 1);
      const stopped = running.stop();
      await assert.rejects(
        unary(connection, EXPORT, encode('otlp', [{}]).bytes),
        rejected('UNAVAILABLE', /./),
      );
      write();
      await writing;
      await stopped;
      assert.equal(begun, 1);
      assert.deepEqual(await traces.services(as('')), ['a-service']);
    });
  });
});
