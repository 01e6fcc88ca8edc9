import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { GrafanaConfig } from '../../../../lib/grafana-plugin/grafana-config.ts';
import { createFetch } from '../../../../lib/grafana-plugin/http/create-fetch.ts';
import { inScope } from '../../../../lib/grafana-plugin/scope.ts';
import { call, pluginContext, scope } from '../tracing/calls.ts';
import { fetching } from './fetching.ts';

suite('grafana-plugin: the end of a fetch', () => {
  const { start, client } = fetching();

  test('a request ends with the call that it is made in', async () => {
    const server = await start(() => {});
    const fetch = client();
    const controller = new AbortController();
    const given = scope({ call: call({}, { signal: controller.signal }) });
    const ends = inScope(given, () => fetch(server.url));
    const stays = inScope(given, () => fetch(server.url, { cancelWithCall: false, timeoutMs: 300 }));
    setTimeout(() => controller.abort(Object.assign(new Error('gone'), { code: 'CANCELLED' })), 20);
    await assert.rejects(ends, { name: 'AbortError', message: 'the call was cancelled' });
    await assert.rejects(stays, { name: 'DatasourceError', status: 504, source: 'downstream' });
  });

  test("a request's own signal ends it, and its reason is what it fails with", async () => {
    const server = await start(() => {});
    const reason = new Error('no longer needed');
    const controller = new AbortController();
    const asked = client()(server.url, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(asked, reason);
    await assert.rejects(client()(server.url, { signal: AbortSignal.abort(reason) }), reason);
  });

  test('time runs until the last byte', async () => {
    const server = await start((_request, response) => {
      response.write('begun');
    });
    // Long enough for the answer to begin, on a busy machine too.
    const response = await client({ timeoutMs: 1_000 })(`${server.url}/slow?token=hunter2`);
    await assert.rejects(response.text(), {
      name: 'DatasourceError',
      message: `GET ${server.url}/slow: no complete answer within 1000 ms`,
      status: 504,
      source: 'downstream',
    });
  });

  test('an answer that nobody reads is given up in time', async () => {
    const server = await start((_request, response) => {
      response.write('begun');
    });
    const gone = once(server.server, 'connection').then(([socket]) => once(socket, 'close'));
    const response = await client({ timeoutMs: 1_000 })(server.url);
    await gone;
    await assert.rejects(response.text(), { status: 504 });
  });

  test('nothing is left behind on the signal of a call that goes on', async () => {
    const server = await start((request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: '/' }).end();
      else response.end('ok');
    });
    const fetch = client();
    const { signal } = new AbortController();
    await inScope(scope({ call: call({}, { signal }) }), async () => {
      for (let index = 0; index < 5; index += 1) await (await fetch(`${server.url}/redirect`)).text();
      await (await fetch(server.url)).body?.cancel();
      await fetch(server.url, { method: 'HEAD' });
      await assert.rejects(fetch('http://127.0.0.1:1/'));
    });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  test('an answer above the limit fails while it is read; what Grafana allows goes first', async () => {
    const server = await start((_request, response) => response.end('x'.repeat(2000)));
    const fetch = client({ responseLimitBytes: 1000 });
    await assert.rejects((await fetch(server.url)).text(), /larger than the 1000 bytes/);
    const grafana = new GrafanaConfig({ GF_RESPONSE_LIMIT: '2000' });
    await inScope(scope({ context: pluginContext({ grafana }) }), async () => {
      assert.equal((await (await fetch(server.url)).text()).length, 2000);
    });
    const small = new GrafanaConfig({ GF_RESPONSE_LIMIT: '10' });
    await inScope(scope({ context: pluginContext({ grafana: small }) }), async () => {
      await assert.rejects((await fetch(server.url)).arrayBuffer(), {
        name: 'DatasourceError',
        source: 'downstream',
      });
    });
  });

  test('a closed client asks nothing any more', async () => {
    const server = await start();
    const fetch = createFetch({ env: {} });
    await (await fetch(server.url)).text();
    await fetch.close();
    await fetch.close();
    await assert.rejects(fetch(server.url), /closed/);
    const never = createFetch();
    await never.close();
    await assert.rejects(never(server.url), /closed/);
  });
});
