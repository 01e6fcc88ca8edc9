import assert from 'node:assert/strict';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { clientOf } from '#lib/go-plugin';
import { createFetch, type Datasource } from '../../../lib/grafana-plugin/index.ts';
import * as pb from '../../../lib/grafana-plugin/proto/backend_pb.ts';
import { startTestPlugin } from '../../../lib/grafana-plugin/testing/index.ts';
import { serve } from './http/loopback.ts';
import { onTheWire, pluginContext } from './on-the-wire.ts';

const id = 'acme-things-datasource';
const serving = (callResource: NonNullable<Datasource['callResource']>) =>
  startTestPlugin({ id, create: () => ({ callResource }) });

/** The first message, as Grafana reads it. */
const received = (callResource: NonNullable<Datasource['callResource']>) =>
  onTheWire({ callResource }, async (connection) => {
    const request = { pluginContext, method: 'GET', path: 'x' };
    for await (const piece of clientOf(pb.Resource, connection).callResource(request)) return piece;
    throw new Error('there was none');
  });

suite('resources, as Grafana sees them', () => {
  test('headers are spelt as Go spells them: Grafana looks for Set-Cookie and Content-Type by just these names', async () => {
    const { headers } = await received(
      () =>
        new Response('a,b', {
          headers: {
            'content-type': 'text/csv',
            'set-cookie': 'a=1',
            etag: '"1"',
            'x-rate-LIMIT': '3',
            'www-authenticate': 'Basic',
          },
        }),
    );
    assert.deepEqual(Object.keys(headers).toSorted(), [
      'Content-Type',
      'Etag',
      'Set-Cookie',
      'Www-Authenticate',
      'X-Rate-Limit',
    ]);
  });

  test('a header of the request that no Request can hold is left out, and the rest is asked', async () => {
    await using plugin = await serving(({ headers }) =>
      Response.json([headers.get('x-grafana-user'), headers.get('x-b')]),
    );
    const answer = await plugin.callResource('GET', 'x', {
      headers: { 'X-Grafana-User': '名前', 'X-B': 'b', 'x a': 'c' },
    });
    assert.deepEqual([answer.status, JSON.parse(answer.text)], [200, [null, 'b']]);
  });

  test('an answer that is none fails, as a status of 0 would end Grafana’s own answer in a panic', async () => {
    await using plugin = await serving(() => Response.error());
    await assert.rejects(plugin.callResource('GET', 'x'), /Response\.error/);
    await using other = await serving((() => undefined) as unknown as () => Response);
    await assert.rejects(other.callResource('GET', 'x'), /Response/);
  });

  test('nobody waits any more: a body that waits for something is cancelled', async () => {
    let cancelled: (() => void) | undefined;
    const over = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const asked = Promise.withResolvers<void>();
    await using plugin = await serving(
      () =>
        new Response(
          new ReadableStream({
            pull: () => {
              asked.resolve();
              return new Promise(() => {});
            },
            cancel: () => cancelled?.(),
          }),
        ),
    );
    const abort = new AbortController();
    const call = plugin.callResource('GET', 'events', {}, { signal: abort.signal });
    await asked.promise;
    abort.abort();
    await assert.rejects(call);
    await over;
  });

  for (const [what, fetchIn] of [
    ['the fetch of the datasource', () => createFetch({ env: {} })],
    ["Node's own fetch", () => globalThis.fetch],
  ] as const) {
    test(`what ${what} has decompressed is handed on as what it is now`, async () => {
      const server = await serve((_request, response) => {
        const body = gzipSync('{"a":1}');
        response.writeHead(200, {
          'content-encoding': 'gzip',
          'content-length': body.length,
          'content-type': 'application/json',
        });
        response.end(body);
      });
      const fetch = fetchIn();
      try {
        await using plugin = await serving(() => fetch(server.url));
        const { headers, text } = await plugin.callResource('GET', 'x');
        assert.equal(text, '{"a":1}');
        assert.deepEqual(
          [headers.get('content-encoding'), headers.get('content-length'), headers.get('content-type')],
          [null, null, 'application/json'],
        );
      } finally {
        if ('close' in fetch) await fetch.close();
        const closed = once(server.server, 'close');
        server.close();
        await closed;
      }
    });
  }

  test('what the plugin itself has compressed stays as it says', async () => {
    await using plugin = await serving(
      () => new Response(gzipSync('x'), { headers: { 'content-encoding': 'gzip' } }),
    );
    assert.equal((await plugin.callResource('GET', 'x')).headers.get('content-encoding'), 'gzip');
  });
});
