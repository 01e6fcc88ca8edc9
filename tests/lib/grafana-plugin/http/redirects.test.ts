import assert from 'node:assert/strict';
import { inScope } from '../../../../lib/grafana-plugin/scope.ts';
import { scope } from '../tracing/calls.ts';
import { fetching } from './fetching.ts';
import type { Answer } from './loopback.ts';

suite('grafana-plugin: fetch, redirected', () => {
  const { start, client } = fetching();

  const to =
    (location: string, status = 302): Answer =>
    (request, response) => {
      if (request.url === '/end') response.end('there');
      else response.writeHead(status, { location }).end('moved');
    };

  test('follows within an origin, with all that belongs to the request', async () => {
    const server = await start(to('/end'));
    const fetch = client({ basicAuth: { user: 'ada', password: 'hunter2' } });
    const response = await fetch(`${server.url}/begin`, { headers: { 'x-own': '1' } });
    assert.deepEqual(
      [await response.text(), response.url, response.redirected],
      ['there', `${server.url}/end`, true],
    );
    assert.deepEqual(
      server.asked.map(({ line, headers }) => [line, headers.authorization, headers['x-own']]),
      ['GET /begin', 'GET /end'].map((line) => [line, `Basic ${btoa('ada:hunter2')}`, '1']),
    );
  });

  test('takes no credentials to another origin, nor back from there', async () => {
    const home = await start(to('/end'));
    // The same host and another port: another origin.
    const away = await start(to(`${home.url}/end`));
    const first = await start(to(`${away.url}/away`));
    const fetch = client({
      basicAuth: { user: 'ada', password: 'hunter2' },
      headers: { 'X-Api-Key': 'hunter2' },
      forwardHeaders: true,
    });
    const headers = new Headers({
      cookie: 'a=hunter2',
      'x-id-token': 'hunter2',
      'x-grafana-user': 'hunter2',
    });
    await inScope(scope({ headers }), async () => {
      const own = { 'private-token': 'hunter2', authorization: 'Bearer hunter2', 'x-own': 'stays' };
      assert.equal(await (await fetch(`${first.url}/begin`, { headers: own })).text(), 'there');
    });
    assert.ok(JSON.stringify(first.asked[0]?.headers).match(/hunter2/g)?.length === 6);
    for (const { asked } of [away, home]) {
      assert.equal(asked.length, 1);
      assert.ok(!JSON.stringify(asked).includes('hunter2'), JSON.stringify(asked));
      assert.equal(asked[0]?.headers['x-own'], 'stays');
    }
  });

  for (const [status, method, follows, body] of [
    [301, 'POST', 'GET /end', ''],
    [302, 'POST', 'GET /end', ''],
    [303, 'PUT', 'GET /end', ''],
    [301, 'PUT', 'PUT /end', 'data'],
    [307, 'POST', 'POST /end', 'data'],
    [308, 'DELETE', 'DELETE /end', 'data'],
  ] as const) {
    test(`${status} after ${method} asks ${follows}`, async () => {
      const server = await start(to('/end', status));
      await client()(server.url, { method, body: 'data' });
      const [, second] = server.asked;
      assert.deepEqual([second?.line, second?.body], [follows, body]);
      assert.equal(second?.headers['content-type'], body === '' ? undefined : 'text/plain;charset=UTF-8');
    });
  }

  test('does as it is told', async () => {
    const server = await start(to('/end'));
    const fetch = client();
    const manual = await fetch(server.url, { redirect: 'manual' });
    assert.deepEqual(
      [manual.status, manual.headers.get('location'), await manual.text()],
      [302, '/end', 'moved'],
    );
    await assert.rejects(fetch(server.url, { redirect: 'error' }), { name: 'DatasourceError', status: 502 });
  });

  test('does not go round for ever, nor to what is no http, nor with half a body', async () => {
    const round = await start(to('/again'));
    await assert.rejects(client()(round.url), /more than 10 redirects/);
    assert.equal(round.asked.length, 11);
    const file = await start(to('file:///etc/passwd'));
    await assert.rejects(client()(file.url), /no http URL/);
    const stream = await start(to('/end', 307));
    const body = new Blob(['once']).stream();
    await assert.rejects(client()(stream.url, { method: 'POST', body }), /cannot be sent twice/);
  });
});
