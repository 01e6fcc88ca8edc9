import assert from 'node:assert/strict';
import { type ChannelCredentials, credentials, Client as GrpcClient } from '@grpc/grpc-js';
import { clientOf, createRpcServer, implement, RpcServerError, type RpcServerOptions } from '#lib/go-plugin';
import { mintCertificate } from '../../../lib/go-plugin/certificate.ts';
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from '../../../lib/go-plugin/proto/health_pb.ts';
import { ServerReflection } from '../../../lib/go-plugin/proto/reflection_pb.ts';
import { collect, eventually, Lines, rejected, socketPath } from './helpers.ts';
import { Tester } from './proto/tester_pb.ts';
import { tester } from './tester.ts';

function open(options: Partial<RpcServerOptions> = {}) {
  const lines = new Lines();
  const server = createRpcServer({ services: [tester()], log: lines.log, ...options });
  const connections: GrpcClient[] = [];
  return {
    ...{ server, lines },
    async connect(address = '127.0.0.1:0', secured: ChannelCredentials = credentials.createInsecure()) {
      const at = await server.listen(address);
      const connection = new GrpcClient(at, secured, {
        'grpc.use_local_subchannel_pool': 1,
        'grpc.ssl_target_name_override': 'localhost',
      });
      connections.push(connection);
      return { at, connection, client: clientOf(Tester, connection), health: clientOf(Health, connection) };
    },
    [Symbol.dispose]() {
      for (const connection of connections) connection.close();
      server.close();
    },
  };
}

suite('a gRPC server of its own', () => {
  test('answers on each of its addresses', async () => {
    using opened = open();
    for (const address of ['127.0.0.1:0', '127.0.0.1:0', `unix:${socketPath()}`]) {
      const { at, client } = await opened.connect(address);
      assert.match(at, address.startsWith('unix:') ? /^unix:/ : /^127\.0\.0\.1:[1-9]\d*$/);
      assert.equal((await client.echo({ text: at })).text, at);
    }
  });

  for (const address of ['nonsense', '127.0.0.1', '127.0.0.1:99999', 'http://127.0.0.1:80', '']) {
    test(`'${address}' is no address`, async () => {
      using opened = open();
      await assert.rejects(opened.server.listen(address), RpcServerError);
    });
  }

  test('says which address it could not have', async () => {
    using first = open();
    using second = open();
    const { at } = await first.connect();
    await assert.rejects(second.server.listen(at), new RegExp(`^RpcServerError: cannot listen on ${at}: `));
  });

  test('tells of the health of itself and of each of its services, to the end', async () => {
    using opened = open();
    const { health, client } = await opened.connect();
    const names = ['', 'crosslink.test.Tester'];
    for (const service of names) {
      assert.equal((await health.check({ service })).status, Status.SERVING, service);
    }
    assert.deepEqual(Object.keys((await health.list({})).statuses), names);
    await assert.rejects(health.check({ service: 'plugin' }), rejected('NOT_FOUND', /no service 'plugin'/));

    const watched = health.watch({ service: '' })[Symbol.asyncIterator]();
    assert.equal((await watched.next()).value?.status, Status.SERVING);
    await client.echo({});
    const drained = opened.server.drain(10_000);
    assert.equal((await watched.next()).value?.status, Status.NOT_SERVING);
    assert.equal((await watched.next()).done, true);
    await drained;
  });

  test('describes itself to tools, unless it is told not to', async () => {
    using opened = open();
    const { connection } = await opened.connect();
    const asked = [{ messageRequest: { case: 'listServices' as const, value: '' } }];
    const [answer] = await collect(clientOf(ServerReflection, connection).serverReflectionInfo(asked));
    assert.ok(answer?.messageResponse.case === 'listServicesResponse');
    assert.ok(answer.messageResponse.value.service.some(({ name }) => name === 'crosslink.test.Tester'));
    using silent = open({ reflection: false });
    const { connection: other } = await silent.connect();
    await assert.rejects(
      collect(clientOf(ServerReflection, other).serverReflectionInfo(asked)),
      rejected('UNIMPLEMENTED', /ServerReflectionInfo/),
    );
  });

  test('refuses what is longer than it takes', async () => {
    using opened = open({ maxReceiveMessageBytes: 1000 });
    const { client } = await opened.connect();
    await assert.rejects(
      client.echo({ text: 'x'.repeat(2000) }),
      rejected('RESOURCE_EXHAUSTED', /larger than max/),
    );
  });

  suite('with TLS', () => {
    const [own, clients, others] = [
      mintCertificate(Date.now()),
      mintCertificate(Date.now()),
      mintCertificate(Date.now()),
    ];
    const tls = { certificate: Buffer.from(own.pem), privateKey: Buffer.from(own.privateKey) };
    const secured = (as?: typeof own) =>
      as === undefined
        ? credentials.createSsl(Buffer.from(own.pem))
        : credentials.createSsl(Buffer.from(own.pem), Buffer.from(as.privateKey), Buffer.from(as.pem));

    test('answers those who trust its certificate', async () => {
      using opened = open({ tls });
      const { client } = await opened.connect('127.0.0.1:0', secured());
      assert.equal((await client.echo({ text: 'safe' })).text, 'safe');
    });

    test('of both sides, answers only those with a certificate that it trusts', async () => {
      using opened = open({ tls: { ...tls, clientAuthorities: Buffer.from(clients.pem) } });
      const { client } = await opened.connect('127.0.0.1:0', secured(clients));
      assert.equal((await client.echo({ text: 'known' })).text, 'known');
      for (const stranger of [secured(), secured(others)]) {
        const { client } = await opened.connect('127.0.0.1:0', stranger);
        const deadline = new Date(Date.now() + 5_000);
        await assert.rejects(client.echo({}, { deadline }), rejected('UNAVAILABLE', /./));
      }
    });

    test('says what is wrong with a key that is another one', () => {
      const privateKey = Buffer.from(others.privateKey);
      assert.throws(
        () => open({ tls: { ...tls, privateKey } }),
        /^RpcServerError: TLS cannot be served with these/,
      );
      assert.throws(() => open({ tls: { ...tls, certificate: Buffer.from('no PEM') } }), RpcServerError);
    });
  });
});

suite('a gRPC server that is drained', () => {
  test('ends what it is answering, and takes nothing new', async () => {
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    const began: string[] = [];
    using opened = open({
      services: [
        implement(Tester, {
          async echo({ text }) {
            began.push(text);
            await mayAnswer;
            return { text };
          },
          async *count() {
            yield { number: 1 };
            await mayAnswer;
            yield { number: 2 };
          },
        }),
      ],
    });
    const { client } = await opened.connect();
    const running = client.echo({ text: 'running' });
    const stream = client.count({})[Symbol.asyncIterator]();
    await stream.next();
    await eventually('the call', () => began.length === 1);

    const drained = opened.server.drain(10_000);
    await assert.rejects(client.echo({ text: 'too late' }), rejected('UNAVAILABLE', /./));
    answer();
    assert.equal((await running).text, 'running');
    assert.equal((await stream.next()).value?.number, 2);
    assert.equal((await stream.next()).done, true);
    await drained;
    assert.deepEqual(began, ['running']);
  });

  test('answers streams of clients with what it has got', async () => {
    using opened = open();
    const { client, health } = await opened.connect();
    const { promise: forever } = Promise.withResolvers<void>();
    let sent = 0;
    const sum = client.sum(
      (async function* () {
        for (; sent < 100; sent++) yield { text: '.' };
        await forever;
      })(),
    );
    await eventually('100 messages', () => sent === 100);
    await health.check({});
    await opened.server.drain(10_000);
    assert.equal((await sum).number, 100);
  });

  test('ends a stream whose client goes on and on', async () => {
    using opened = open();
    const { client } = await opened.connect();
    let isOver = false;
    const sum = client.sum(
      (async function* () {
        while (!isOver) yield { text: '.' };
      })(),
    );
    await client.echo({});
    await opened.server.drain(10_000);
    assert.ok((await sum).number > 0);
    isOver = true;
  });

  test('does not wait for a client that leaves at the same moment', async () => {
    using opened = open();
    const { client, connection } = await opened.connect();
    await client.echo({});
    connection.close();
    // The clock of the tests ends this if it waits so long.
    await opened.server.drain(3_600_000);
  });

  test('cuts off what does not end in time', async () => {
    let [began, reason]: [boolean, unknown] = [false, undefined];
    using opened = open({
      services: [
        implement(Tester, {
          async echo(_, { signal }) {
            began = true;
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
            reason = signal.reason;
            return {};
          },
        }),
      ],
    });
    const { client } = await opened.connect();
    const failed = assert.rejects(client.echo({}), rejected('CANCELLED', /./));
    await eventually('the call', () => began);
    await opened.server.drain(50);
    await failed;
    await eventually('the signal', () => reason !== undefined);
  });
});
