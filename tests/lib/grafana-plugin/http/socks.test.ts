import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { mintCertificate } from '../../../../lib/go-plugin/certificate.ts';
import { GrafanaConfig } from '../../../../lib/grafana-plugin/grafana-config.ts';
import { createFetch } from '../../../../lib/grafana-plugin/http/create-fetch.ts';
import { httpOptionsFrom } from '../../../../lib/grafana-plugin/http/settings.ts';
import { certificate, serverTls } from '../../../certificates/index.ts';
import { pluginContext } from '../tracing/calls.ts';
import { serve } from './loopback.ts';

interface SocksProxy {
  readonly port: number;
  /** `user:password host:port` */
  readonly asked: string[];
  close(): void;
}

/** Enough of SOCKS5 (RFC 1928 and 1929) for one way: user and password, then CONNECT, to `target` whatever is asked. */
async function startSocks(target: number, server: Server): Promise<SocksProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const speak = async (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
    const read = async () => ((await once(socket, 'data')) as [Buffer])[0];
    await read();
    socket.write(Buffer.from([5, 2]));
    const login = await read();
    const userLength = login.readUInt8(1);
    const user = login.toString('utf8', 2, 2 + userLength);
    const password = login.toString('utf8', 3 + userLength);
    socket.write(Buffer.from([1, 0]));
    const request = await read();
    const name = request.toString('utf8', 5, 5 + request.readUInt8(4));
    asked.push(`${user}:${password} ${name}:${request.readUInt16BE(request.length - 2)}`);
    const upstream = connect(target, '127.0.0.1', () => {
      socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      socket.pipe(upstream).pipe(socket);
    });
    sockets.add(upstream.on('error', () => socket.destroy()));
  };
  server.on('setSecureContext' in server ? 'secureConnection' : 'connection', (socket: Socket) =>
    speak(socket).catch(() => socket.destroy()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    port: address.port,
    asked,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

suite('grafana-plugin: secure SOCKS proxy', () => {
  const open: (() => unknown)[] = [];
  teardown(async () => {
    for (const close of open.splice(0).toReversed()) await close();
  });
  const client = mintCertificate(Date.now());

  const settings = (jsonData = {}, secureJsonData = {}) => {
    const { datasource } = pluginContext();
    assert.ok(datasource);
    return { ...datasource, jsonData: { enableSecureSocksProxy: true, ...jsonData }, secureJsonData };
  };
  const grafana = (port: number, more: Record<string, string> = {}) =>
    new GrafanaConfig({
      GF_SECURE_SOCKS_DATASOURCE_PROXY_SERVER_ENABLED: 'true',
      GF_SECURE_SOCKS_DATASOURCE_PROXY_PROXY_ADDRESS: `127.0.0.1:${port}`,
      GF_SECURE_SOCKS_DATASOURCE_PROXY_SERVER_NAME: 'localhost',
      GF_SECURE_SOCKS_DATASOURCE_PROXY_ROOT_CA_CERT_VALS: certificate('ca'),
      GF_SECURE_SOCKS_DATASOURCE_PROXY_CLIENT_CERT_VAL: client.pem,
      GF_SECURE_SOCKS_DATASOURCE_PROXY_CLIENT_KEY_VAL: client.privateKey,
      ...more,
    });
  const secureSocks = async (target: number) => {
    const proxy = await startSocks(
      target,
      createTlsServer({
        ...serverTls('loopback'),
        ca: client.pem,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.3',
      }),
    );
    open.push(() => proxy.close());
    return proxy;
  };
  const ask = async (url: string, options: Parameters<typeof createFetch>[0]) => {
    const fetch = createFetch({ env: {}, ...options });
    open.push(() => fetch.close());
    return (await fetch(url)).text();
  };

  test('is what a datasource is asked through, in mutual TLS and by the name of its host', async () => {
    const target = await serve();
    open.push(() => target.close());
    const proxy = await secureSocks(target.port);
    const options = httpOptionsFrom(settings({}, { secureSocksProxyPassword: 'pw' }), grafana(proxy.port));
    assert.equal(await ask('http://prometheus.invalid:9090/', options), 'ok');
    assert.deepEqual(proxy.asked, ['rocks-1:pw prometheus.invalid:9090']);
  });

  test('https inside of it is checked as without it', async () => {
    const target = await serve(undefined, serverTls('elsewhere'));
    open.push(() => target.close());
    const proxy = await secureSocks(target.port);
    const withCa = settings(
      { tlsAuthWithCACert: true, secureSocksProxyUsername: 'me' },
      { tlsCACert: certificate('ca') },
    );
    assert.equal(await ask('https://grafana.example/', httpOptionsFrom(withCa, grafana(proxy.port))), 'ok');
    assert.match(proxy.asked[0] ?? '', /^me:.* grafana\.example:443$/);
    await assert.rejects(ask('https://grafana.example/', httpOptionsFrom(settings(), grafana(proxy.port))), {
      source: 'downstream',
      message: /not trusted/,
    });
  });

  test('a proxy that is another one is not spoken to', async () => {
    const proxy = await secureSocks(1);
    const ca = { GF_SECURE_SOCKS_DATASOURCE_PROXY_ROOT_CA_CERT_VALS: certificate('other-ca') };
    const options = httpOptionsFrom(settings(), grafana(proxy.port, ca));
    await assert.rejects(ask('http://prometheus.invalid/', options), {
      source: 'downstream',
      message: /not trusted/,
    });
    assert.deepEqual(proxy.asked, []);
  });

  test('may be without TLS where Grafana says so', async () => {
    const target = await serve();
    open.push(() => target.close());
    const proxy = await startSocks(target.port, createServer());
    open.push(() => proxy.close());
    const insecure = { GF_SECURE_SOCKS_DATASOURCE_PROXY_ALLOW_INSECURE: 'true' };
    assert.equal(
      await ask('http://prometheus.invalid/', httpOptionsFrom(settings(), grafana(proxy.port, insecure))),
      'ok',
    );
    assert.equal(proxy.asked.length, 1);
  });

  test('is never gone around: without one, or without its certificates, there is an error', () => {
    assert.throws(() => httpOptionsFrom(settings(), new GrafanaConfig()), {
      status: 400,
      message: /Grafana has none/,
    });
    const off = { GF_SECURE_SOCKS_DATASOURCE_PROXY_SERVER_ENABLED: 'false' };
    assert.throws(() => httpOptionsFrom(settings(), grafana(1, off)), { status: 400 });
    const noKey = { GF_SECURE_SOCKS_DATASOURCE_PROXY_CLIENT_KEY_VAL: '' };
    assert.throws(() => httpOptionsFrom(settings(), grafana(1, noKey)), {
      status: 400,
      message: /Grafana 11/,
    });
    assert.equal(
      httpOptionsFrom(settings({ enableSecureSocksProxy: false }), grafana(1)).secureSocksProxy,
      undefined,
    );
  });
});
