import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTo } from 'node:net';
import { inspect } from 'node:util';
import { createFetch } from '../../../../lib/grafana-plugin/http/create-fetch.ts';
import type { FetchOptions } from '../../../../lib/grafana-plugin/http/options.ts';
import { proxyFor } from '../../../../lib/grafana-plugin/http/proxies.ts';
import { certificate, serverTls } from '../../../certificates/index.ts';
import { serve } from './loopback.ts';

suite('grafana-plugin: proxies', () => {
  const open: (() => unknown)[] = [];
  teardown(async () => {
    for (const close of open.splice(0).toReversed()) await close();
  });

  const env = {
    HTTP_PROXY: 'http://proxy.example:3128',
    https_proxy: 'secure.example:3129',
    NO_PROXY:
      'plain.example, .below.example,*.star.example,10.1.0.0/16,fd00::/8,192.0.2.7,ported.example:8443,[2001:db8::1]:80',
  };
  for (const [url, expected] of [
    ['http://host.example/', 'http://proxy.example:3128'],
    ['https://host.example/', 'http://secure.example:3129'],
    ['http://localhost/', undefined],
    ['http://127.0.0.9:3000/', undefined],
    ['http://[::1]:3000/', undefined],
    ['http://plain.example/', undefined],
    ['http://PLAIN.example./', undefined],
    ['http://a.plain.example/', undefined],
    ['http://notplain.example/', 'http://proxy.example:3128'],
    ['http://below.example/', 'http://proxy.example:3128'],
    ['http://a.below.example/', undefined],
    ['http://star.example/', 'http://proxy.example:3128'],
    ['http://a.star.example/', undefined],
    ['http://10.1.2.3/', undefined],
    ['http://10.2.2.3/', 'http://proxy.example:3128'],
    ['http://[fd12::1]/', undefined],
    ['http://[fe12::1]/', 'http://proxy.example:3128'],
    ['http://192.0.2.7:99/', undefined],
    ['https://ported.example:8443/', undefined],
    ['https://ported.example/', 'http://secure.example:3129'],
    ['http://[2001:db8::1]/', undefined],
    ['http://[2001:db8::1]:81/', 'http://proxy.example:3128'],
  ] as const) {
    test(`${url} is asked ${expected === undefined ? 'directly' : `through ${expected}`}`, () => {
      assert.equal(proxyFor(new URL(url), env), expected);
    });
  }

  test('none for a scheme that has none, nor with *, nor without an environment', () => {
    const url = new URL('https://host.example/');
    assert.equal(proxyFor(url, { HTTP_PROXY: 'http://proxy.example' }), undefined);
    assert.equal(proxyFor(url, { ...env, NO_PROXY: 'a, *' }), undefined);
    assert.equal(proxyFor(url, {}), undefined);
  });

  test('a proxy of another kind is refused, and not gone around', () => {
    assert.throws(
      () => proxyFor(new URL('http://host.example/'), { HTTP_PROXY: 'socks5://u:hunter2@proxy.example' }),
      (error) =>
        error instanceof Error && /HTTP_PROXY/.test(error.message) && !inspect(error).includes('hunter2'),
    );
  });

  const ask = async (url: string, options: FetchOptions) => {
    const fetch = createFetch(options);
    open.push(() => fetch.close());
    return (await fetch(url)).text();
  };

  test('http is asked of the proxy', async () => {
    const proxy = await serve((request, response) => response.end(`proxied ${request.url}`));
    open.push(() => proxy.close());
    const url = 'http://prometheus.invalid/api';
    const HTTP_PROXY = proxy.url.replace('//', '//user:pass@');
    assert.equal(await ask(url, { env: { HTTP_PROXY } }), `proxied ${url}`);
    assert.equal(proxy.asked[0]?.headers['proxy-authorization'], `Basic ${btoa('user:pass')}`);
    await assert.rejects(ask(url, { env: { HTTP_PROXY, NO_PROXY: '.invalid' } }), { source: 'downstream' });
  });

  test('https goes through a tunnel, with the TLS that the datasource is set up with', async () => {
    const target = await serve(undefined, serverTls('elsewhere'));
    open.push(() => target.close());
    const tunnels: string[] = [];
    const proxy = await serve();
    open.push(() => proxy.close());
    proxy.server.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      const upstream = connectTo(target.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
      open.push(() => upstream.destroy());
    });
    const tls = { caCertificate: certificate('ca') };
    assert.equal(await ask('https://grafana.example/', { env: { HTTPS_PROXY: proxy.url }, tls }), 'ok');
    assert.deepEqual(tunnels, ['grafana.example:443']);
    await assert.rejects(ask('https://grafana.example/', { env: { HTTPS_PROXY: proxy.url } }), /not trusted/);
  });

  test('a proxy that is not there is downstream', async () => {
    const gone = await serve();
    gone.close();
    await once(gone.server, 'close');
    await assert.rejects(ask('http://prometheus.invalid/', { env: { HTTP_PROXY: gone.url } }), {
      source: 'downstream',
      status: 502,
    });
  });
});
