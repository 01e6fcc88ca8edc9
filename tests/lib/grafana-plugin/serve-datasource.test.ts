import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { numberField, timeField } from '../../../lib/grafana-plugin/frame/fields.ts';
import { createFrame } from '../../../lib/grafana-plugin/frame/frame.ts';
import {
  byQueryType,
  type Datasource,
  DatasourceError,
  type DatasourceOptions,
  downstreamError,
  perQuery,
  router,
} from '../../../lib/grafana-plugin/index.ts';
import { startTestPlugin } from '../../../lib/grafana-plugin/testing/index.ts';

const id = 'acme-things-datasource';
const frameOf = (...values: number[]) =>
  createFrame({
    name: 'things',
    fields: [
      timeField(
        'time',
        BigInt64Array.from(values, (_, i) => BigInt(i)),
      ),
      numberField('value', Float64Array.from(values)),
    ],
  });
const serving = (datasource: Datasource, options: Partial<DatasourceOptions> = {}) =>
  startTestPlugin({ id, create: () => datasource, ...options });
const valuesOf = (frame: { fields: readonly { values: ArrayLike<unknown> }[] } | undefined) =>
  Array.from(frame?.fields.at(-1)?.values ?? []);

suite('queries', () => {
  for (const format of ['arrow', 'json'] as const) {
    test(`are answered in ${format} where Grafana asks for it`, async () => {
      await using plugin = await serving({
        queryData: () => ({ A: frameOf(1, 2, 3), B: [frameOf(4), frameOf(5)] }),
      });
      const answers = await plugin.query([{ refId: 'A' }, { refId: 'B' }], { format });
      assert.deepEqual(valuesOf(answers.get('A')?.frames[0]), [1, 2, 3]);
      assert.deepEqual(answers.get('B')?.frames.map(valuesOf), [[4], [5]]);
      assert.equal(answers.get('A')?.status, 200);
      assert.equal(answers.get('A')?.frames[0]?.refId, 'A', 'a frame without a refId gets that of its query');
    });
  }

  test('one that is wrong, and one that throws, fail alone', async () => {
    await using plugin = await serving({
      queryData: perQuery(z.object({ limit: z.number() }), ({ refId, model }) => {
        if (refId === 'C') throw downstreamError('the database is away', { status: 503 });
        if (refId === 'D') throw new Error('a bug');
        return frameOf(model.limit);
      }),
    });
    const answers = await plugin.query([
      { refId: 'A', limit: 1 },
      { refId: 'B', limit: 'x' },
      { refId: 'C', limit: 1 },
      { refId: 'D', limit: 1 },
    ]);
    const shown = [...answers].map(([refId, { status, error, errorSource, frames }]) => [
      refId,
      status,
      errorSource,
      error !== '',
      frames.length,
    ]);
    assert.deepEqual(shown.toSorted(), [
      ['A', 200, '', false, 1],
      ['B', 400, 'downstream', true, 0],
      ['C', 503, 'downstream', true, 0],
      ['D', 500, 'plugin', true, 0],
    ]);
    assert.match(answers.get('B')?.error ?? '', /the query is wrong: .*limit/s);
  });

  test('a frame that can not be put on the wire fails its query alone', async () => {
    const broken = { ...frameOf(1), fields: [frameOf(1).fields[0], frameOf(1, 2).fields[1]] };
    await using plugin = await serving({
      queryData: () => ({ A: frameOf(1), B: broken as ReturnType<typeof frameOf> }),
    });
    const answers = await plugin.query([{ refId: 'A' }, { refId: 'B' }]);
    assert.equal(answers.get('A')?.status, 200);
    assert.equal(answers.get('B')?.status, 500);
    assert.match(answers.get('B')?.error ?? '', /rows/);
  });

  test('frames and an error may come together', async () => {
    await using plugin = await serving({
      queryData: () => ({
        A: { frames: [frameOf(1)], error: new DatasourceError('cut short', { status: 422 }) },
      }),
    });
    const answer = (await plugin.query([{ refId: 'A' }])).get('A');
    assert.equal(answer?.frames.length, 1);
    assert.equal(answer?.status, 422);
    assert.equal(answer?.error, 'cut short');
  });

  test('a throw of the whole names whose fault it is', async () => {
    await using plugin = await serving({
      queryData() {
        throw downstreamError('no route');
      },
    });
    await assert.rejects(plugin.query([{ refId: 'A' }]), { code: 'UNKNOWN', message: 'no route' });
  });

  test('find their function by type, and one of no known type fails alone', async () => {
    const values = (value: number) => perQuery(z.unknown(), () => frameOf(value));
    await using plugin = await serving({ queryData: byQueryType({ logs: values(1), traces: values(2) }) });
    const answers = await plugin.query([
      { refId: 'A', queryType: 'logs' },
      { refId: 'B', queryType: 'traces' },
      { refId: 'C', queryType: 'constructor' },
    ]);
    assert.deepEqual(valuesOf(answers.get('A')?.frames[0]), [1]);
    assert.deepEqual(valuesOf(answers.get('B')?.frames[0]), [2]);
    assert.equal(answers.get('C')?.status, 501);
  });

  test('run no more at a time than Grafana is configured for', async () => {
    let running = 0;
    let most = 0;
    await using plugin = await serving({
      queryData: perQuery(z.unknown(), async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(1);
        running -= 1;
        return frameOf(1);
      }),
    });
    const queries = Array.from({ length: 12 }, (_, i) => ({ refId: `Q${i}` }));
    const answers = await plugin.query(queries, { grafana: { GF_CONCURRENT_QUERY_COUNT: '3' } });
    assert.equal(answers.size, 12);
    assert.equal(most, 3);
  });

  test('a refId of any spelling is only a name', async () => {
    await using plugin = await serving({ queryData: perQuery(z.unknown(), () => frameOf(1)) });
    const answers = await plugin.query([{ refId: '__proto__' }, { refId: 'constructor' }, { refId: '' }]);
    assert.deepEqual([...answers.keys()].toSorted(), ['', '__proto__', 'constructor']);
  });

  test('a query that nobody waits for is aborted', async () => {
    const aborted = Promise.withResolvers<void>();
    await using plugin = await serving({
      async queryData({ signal }) {
        signal.addEventListener('abort', () => aborted.resolve());
        waiting.resolve();
        await aborted.promise;
        return {};
      },
    });
    const waiting = Promise.withResolvers<void>();
    const controller = new AbortController();
    const query = plugin.query([{ refId: 'A' }], { signal: controller.signal });
    await waiting.promise;
    controller.abort();
    await assert.rejects(query, { code: 'CANCELLED' });
    await aborted.promise;
  });
});

suite('instances of a served datasource', () => {
  test('settings that a schema refuses are shown where the answer would be', async () => {
    await using plugin = await startTestPlugin({
      id,
      settings: z.object({ limit: z.number() }),
      create: ({ jsonData }) => ({
        queryData: () => ({ A: frameOf(jsonData.limit) }),
        checkHealth: () => ({ status: 'ok', message: `limit ${jsonData.limit}` }),
      }),
    });
    const good = { jsonData: { limit: 3 } };
    assert.deepEqual(await plugin.checkHealth(good), { status: 'ok', message: 'limit 3' });
    const bad = { jsonData: { limit: 'x' }, updated: new Date(1) };
    const health = await plugin.checkHealth(bad);
    assert.equal(health.status, 'error');
    assert.match(health.message, /its settings are wrong: .*limit/s);
    assert.equal((await plugin.query([{ refId: 'A' }], bad)).get('A')?.status, 400);
  });

  test('saved settings make another, and the end disposes of all', async () => {
    const made: string[] = [];
    const disposed: string[] = [];
    const plugin = await startTestPlugin({
      id,
      create: ({ uid, updated }) => {
        const name = `${uid}@${updated.getTime()}`;
        made.push(name);
        return {
          checkHealth: () => ({ status: 'ok', message: name }),
          dispose: () => void disposed.push(name),
        };
      },
    });
    for (const [uid, ms] of [
      ['a', 1],
      ['a', 1],
      ['b', 1],
      ['a', 2],
    ] as const) {
      assert.equal((await plugin.checkHealth({ uid, updated: new Date(ms) })).message, `${uid}@${ms}`);
    }
    assert.deepEqual(made, ['a@1', 'b@1', 'a@2']);
    await plugin.stop();
    assert.deepEqual(disposed.toSorted(), ['a@1', 'a@2', 'b@1']);
  });
});

suite('health', () => {
  test('has a message, and details where there are some', async () => {
    await using plugin = await serving({
      checkHealth: () => ({ status: 'ok', message: 'fine', details: { version: 3 } }),
    });
    assert.deepEqual(await plugin.checkHealth(), { status: 'ok', message: 'fine', details: { version: 3 } });
  });

  test('a throw is an answer that Grafana shows', async () => {
    await using plugin = await serving({
      checkHealth() {
        throw new Error('wrong password');
      },
    });
    assert.deepEqual(await plugin.checkHealth(), { status: 'error', message: 'wrong password' });
  });

  test('a plugin without one says so', async () => {
    await using plugin = await serving({});
    await assert.rejects(plugin.checkHealth(), { code: 'UNIMPLEMENTED' });
  });
});

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

suite('streams', () => {
  test('a subscriber is let in, or told why not', async () => {
    await using plugin = await serving({
      subscribeStream: ({ path, data }) => {
        if (path === 'secret') return 'permission-denied';
        if (path !== 'stream') return 'not-found';
        return { status: 'ok', initialData: { json: { said: data } } };
      },
    });
    assert.deepEqual(await plugin.subscribe('stream', { q: 1 }), {
      status: 'ok',
      initialData: { said: { q: 1 } },
    });
    assert.equal((await plugin.subscribe('secret')).status, 'permission-denied');
    assert.equal((await plugin.subscribe('other')).status, 'not-found');
  });

  test('frames go out as JSON, whole or in parts', async () => {
    await using plugin = await serving({
      async *runStream() {
        yield { frame: frameOf(), include: 'schema' };
        yield { frame: frameOf(7), include: 'data' };
        yield frameOf(8);
        yield { json: ['anything'] };
      },
    });
    const packets = await Array.fromAsync(plugin.run('stream'));
    const keys = packets.map((packet) => Object.keys(packet as object));
    assert.deepEqual(keys, [['schema'], ['data'], ['schema', 'data'], ['0']]);
  });

  test('nobody listens any more: the generator is returned and its signal aborted', async () => {
    const left: string[] = [];
    const over = Promise.withResolvers<void>();
    await using plugin = await serving({
      async *runStream({ signal }) {
        signal.addEventListener('abort', () => left.push('aborted'));
        try {
          for (let i = 0; ; i += 1) {
            yield { json: i };
            await sleep(1, undefined, { signal });
          }
        } finally {
          left.push('finally');
          over.resolve();
        }
      },
    });
    for await (const packet of plugin.run('stream')) if (packet === 2) break;
    await over.promise;
    assert.deepEqual(left, ['aborted', 'finally']);
  });

  test('a throw ends the stream with an error, a return without', async () => {
    await using plugin = await serving({
      async *runStream({ path }) {
        yield { json: 1 };
        if (path === 'bad') throw downstreamError('the source is gone');
      },
    });
    await assert.rejects(Array.fromAsync(plugin.run('bad')), {
      code: 'UNKNOWN',
      message: 'the source is gone',
    });
    assert.deepEqual(await Array.fromAsync(plugin.run('good')), [1]);
  });

  test('a message is published, or refused', async () => {
    await using plugin = await serving({
      publishStream: ({ path, data }) =>
        path === 'chat' ? { status: 'ok', data: { json: data } } : 'permission-denied',
    });
    assert.deepEqual(await plugin.publish('chat', { hello: 1 }), { status: 'ok', data: { hello: 1 } });
    assert.equal((await plugin.publish('other', {})).status, 'permission-denied');
  });
});

suite('what can be seen of a plugin', () => {
  test('each call is counted by endpoint, status and source', async () => {
    await using plugin = await serving({
      checkHealth: () => ({ status: 'ok', message: '' }),
      queryData: () => ({ A: downstreamError('no') }),
    });
    await plugin.checkHealth();
    await plugin.checkHealth();
    await plugin.query([{ refId: 'A' }]);
    const text = await plugin.metrics();
    assert.match(
      text,
      /^grafana_plugin_request_total\{endpoint="checkHealth",status="ok",status_source="plugin"\} \d+$/m,
    );
    assert.match(
      text,
      /^grafana_plugin_request_total\{endpoint="queryData",status="error",status_source="downstream"\} \d+$/m,
    );
    assert.match(
      text,
      /^grpc_server_handled_total\{grpc_type="unary",grpc_service="pluginv2.Data",grpc_method="QueryData",grpc_code="OK"\} \d+$/m,
    );
    assert.match(text, /^plugins_active_instances \d+$/m);
    assert.match(text, /^process_resident_memory_bytes \d+$/m);
  });

  test('a line of the log says on whose behalf it was written', async () => {
    await using plugin = await serving({
      checkHealth({ log }) {
        log.info('looking', { at: 'it' });
        return { status: 'ok', message: '' };
      },
    });
    await plugin.checkHealth({
      uid: 'things-1',
      metadata: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    });
    const line = plugin.log.find((record) => record['@message'] === 'looking');
    assert.deepEqual(
      [line?.['@level'], line?.at, line?.pluginId, line?.endpoint, line?.dsUid, line?.uname, line?.traceId],
      ['info', 'it', id, 'checkHealth', 'things-1', 'Ann', '0af7651916cd43dd8448eb211c80319c'],
    );
  });

  test('an error of the plugin is logged with its stack, and a secret nowhere', async () => {
    await using plugin = await serving({
      queryData() {
        throw new Error('a bug');
      },
    });
    await assert.rejects(plugin.query([{ refId: 'A' }], { secureJsonData: { password: 'hunter2' } }), {
      code: 'UNKNOWN',
    });
    const said = JSON.stringify(plugin.log);
    assert.match(said, /serve-datasource\.test\.ts/);
    assert.ok(!said.includes('hunter2'));
  });
});
