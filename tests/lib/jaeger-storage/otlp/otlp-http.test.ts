import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import * as zlib from 'node:zlib';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { mintCertificate } from '../../../../lib/go-plugin/certificate.ts';
import { TraceStoreError, type TraceStoreErrorCode } from '../../../../lib/jaeger-storage/errors.ts';
import type { WriteResult } from '../../../../lib/jaeger-storage/trace-store.ts';
import { otlpEndpoint } from '../../../../src/tracing/otlp-http.ts';
import { TestReceiver } from './receiver.ts';
import { recordedSpans } from './recorded-spans.ts';

const protobuf = () => new Uint8Array(ProtobufTraceSerializer.serializeRequest(recordedSpans()) ?? []);
const json = () => new TextDecoder().decode(JsonTraceSerializer.serializeRequest(recordedSpans()));
const names = ({ resourceSpans }: TestReceiver) =>
  resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)));

/** google.rpc.Status as bytes: a code and a message, both short. */
function statusOf(bytes: Uint8Array): { code: number | undefined; message: string } {
  assert.deepEqual([bytes[0], bytes[2]], [0x08, 0x12]);
  return { code: bytes[1], message: new TextDecoder().decode(bytes.subarray(4)) };
}

suite('OTLP over HTTP', () => {
  test('takes what crosslink itself sends: the official serializer, over its own exporter', async () => {
    await using receiver = await TestReceiver.start();
    const endpoint = otlpEndpoint(receiver.url);
    try {
      const outcome = await endpoint.send(protobuf(), AbortSignal.timeout(10_000));
      assert.deepEqual(outcome, { kind: 'sent' });
    } finally {
      endpoint.close();
    }
    assert.deepEqual(names(receiver), ['pay', 'buy']);
  });

  test('hands bytes on as they came, in memory of their own', async () => {
    await using receiver = await TestReceiver.start();
    const body = protobuf();
    const answer = await receiver.post(body);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/x-protobuf');
    assert.equal((await answer.bytes()).length, 0);
    const [written] = receiver.written;
    assert.equal(written?.spans.format, 'otlp');
    assert.deepEqual(written?.spans.bytes, body);
    assert.equal(written?.spans.bytes.buffer.byteLength, body.length);
  });

  test('takes JSON, and answers in JSON', async () => {
    await using receiver = await TestReceiver.start();
    const answer = await receiver.post(json(), { 'content-type': 'application/json; charset=utf-8' });
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), {});
    assert.deepEqual(names(receiver), ['pay', 'buy']);
  });

  for (const [encoding, compress] of Object.entries({
    gzip: zlib.gzipSync,
    deflate: zlib.deflateSync,
    zstd: zlib.zstdCompressSync,
    identity: (body: Uint8Array) => body,
  })) {
    test(`takes ${encoding}`, async () => {
      await using receiver = await TestReceiver.start();
      const answer = await receiver.post(new Uint8Array(compress(protobuf())), {
        'content-encoding': encoding,
      });
      assert.equal(answer.status, 200);
      assert.deepEqual(names(receiver), ['pay', 'buy']);
    });
  }

  test('tells of spans that were rejected, in the encoding of the request, and in the log', async () => {
    const result: WriteResult = { accepted: 1, rejected: 300, reason: 'no trace id' };
    await using receiver = await TestReceiver.start({ write: async () => result });
    const inJson = await receiver.post('{}');
    assert.equal(inJson.status, 200);
    assert.deepEqual(await inJson.json(), {
      partialSuccess: { rejectedSpans: '300', errorMessage: 'no trace id' },
    });
    const inProtobuf = await receiver.post(protobuf());
    assert.deepEqual(ProtobufTraceSerializer.deserializeResponse(await inProtobuf.bytes()), {
      partialSuccess: { rejectedSpans: 300, errorMessage: 'no trace id' },
    });
    assert.match(receiver.warnings[0] ?? '', /spans were rejected .*300.*no trace id/);
  });

  const troubles: readonly [TraceStoreErrorCode, status: number, retryAfter: string | null, code: number][] =
    [
      ['INVALID', 400, null, 3],
      ['BUSY', 429, '1', 8],
      ['FULL', 503, '30', 14],
      ['CLOSED', 503, '5', 14],
      ['FAILED', 500, null, 13],
      ['UNSUPPORTED', 501, null, 12],
    ];
  for (const [code, status, retryAfter, grpcCode] of troubles) {
    test(`a store that is ${code} is ${status}, with a Status in the request's encoding`, async () => {
      const write = () => Promise.reject(new TraceStoreError(code, 'what an operator can do'));
      await using receiver = await TestReceiver.start({ write });
      const answer = await receiver.post(protobuf());
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('retry-after'), retryAfter);
      assert.equal(answer.headers.get('content-type'), 'application/x-protobuf');
      assert.deepEqual(statusOf(await answer.bytes()), {
        code: grpcCode,
        message: 'what an operator can do',
      });
      const inJson = await receiver.post('{}');
      assert.deepEqual(await inJson.json(), { code: grpcCode, message: 'what an operator can do' });
    });
  }

  test('a bug of the store is 500 and in the log, and its sender is not told what it was', async () => {
    await using receiver = await TestReceiver.start({
      write: async () => assert.fail('password of the database'),
    });
    const answer = await receiver.post('{}');
    assert.equal(answer.status, 500);
    assert.deepEqual(await answer.json(), { code: 13, message: 'internal error' });
    assert.match(receiver.warnings[0] ?? '', /password of the database/);
  });

  test('a store that takes too long is 503, to come again', async () => {
    const release = Promise.withResolvers<WriteResult>();
    await using receiver = await TestReceiver.start({ write: () => release.promise, writeTimeoutMs: 20 });
    const answer = await receiver.post('{}');
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
    release.resolve({ accepted: 0, rejected: 0 });
  });

  test('a sender that goes away is told to the store', async () => {
    const written = Promise.withResolvers<AbortSignal>();
    const release = Promise.withResolvers<WriteResult>();
    await using receiver = await TestReceiver.start({
      write({ context }) {
        written.resolve(context.signal);
        return release.promise;
      },
    });
    const gone = new AbortController();
    const asked = fetch(`${receiver.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: gone.signal,
    });
    const signal = await written.promise;
    const aborted = once(signal, 'abort');
    gone.abort();
    await Promise.all([aborted, assert.rejects(asked)]);
    release.resolve({ accepted: 0, rejected: 0 });
  });
});

suite('what OTLP over HTTP refuses', () => {
  const refused: readonly [string, { method?: string; path?: string; headers?: object }, number, RegExp][] = [
    ['another method', { method: 'PUT', headers: { 'content-type': 'application/json' } }, 405, /POST/],
    ['GET', { method: 'GET' }, 405, /POST/],
    ['another signal', { path: '/v1/metrics' }, 404, /POST \/v1\/traces/],
    ['no type', { headers: {} }, 415, /application\/x-protobuf/],
    ['another type', { headers: { 'content-type': 'text/plain' } }, 415, /application\/json/],
    [
      'another encoding',
      { headers: { 'content-type': 'application/json', 'content-encoding': 'br' } },
      415,
      /'br' is not known; known are gzip, deflate, zstd/,
    ],
    [
      'a body that is not compressed as it says',
      { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
      400,
      /not compressed/,
    ],
  ];
  for (const [what, { method = 'POST', path = '/v1/traces', headers = {} }, status, message] of refused) {
    test(`${what}: ${status}`, async () => {
      await using receiver = await TestReceiver.start();
      const request = httpRequest(`${receiver.url}${path}`, { method, headers: { ...headers } });
      request.end(method === 'GET' ? undefined : '{}');
      const [response] = await once(request, 'response');
      assert.equal(response.statusCode, status);
      assert.match(await text(response), message);
      assert.equal(receiver.written.length, 0);
    });
  }

  test('405 says what is allowed', async () => {
    await using receiver = await TestReceiver.start();
    const answer = await fetch(`${receiver.url}/v1/traces`);
    assert.equal(answer.headers.get('allow'), 'POST');
  });

  test('a body that says that it is too large, before it is read', async () => {
    await using receiver = await TestReceiver.start({ maxBodyBytes: 1_000 });
    const answer = await receiver.post(new Uint8Array(1_001));
    assert.equal(answer.status, 413);
    assert.match(statusOf(await answer.bytes()).message, /larger than 1000 bytes; send fewer spans at once/);
  });

  test('a body that comes in pieces and does not end', async () => {
    await using receiver = await TestReceiver.start({ maxBodyBytes: 100_000 });
    const request = httpRequest(`${receiver.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
    });
    const answered = once(request, 'response');
    const pump = setInterval(() => request.write(new Uint8Array(50_000)), 1);
    try {
      const [response] = await answered;
      assert.equal(response.statusCode, 413);
      assert.equal(response.headers.connection, 'close');
      await response.toArray();
    } finally {
      clearInterval(pump);
      request.on('error', () => {}).destroy();
    }
  });

  for (const [encoding, compress] of Object.entries({ gzip: zlib.gzipSync, zstd: zlib.zstdCompressSync })) {
    test(`a small body that is large when inflated (${encoding})`, async () => {
      await using receiver = await TestReceiver.start({ maxBodyBytes: 1_000_000 });
      const bomb = new Uint8Array(compress(new Uint8Array(1_000_001)));
      assert.ok(bomb.length < 10_000);
      const answer = await receiver.post(bomb, { 'content-encoding': encoding });
      assert.equal(answer.status, 413);
      assert.equal(receiver.written.length, 0);
    });
  }

  test('more at one time than there is room for: 429, until there is room again', async () => {
    const release = Promise.withResolvers<WriteResult>();
    const begun = Promise.withResolvers<void>();
    await using receiver = await TestReceiver.start({
      maxBodiesBytes: 1_000,
      write() {
        begun.resolve();
        return release.promise;
      },
    });
    const first = receiver.post(new Uint8Array(900));
    await begun.promise;
    const second = await receiver.post(new Uint8Array(900));
    assert.deepEqual([second.status, second.headers.get('retry-after')], [429, '1']);
    release.resolve({ accepted: 0, rejected: 0 });
    assert.equal((await first).status, 200);
    assert.equal((await receiver.post(new Uint8Array(900))).status, 200);
  });

  test('what is no HTTP, and goes on', async () => {
    await using receiver = await TestReceiver.start();
    const { port, hostname } = new URL(receiver.url);
    const socket = connect(Number(port), hostname).on('error', () => {});
    socket.write('\x16\x03\x01 hello\r\n\r\n');
    await once(socket.resume(), 'close');
    assert.equal((await receiver.post('{}')).status, 200);
  });
});

suite('who sends OTLP over HTTP', () => {
  test('a bearer token goes to the store, bare', async () => {
    await using receiver = await TestReceiver.start();
    await receiver.post('{}', { authorization: 'Bearer abc.def' });
    await receiver.post('{}', { authorization: 'Basic YTpi' });
    await receiver.post('{}');
    const tokens = receiver.written.map(({ context }) => context.bearerToken);
    assert.deepEqual(tokens, ['abc.def', undefined, undefined]);
    assert.deepEqual(
      receiver.written.map(({ context }) => context.tenant),
      ['', '', ''],
    );
  });

  test('the tenant is what the header says', async () => {
    await using receiver = await TestReceiver.start({ tenancy: {} });
    assert.equal((await receiver.post('{}', { 'x-tenant': 'acme' })).status, 200);
    assert.equal(receiver.written[0]?.context.tenant, 'acme');
    assert.equal((await receiver.post('{}')).status, 401);
    assert.equal((await receiver.post('{}', { 'x-tenant': 'acme, umbrella' })).status, 403);
  });

  test('only the tenants that there are, by the header that was chosen', async () => {
    await using receiver = await TestReceiver.start({ tenancy: { header: 'X-Org', tenants: ['acme'] } });
    assert.equal((await receiver.post('{}', { 'x-org': 'acme' })).status, 200);
    const stranger = await receiver.post('{}', { 'x-org': 'umbrella' });
    assert.equal(stranger.status, 403);
    assert.deepEqual(await stranger.json(), { code: 7, message: 'unknown tenant' });
    assert.equal(receiver.written.length, 1);
  });
});

suite('the life of an OTLP server', () => {
  for (const path of ['/', '/healthz']) {
    test(`GET ${path} says that it lives`, async () => {
      await using receiver = await TestReceiver.start();
      const answer = await fetch(`${receiver.url}${path}`);
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /OTLP over HTTP: POST \/v1\/traces/);
    });
  }

  test('when it closes, what has begun is done and what comes is refused', async () => {
    const release = Promise.withResolvers<WriteResult>();
    const begun = Promise.withResolvers<void>();
    await using receiver = await TestReceiver.start({
      write() {
        begun.resolve();
        return release.promise;
      },
    });
    const last = receiver.post('{}');
    await begun.promise;
    const closed = receiver.close();
    await assert.rejects(receiver.post('{}'));
    release.resolve({ accepted: 1, rejected: 0 });
    assert.equal((await last).status, 200);
    await closed;
    await receiver.close();
  });

  test('what is not done in time is cut off', async () => {
    const begun = Promise.withResolvers<void>();
    await using receiver = await TestReceiver.start({
      write() {
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const lost = assert.rejects(receiver.post('{}'));
    await begun.promise;
    await receiver.close({ graceMs: 10 });
    await lost;
  });

  test('a port that is taken is an error', async () => {
    await using receiver = await TestReceiver.start();
    const { otlpHttp } = await import('../../../../lib/jaeger-storage/otlp/otlp-http.ts');
    const port = Number(new URL(receiver.url).port);
    const traces = { write: async () => ({ accepted: 0, rejected: 0 }) };
    await assert.rejects(otlpHttp({ traces, port }), { code: 'EADDRINUSE' });
  });

  test('over TLS; and with clients that have to show a certificate', async () => {
    const folder = new URL('../../../certificates/', import.meta.url);
    const [key, cert, ca] = await Promise.all(
      ['loopback.key.pem', 'loopback.pem', 'ca.pem'].map((name) => readFile(new URL(name, folder), 'utf8')),
    );
    if (key === undefined || cert === undefined || ca === undefined) assert.fail();
    const ask = async (url: string, identity: object) => {
      const request = httpsRequest(`${url}/healthz`, { ca, agent: false, ...identity }).end();
      const [response] = await once(request, 'response');
      await text(response);
      return response.statusCode;
    };
    await using open = await TestReceiver.start({ tls: { key, cert } });
    assert.equal(await ask(open.url, {}), 200);
    const client = mintCertificate(Date.now());
    await using closed = await TestReceiver.start({ tls: { key, cert, clientCa: client.pem } });
    await assert.rejects(ask(closed.url, {}));
    assert.equal(await ask(closed.url, { key: client.privateKey, cert: client.pem }), 200);
  });
});
