import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { router } from '../../../lib/grafana-plugin/index.ts';
import { serving } from './serving.ts';

suite('resources', () => {
  test('are answered with status, headers and body', async () => {
    await using plugin = await serving({
      callResource: router({
        'POST /items/:id': async (request, { params }) =>
          Response.json(
            { id: params.id, body: await request.json(), header: request.headers.get('x-a') },
            { status: 201, headers: { 'x-b': '2' } },
          ),
      }),
    });
    const answer = await plugin.callResource('POST', 'items/7?x=1', {
      body: '{"c":3}',
      headers: { 'X-A': '1' },
    });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('x-b'), '2');
    assert.deepEqual(JSON.parse(answer.text), { id: '7', body: { c: 3 }, header: '1' });
    assert.equal((await plugin.callResource('GET', 'nowhere')).status, 404);
  });

  test('a body that streams comes in its pieces', async () => {
    await using plugin = await serving({
      callResource: () =>
        new Response(
          new ReadableStream({
            async start(controller) {
              for (const piece of ['one ', 'two ', 'three']) {
                controller.enqueue(new TextEncoder().encode(piece));
                await sleep(1);
              }
              controller.close();
            },
          }),
        ),
    });
    const { pieces, text } = await plugin.callResource('GET', 'slow');
    assert.equal(text, 'one two three');
    assert.equal(pieces.length, 3);
  });

  for (const [what, response, status] of [
    ['no body', () => new Response(null, { status: 204 }), 204],
    ['an empty body', () => new Response(''), 200],
  ] as const) {
    test(`an answer with ${what} has its status nevertheless`, async () => {
      await using plugin = await serving({ callResource: response });
      assert.equal((await plugin.callResource('GET', 'x')).status, status);
    });
  }

  for (const url of ['//evil.example/x', '/a/../b', 'a?b?c', 'http://evil.example/']) {
    test(`the path '${url}' stays on the plugin's own host`, async () => {
      await using plugin = await serving({ callResource: ({ url: seen }) => new Response(seen) });
      assert.equal(new URL((await plugin.callResource('GET', url)).text).host, 'plugin');
    });
  }

  test('a method that the standard forbids is refused', async () => {
    await using plugin = await serving({ callResource: () => new Response('reached') });
    assert.equal((await plugin.callResource('TRACE', 'x')).status, 405);
  });

  test('several cookies stay several', async () => {
    await using plugin = await serving({
      callResource: () => {
        const headers = new Headers();
        headers.append('set-cookie', 'a=1');
        headers.append('set-cookie', 'b=2');
        return new Response('', { headers });
      },
    });
    assert.deepEqual((await plugin.callResource('GET', 'x')).headers.getSetCookie(), ['a=1', 'b=2']);
  });
});
