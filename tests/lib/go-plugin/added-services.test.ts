import assert from 'node:assert/strict';
import type { Client as GrpcClient } from '@grpc/grpc-js';
import { clientOf, RpcError, serve } from '#lib/go-plugin';
import { Health, HealthCheckResponse_ServingStatus } from '../../../lib/go-plugin/proto/health_pb.ts';
import { ServerReflection } from '../../../lib/go-plugin/proto/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../../lib/go-plugin/proto/reflection_v1alpha_pb.ts';
import { GRPCStdio, StdioData_Channel } from '../../../lib/go-plugin/proto/stdio_pb.ts';
import { FakeEffects } from './helpers.ts';
import { connect, options } from './starting.ts';

suite('what go-plugin adds to each plugin', () => {
  async function plugged(
    use: (connection: GrpcClient, effects: FakeEffects) => Promise<void>,
  ): Promise<void> {
    const effects = new FakeEffects();
    const plugin = await serve(options, effects);
    const connection = connect(plugin.address);
    try {
      await use(connection, effects);
    } finally {
      connection.close();
      await plugin.stop();
    }
  }

  test('health: it serves, and knows no other service', () =>
    plugged(async (connection) => {
      const health = clientOf(Health, connection);
      const { SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;
      for (const service of ['plugin', '']) assert.equal((await health.check({ service })).status, SERVING);
      await assert.rejects(
        health.check({ service: 'other' }),
        (e) => e instanceof RpcError && e.code === 'NOT_FOUND',
      );
      assert.deepEqual(Object.keys((await health.list({})).statuses).toSorted(), ['', 'plugin']);
      for await (const { status } of health.watch({ service: 'other' })) {
        assert.equal(status, SERVICE_UNKNOWN);
        break;
      }
    }));

  test('stdio: what was printed before and after the host listens', () =>
    plugged(async (connection, effects) => {
      effects.sink?.('stdout', Buffer.from('early '));
      effects.sink?.('stdout', Buffer.from('early\n'));
      effects.sink?.('stderr', Buffer.from('error\n'));
      const got: [number, string][] = [];
      for await (const { channel, data } of clientOf(GRPCStdio, connection).streamStdio({})) {
        got.push([channel, Buffer.from(data).toString()]);
        if (got.length === 2) effects.sink?.('stdout', Buffer.from('late\n'));
        if (got.length === 3) break;
      }
      const { STDOUT, STDERR } = StdioData_Channel;
      assert.deepEqual(got, [
        [STDOUT, 'early early\n'],
        [STDERR, 'error\n'],
        [STDOUT, 'late\n'],
      ]);
    }));

  test('stdio: a host that does not read costs bounded memory, and is told what it missed', () =>
    plugged(async (connection, effects) => {
      for (let at = 0; at < 100; at++) effects.sink?.('stdout', new Uint8Array(10_000).fill(at));
      const [text, bytes]: [string[], number[]] = [[], []];
      for await (const { channel, data } of clientOf(GRPCStdio, connection).streamStdio({})) {
        if (channel === StdioData_Channel.STDERR) text.push(Buffer.from(data).toString());
        else bytes.push(data.length);
        if (channel === StdioData_Channel.STDOUT && data.at(-1) === 99) break;
      }
      const kept = bytes.reduce((sum, length) => sum + length, 0);
      assert.ok(kept > 200_000 && kept <= 256 * 1024, String(kept));
      assert.match(text.join(''), new RegExp(`^\\[${1_000_000 - kept} bytes of output were dropped`));
    }));

  for (const descriptor of [ServerReflection, ServerReflectionAlpha] as (typeof ServerReflection)[]) {
    test(`reflection: ${descriptor.typeName}`, () =>
      plugged(async (connection) => {
        const ask = [
          { messageRequest: { case: 'listServices' as const, value: '' } },
          { messageRequest: { case: 'fileContainingSymbol' as const, value: 'crosslink.test.Blob' } },
          { messageRequest: { case: 'fileByFilename' as const, value: 'none.proto' } },
        ];
        const answers = [];
        for await (const { messageResponse } of clientOf(descriptor, connection).serverReflectionInfo(ask)) {
          answers.push(messageResponse);
        }
        const [list, file, error] = answers;
        assert.ok(list?.case === 'listServicesResponse');
        const names = list.value.service.map(({ name }) => name);
        for (const name of [
          'crosslink.test.Tester',
          'plugin.GRPCBroker',
          'grpc.reflection.v1alpha.ServerReflection',
        ]) {
          assert.ok(names.includes(name), name);
        }
        assert.ok(file?.case === 'fileDescriptorResponse');
        assert.ok(Buffer.from(file.value.fileDescriptorProto[0] ?? []).includes('tester.proto'));
        assert.ok(error?.case === 'errorResponse' && error.value.errorCode === 5);
      }));
  }
});
