import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { otlpEndpoint } from '../../../src/tracing/otlp-http.ts';
import { serverTls } from '../../certificates/index.ts';
import { runModule } from './child.ts';
import { Collector } from './collector.ts';

const never = () => new AbortController().signal;

suite('tracing: OTLP over HTTP', () => {
  let collector: Collector;
  setup(async () => {
    collector = await Collector.start();
  });
  teardown(() => collector[Symbol.asyncDispose]());

  test('posts protobuf to v1/traces below the URL', async () => {
    const endpoint = otlpEndpoint(`${collector.url}/tempo`);
    assert.deepEqual(await endpoint.send(Buffer.from([1, 2]), never()), { kind: 'sent' });
    endpoint.close();
    const [{ method, path, contentType, body } = assert.fail('nothing came')] = collector.received;
    assert.deepEqual([method, path, contentType], ['POST', '/tempo/v1/traces', 'application/x-protobuf']);
    assert.deepEqual([...body], [1, 2]);
  });

  for (const [status, kind] of [
    [202, 'sent'],
    [301, 'away'],
    [400, 'refused'],
    [401, 'away'],
    [404, 'away'],
    [413, 'refused'],
    [422, 'refused'],
    [429, 'away'],
    [502, 'away'],
    [503, 'away'],
  ] as const) {
    test(`${status} means ${kind}`, async () => {
      collector.status = status;
      const endpoint = otlpEndpoint(collector.url);
      const outcome = await endpoint.send(Buffer.from('a'), never());
      endpoint.close();
      assert.equal(outcome.kind, kind);
      if (outcome.kind !== 'sent') assert.match(outcome.reason, new RegExp(String(status)));
    });
  }

  test('nobody listening is away, and nothing to bother anybody with', async () => {
    await collector.away();
    const endpoint = otlpEndpoint(collector.url);
    const outcome = await endpoint.send(Buffer.from('a'), never());
    endpoint.close();
    assert.deepEqual(outcome, { kind: 'away', reason: 'ECONNREFUSED', needsAttention: false });
  });

  test('an answer that never comes is given up when the time is up', async () => {
    const deadline = new AbortController();
    const server = createServer(() => deadline.abort());
    const endpoint = otlpEndpoint(await listening(server));
    const outcome = await endpoint.send(Buffer.from('a'), deadline.signal);
    assert.deepEqual(outcome, { kind: 'away', reason: 'no answer in time', needsAttention: false });
    endpoint.close();
    server.closeAllConnections();
    server.close();
  });

  test('an answer without end counts by its status', async () => {
    const deadline = new AbortController();
    const server = createServer((_request, response) => {
      response.writeHead(200);
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(16_384), () => setImmediate(more));
      };
      more();
    });
    const endpoint = otlpEndpoint(await listening(server));
    assert.deepEqual(await endpoint.send(Buffer.from('a'), deadline.signal), { kind: 'sent' });
    endpoint.close();
    server.closeAllConnections();
    server.close();
  });

  for (const what of ['its end does not come', 'the time is up before its end'] as const) {
    test(`an answer that has begun counts by its status, and the next request goes out: ${what}`, async () => {
      const deadline = new AbortController();
      const begun = () => setImmediate(() => deadline.abort());
      let requests = 0;
      const server = createServer((request, response) => {
        requests += 1;
        request.resume();
        response.writeHead(200).write('.');
      });
      const endpoint = otlpEndpoint(await listening(server));
      if (what === 'the time is up before its end') subscribe('http.client.response.finish', begun);
      try {
        assert.deepEqual(await endpoint.send(Buffer.from('a'), deadline.signal), { kind: 'sent' });
      } finally {
        unsubscribe('http.client.response.finish', begun);
      }
      assert.deepEqual(await endpoint.send(Buffer.from('b'), never()), { kind: 'sent' });
      assert.equal(requests, 2);
      endpoint.close();
      server.closeAllConnections();
      server.close();
    });
  }

  for (const [status, needsAttention] of [
    [301, true],
    [401, true],
    [403, true],
    [404, true],
    [405, true],
    [407, true],
    [408, false],
    [429, false],
    [500, false],
    [503, false],
  ] as const) {
    test(`${status} is ${needsAttention ? 'for somebody to mend' : 'nothing to bother anybody with'}`, async () => {
      collector.status = status;
      const endpoint = otlpEndpoint(collector.url);
      const outcome = await endpoint.send(Buffer.from('a'), never());
      endpoint.close();
      assert.deepEqual(outcome, {
        kind: 'away',
        reason: `the tracing endpoint answered ${status}`,
        needsAttention,
      });
    });
  }

  test('a name that is never resolved is given up when the time is up, and is told of', async () => {
    const deadline = new AbortController();
    const endpoint = otlpEndpoint('http://tempo.example:4318', () => setImmediate(() => deadline.abort()));
    const outcome = await endpoint.send(Buffer.from('a'), deadline.signal);
    assert.deepEqual(outcome, { kind: 'away', reason: 'no answer in time', needsAttention: false });
    assert.equal(endpoint.pendingLookups(), 1);
    endpoint.close();
  });

  test('a name that is resolved leaves nothing behind', async () => {
    const url = new URL(collector.url);
    const endpoint = otlpEndpoint(`http://tempo.example:${url.port}`, (_name, how, done) => {
      setImmediate(() => {
        if (how.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
        else done(null, '127.0.0.1', 4);
      });
    });
    assert.deepEqual(await endpoint.send(Buffer.from('a'), never()), { kind: 'sent' });
    assert.equal(endpoint.pendingLookups(), 0);
    endpoint.close();
  });
});

suite('tracing: OTLP over HTTPS', () => {
  test('a certificate that this machine does not trust is for somebody to mend', async () => {
    await using collector = await Collector.start(serverTls('loopback'));
    const endpoint = otlpEndpoint(collector.url);
    const outcome = await endpoint.send(Buffer.from('a'), never());
    endpoint.close();
    assert.equal(outcome.kind, 'away');
    assert.ok(outcome.kind === 'away' && outcome.needsAttention);
    assert.match(outcome.reason, /does not trust its TLS certificate \([A-Z_]+\)/);
    assert.deepEqual(collector.received, []);
  });

  test('a CA that the machine knows is enough', async function () {
    this.timeout(20_000);
    await using collector = await Collector.start(serverTls('loopback'));
    const { stdout, stderr } = await runModule(
      `import { otlpEndpoint } from 'ROOT/src/tracing/otlp-http.ts';
       const endpoint = otlpEndpoint('${collector.url}');
       console.log(JSON.stringify(await endpoint.send(Buffer.from('a'), new AbortController().signal)));
       endpoint.close();`,
      // Where the system's store is; on a machine of its own it would be /etc/ssl/certs.
      { SSL_CERT_FILE: join(import.meta.dirname, '../../certificates/ca.pem') },
    );
    assert.deepEqual(JSON.parse(stdout), { kind: 'sent' }, stderr);
  });
});

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}
