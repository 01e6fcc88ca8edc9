import assert from 'node:assert/strict';
import type { PluginRequest } from '../../../lib/grafana-plugin/datasource.ts';
import { router } from '../../../lib/grafana-plugin/resource-router.ts';

// A router looks at nothing of the call but hands it on.
const call = {} as PluginRequest;

const routes = router({
  'GET /items': () => Response.json(['a']),
  'POST /items': async (request) => Response.json(await request.json(), { status: 201 }),
  'GET /items/:id': (_, { params }) => Response.json({ id: params.id }),
  'GET /items/:id/parts/:part': (_, { params }) => Response.json(params),
  '/any': (request) => new Response(request.method),
  'GET /files/*': (_, { url }) => new Response(url.pathname),
});

const ask = (path: string, init?: RequestInit) => routes(new Request(`http://plugin${path}`, init), call);

suite('a router of resources', () => {
  test('a path and its method find their function', async () => {
    assert.deepEqual(await (await ask('/items')).json(), ['a']);
    const made = await ask('/items', { method: 'POST', body: '{"b":1}' });
    assert.equal(made.status, 201);
    assert.deepEqual(await made.json(), { b: 1 });
  });

  test('names in a path are given decoded', async () => {
    assert.deepEqual(await (await ask('/items/a%20b')).json(), { id: 'a b' });
    assert.deepEqual(await (await ask('/items/1/parts/2')).json(), { id: '1', part: '2' });
  });

  test('a stray percent sign is taken as it is', async () => {
    assert.deepEqual(await (await ask('/items/100%')).json(), { id: '100%' });
  });

  test('a name stands for something', async () => {
    assert.equal((await ask('/items/')).status, 404);
  });

  test('a star takes the rest', async () => {
    assert.equal(await (await ask('/files/a/b?c')).text(), '/files/a/b');
  });

  test('a route without a method takes any', async () => {
    assert.equal(await (await ask('/any', { method: 'PATCH' })).text(), 'PATCH');
  });

  test('HEAD is answered where GET is', async () => {
    assert.equal((await ask('/items', { method: 'HEAD' })).status, 200);
  });

  test('another method is told which there are', async () => {
    const response = await ask('/items', { method: 'DELETE' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, POST');
  });

  test('where there is nothing, there is nothing', async () => {
    const response = await ask('/nowhere');
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), { message: 'there is nothing at /nowhere' });
  });

  test('a route that is none is refused at once', () => {
    assert.throws(() => router({ items: () => new Response() }), /'items' is no route/);
  });
});
