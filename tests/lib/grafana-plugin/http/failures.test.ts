import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { mintCertificate } from '../../../../lib/go-plugin/certificate.ts';
import { isCancelled, sourceOf, statusOf } from '../../../../lib/grafana-plugin/errors.ts';
import { createFetch } from '../../../../lib/grafana-plugin/http/create-fetch.ts';
import type { FetchOptions } from '../../../../lib/grafana-plugin/http/options.ts';
import { certificate, serverTls } from '../../../certificates/index.ts';
import { fetching } from './fetching.ts';
import type { Loopback } from './loopback.ts';

/** Accepts connections and does this with them. */
async function raw(onConnection: (socket: Socket) => void): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function failureOf(asked: Promise<Response>): Promise<Error> {
  try {
    await (await asked).text();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  assert.fail('it did not fail');
}

suite('grafana-plugin: fetch, when it fails', () => {
  const { open, start, client } = fetching();
  const tlsServer = (name: 'loopback' | 'elsewhere' | 'expired', more = {}): Promise<Loopback> =>
    start(undefined, { ...serverTls(name), ...more });
  const rawServer = async (onConnection: (socket: Socket) => void) => {
    const server = await raw(onConnection);
    open.push(() => server.close());
    return server;
  };

  const downstream = (error: Error, status: number, message: RegExp) => {
    assert.equal(error.name, 'DatasourceError', inspect(error));
    assert.match(error.message, message);
    assert.deepEqual([statusOf(error), sourceOf(error), isCancelled(error)], [status, 'downstream', false]);
    assert.ok(error.cause instanceof Error, 'keeps its cause');
  };

  test('a refused connection is downstream', async () => {
    const closed = await raw(() => {});
    closed.close();
    const error = await failureOf(client()(`${closed.url}/api?token=hunter2`));
    downstream(
      error,
      502,
      /^GET http:\/\/127\.0\.0\.1:\d+\/api: the connection was refused \(ECONNREFUSED\)$/,
    );
  });

  test('a host that does not exist is downstream', async () => {
    downstream(
      await failureOf(client()('http://nowhere.invalid/')),
      502,
      /no host of this name|cannot be looked up/,
    );
  });

  test('a connection that breaks is downstream, before the answer and in the middle of it', async () => {
    const reset = await rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    downstream(await failureOf(client()(reset.url)), 502, /reset|closed/);
    const eof = await rawServer((socket) => socket.once('data', () => socket.end()));
    downstream(await failureOf(client()(eof.url)), 502, /closed before the answer was complete/);
    const half = await rawServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')),
    );
    downstream(await failureOf(client()(half.url)), 502, /closed before the answer was complete/);
  });

  test('an answer that is no HTTP is downstream', async () => {
    const server = await rawServer((socket) => socket.once('data', () => socket.end('hello\r\n\r\n')));
    downstream(await failureOf(client()(server.url)), 502, /no HTTP/);
  });

  test('a server that is never reached in time is downstream', async () => {
    // A TLS server that never says a word.
    const silent = await rawServer(() => {});
    const fetch = client({ connectTimeoutMs: 100, tlsHandshakeTimeoutMs: 100 });
    downstream(await failureOf(fetch(silent.url.replace('http', 'https'))), 504, /connecting took too long/);
  });

  for (const [name, options, message] of [
    ['loopback', {}, /not trusted/],
    ['loopback', { tls: { caCertificate: certificate('other-ca') } }, /not trusted/],
    ['expired', { tls: { caCertificate: certificate('ca') } }, /has expired/],
    ['elsewhere', { tls: { caCertificate: certificate('ca') } }, /for another name/],
  ] as const) {
    test(`a certificate that does not do is downstream: ${name}, ${message}`, async () => {
      const server = await tlsServer(name);
      downstream(await failureOf(client(options)(server.url)), 502, message);
      assert.deepEqual(server.asked, []);
    });
  }

  test('TLS as the datasource is set up: its CA, the name of its server, its own certificate, or no check', async () => {
    const ask = async (server: Loopback, tls: FetchOptions['tls']) =>
      (await client({ ...(tls && { tls }) })(server.url)).text();
    const ca = certificate('ca');
    assert.equal(await ask(await tlsServer('loopback'), { caCertificate: ca }), 'ok');
    assert.equal(
      await ask(await tlsServer('elsewhere'), { caCertificate: ca, serverName: 'grafana.example' }),
      'ok',
    );
    assert.equal(await ask(await tlsServer('expired'), { skipVerify: true }), 'ok');
    const own = mintCertificate(Date.now());
    const strict = await tlsServer('loopback', { ca: own.pem, requestCert: true, rejectUnauthorized: true });
    await assert.rejects(ask(strict, { caCertificate: ca }), { source: 'downstream' });
    assert.equal(
      await ask(strict, { caCertificate: ca, clientCertificate: own.pem, clientKey: own.privateKey }),
      'ok',
    );
  });

  test('a certificate or key that is none is said so, without showing it', async () => {
    const { cert } = serverTls('loopback');
    const { key } = serverTls('elsewhere');
    for (const tls of [
      { caCertificate: 'hunter2' },
      { clientCertificate: cert, clientKey: 'hunter2' },
      { clientCertificate: cert, clientKey: key },
    ]) {
      const error = await failureOf(client({ tls })('https://127.0.0.1:1/'));
      assert.match(error.message, /TLS settings of the datasource cannot be used/);
      assert.equal(statusOf(error), 400);
      assert.ok(!inspect(error).includes('hunter2'));
    }
  });

  for (const [url, path, source, message] of [
    [undefined, 'api', 'downstream', /the datasource has no URL/],
    ['localhost:9090', 'api', 'downstream', /has a URL that cannot be used: it has to begin with http/],
    ['nonsense', 'api', 'downstream', /has a URL that cannot be used/],
    ['http://127.0.0.1:1', 'ftp://elsewhere/', 'plugin', /begins with ftp:/],
  ] as const) {
    test(`'${path}' of a datasource at '${url}' cannot be asked, and the ${source} is to blame`, async () => {
      const error = await failureOf(client(url === undefined ? {} : { url })(path));
      assert.match(error.message, message);
      assert.equal(sourceOf(error), source);
    });
  }

  test('no error shows a secret', async () => {
    const closed = await raw(() => {});
    closed.close();
    const secret = 'hunter2-of-the-datasource';
    const options = { headers: { 'X-Key': secret }, basicAuth: { user: 'a', password: secret } };
    const fetch = client(options);
    const errors = [
      await failureOf(fetch(`${closed.url}/${secret}?api_key=${secret}`)),
      await failureOf(fetch(`//:${secret}`)),
      await failureOf(fetch(`ftp://u:${secret}@host/`)),
      await failureOf(fetch(closed.url.replace('//', `//u:${secret}@`))),
      await failureOf(fetch(closed.url, { headers: { 'x-own': `${secret}\n` } })),
      await failureOf(fetch(closed.url, { headers: { 'x own': secret } })),
    ];
    for (const error of errors) {
      assert.equal(error.name, 'DatasourceError');
      assert.ok(!inspect(error, { depth: 10 }).includes(secret), inspect(error, { depth: 10 }));
    }
    assert.throws(
      () => createFetch({ headers: { 'X-Key': `${secret}\nx` } }),
      (error) => error instanceof Error && /X-Key/.test(error.message) && !inspect(error).includes(secret),
    );
  });
});
