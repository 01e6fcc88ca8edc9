import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { createFetch } from '../../../../lib/grafana-plugin/http/create-fetch.ts';
import type { HttpEvent } from '../../../../lib/grafana-plugin/http/metrics.ts';
import { inScope } from '../../../../lib/grafana-plugin/scope.ts';
import { scope } from '../tracing/calls.ts';
import { fetching } from './fetching.ts';

suite('grafana-plugin: fetch', () => {
  const { start, client } = fetching();

  test('asks with the credentials and headers of the datasource, in the name of the plugin', async () => {
    const server = await start();
    const fetch = client({
      url: `${server.url}/prometheus`,
      basicAuth: { user: 'ada', password: 'hunter2' },
      headers: { 'X-Scope-OrgID': 'tenant-7', Accept: 'text/plain' },
    });
    const response = await inScope(scope(), () =>
      fetch('api/v1/query?q=up', { headers: { accept: 'application/json', 'x-own': 'yes' } }),
    );
    assert.ok(response instanceof Response);
    assert.deepEqual([response.status, response.url], [200, `${server.url}/prometheus/api/v1/query?q=up`]);
    assert.equal(await response.text(), 'ok');
    const [asked] = server.asked;
    assert.equal(asked?.line, 'GET /prometheus/api/v1/query?q=up');
    assert.equal(asked?.headers.authorization, `Basic ${btoa('ada:hunter2')}`);
    assert.equal(asked?.headers['x-scope-orgid'], 'tenant-7');
    assert.equal(asked?.headers['user-agent'], 'Grafana/12.4.0 (linux; amd64) acme-rocks-datasource/1.2.3');
    // What the datasource is set up with goes before what the request says; the rest is the request's.
    assert.deepEqual([asked?.headers.accept, asked?.headers['x-own']], ['text/plain', 'yes']);
  });

  test('a request says for itself who asks, if it wants to', async () => {
    const server = await start();
    const fetch = client({
      basicAuth: { user: 'ada', password: 'hunter2' },
      plugin: { id: 'p', version: '9' },
    });
    await fetch(server.url, { headers: { authorization: 'Bearer t', 'user-agent': 'me' } });
    await fetch(server.url.replace('//', '//bob:pw@'));
    await fetch(server.url);
    assert.deepEqual(
      server.asked.map(({ headers }) => [headers.authorization, headers['user-agent']]),
      [
        ['Bearer t', 'me'],
        [`Basic ${btoa('bob:pw')}`, 'Grafana p/9'],
        [`Basic ${btoa('ada:hunter2')}`, 'Grafana p/9'],
      ],
    );
  });

  test('bodies of every kind arrive', async () => {
    const server = await start();
    const fetch = client();
    const form = new FormData();
    form.set('field', 'value');
    const bodies: NonNullable<RequestInit['body']>[] = [
      'text',
      new TextEncoder().encode('bytes'),
      new URLSearchParams({ a: 'b c' }),
      new Blob(['blob'], { type: 'text/x-blob' }),
      new Blob(['stream']).stream(),
      form,
    ];
    for (const body of bodies) await fetch(server.url, { method: 'post', body });
    await fetch(new Request(server.url, { method: 'PUT', body: 'of a request', headers: { 'x-a': 'b' } }));
    assert.deepEqual(
      server.asked.slice(0, 5).map(({ body, headers }) => [body, headers['content-type']?.split(';')[0]]),
      [
        ['text', 'text/plain'],
        ['bytes', undefined],
        ['a=b+c', 'application/x-www-form-urlencoded'],
        ['blob', 'text/x-blob'],
        ['stream', undefined],
      ],
    );
    assert.match(server.asked[5]?.body ?? '', /name="field"\r\n\r\nvalue/);
    assert.match(server.asked[5]?.headers['content-type'] ?? '', /^multipart\/form-data; boundary=/);
    assert.deepEqual(
      [server.asked[6]?.line, server.asked[6]?.body, server.asked[6]?.headers['x-a']],
      ['PUT /', 'of a request', 'b'],
    );
  });

  test('what Grafana forwards goes along only where it is asked for, and over nothing that is set', async () => {
    const server = await start();
    const fetch = client({ headers: { 'X-Id-Token': 'of the datasource' } });
    const headers = new Headers({
      authorization: 'Bearer user',
      'x-id-token': 'of the user',
      cookie: 'session=1',
      'x-grafana-user': 'ada',
      host: 'grafana.example',
      'content-length': '17',
    });
    await inScope(scope({ headers }), async () => {
      await fetch(server.url);
      await fetch(server.url, { forwardHeaders: true });
      await fetch(server.url, { forwardHeaders: true, headers: { cookie: 'own=1' } });
    });
    await fetch(server.url, { forwardHeaders: true });
    assert.deepEqual(
      server.asked.map(({ headers: sent }) => [
        sent.authorization,
        sent['x-id-token'],
        sent.cookie,
        sent['x-grafana-user'],
        sent.host,
      ]),
      [
        [undefined, 'of the datasource', undefined, undefined, `127.0.0.1:${server.port}`],
        ['Bearer user', 'of the datasource', 'session=1', 'ada', `127.0.0.1:${server.port}`],
        ['Bearer user', 'of the datasource', 'own=1', 'ada', `127.0.0.1:${server.port}`],
        [undefined, 'of the datasource', undefined, undefined, `127.0.0.1:${server.port}`],
      ],
    );
  });

  test("credentials go to the datasource's origin only, whatever a path turns out to be", async () => {
    const home = await start();
    const away = await start();
    const fetch = client({
      url: home.url,
      basicAuth: { user: 'ada', password: 'hunter2' },
      headers: { 'X-Key': 'hunter2' },
      forwardHeaders: true,
    });
    await inScope(scope({ headers: new Headers({ cookie: 'a=hunter2' }) }), async () => {
      await fetch(`//127.0.0.1:${away.port}/path`);
      await fetch('/path');
    });
    assert.ok(!JSON.stringify(away.asked[0]?.headers).includes('hunter2'));
    assert.equal(JSON.stringify(home.asked[0]?.headers).match(/hunter2/g)?.length, 2);
    assert.equal(home.asked[0]?.headers.authorization, `Basic ${btoa('ada:hunter2')}`);
  });

  test('an answer is as the server gave it, decompressed', async () => {
    const server = await start((_request, response) => {
      response.writeHead(201, 'Made', { 'content-encoding': 'gzip', 'set-cookie': ['a=1', 'b=2'] });
      response.end(gzipSync('x'.repeat(5000)));
    });
    const fetch = client({ responseLimitBytes: 5000 });
    const response = await fetch(server.url);
    assert.deepEqual([response.status, response.statusText, response.ok], [201, 'Made', true]);
    assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.equal((await response.text()).length, 5000);
    // What counts is what comes out of it.
    await assert.rejects((await client({ responseLimitBytes: 4999 })(server.url)).text(), /larger/);
  });

  test('an answer without a body is over at once', async () => {
    const server = await start((_request, response) => response.writeHead(204).end());
    const fetch = client();
    assert.equal((await fetch(server.url)).body, null);
    assert.equal(await (await fetch(server.url, { method: 'HEAD' })).text(), '');
  });

  test('calls side by side ask each in the name of its own user', async () => {
    const server = await start();
    const fetch = client({ forwardHeaders: true });
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        inScope(scope({ headers: new Headers({ authorization: `Bearer ${index}` }) }), async () => {
          await pause(index % 4);
          await (await fetch(`${server.url}/${index}`)).text();
        }),
      ),
    );
    assert.equal(server.asked.length, 30);
    for (const { line, headers } of server.asked) {
      assert.equal(headers.authorization, `Bearer ${line.slice('GET /'.length)}`);
    }
  });

  test('tells what was asked, answered and read, for metrics', async () => {
    const server = await start((request, response) => {
      if (request.url === '/gone') request.socket.destroy();
      else response.writeHead(404).end('nothing');
    });
    const events: HttpEvent[] = [];
    const fetch = client({
      labels: { datasource_type: 'acme-rocks-datasource' },
      metrics: { observe: (event) => events.push(event) },
    });
    await inScope(scope({ endpoint: 'checkHealth' }), async () => {
      await (await fetch(server.url, { method: 'DELETE' })).text();
      await assert.rejects(fetch(`${server.url}/gone`));
    });
    const labels = {
      datasourceType: 'acmerocksdatasource',
      secureSocksProxyEnabled: false,
      endpoint: 'checkHealth',
    };
    const [, answered] = events;
    assert.ok(
      answered?.kind === 'answered' && answered.durationSeconds >= 0 && answered.durationSeconds < 30,
    );
    assert.deepEqual(
      events.map((event) => ({ ...event, ...(event.kind === 'answered' && { durationSeconds: 0 }) })),
      [
        { ...labels, kind: 'sent' },
        { ...labels, kind: 'answered', code: 404, method: 'delete', durationSeconds: 0 },
        { ...labels, kind: 'read', sizeBytes: 7 },
        { ...labels, kind: 'sent' },
        { ...labels, kind: 'failed' },
      ],
    );
  });

  test('connections are used again', async () => {
    const server = await start();
    let connections = 0;
    server.server.on('connection', () => {
      connections += 1;
    });
    const fetch = client();
    for (let index = 0; index < 5; index += 1) await (await fetch(server.url)).text();
    // Not one: the next request may come before the connection is known to be free.
    assert.ok(connections <= 2, `${connections} connections`);
  });

  test('refuses to sign for AWS rather than asking unsigned', () => {
    assert.throws(() => createFetch({ sigV4: { region: 'eu-north-1' } }), {
      name: 'DatasourceError',
      status: 501,
    });
  });
});
