import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client as Connection, credentials } from '@grpc/grpc-js';
import { startTestPlugin, type TestFrom, type TestPlugin } from 'crosslink/grafana-plugin/testing';
import { clientOf } from '#lib/go-plugin';
import { projectFolder } from '#src/local';
import { below } from '../../examples/http-datasource/src/below.ts';
import { datasource } from '../../examples/http-datasource/src/datasource.ts';
import * as pb from '../../lib/grafana-plugin/proto/backend_pb.ts';
import { serverTls } from '../certificates/index.ts';
import { type Loopback, serve } from '../lib/grafana-plugin/http/loopback.ts';
import { startReceiver } from '../lib/grafana-plugin/tracing/receiver.ts';

const folder = join(projectFolder, 'examples/http-datasource');

const answers: Readonly<Record<string, [status: number, body: string]>> = {
  '/api/': [200, 'fine'],
  '/api/two.json': [200, '[{"time":1700000000000,"value":1.5},{"time":1700000001000,"value":-2}]'],
  '/api/none.json?of=any': [200, '[]'],
  '/api/text': [200, 'hello'],
  '/api/wrong.json': [200, '[{"time":"now","value":1}]'],
  '/api/down': [503, 'later'],
  '/api/forbidden': [403, 'no'],
};
const answer: Parameters<typeof serve>[0] = (request, response) => {
  const [status, body] = answers[request.url ?? ''] ?? [404, ''];
  response.writeHead(status).end(body);
};

suite('examples/http-datasource: the backend', () => {
  let server: Loopback;
  let plugin: TestPlugin;
  let from: TestFrom;
  suiteSetup(async () => {
    server = await serve(answer);
    plugin = await startTestPlugin(datasource);
    from = { url: `${server.url}/api` };
  });
  suiteTeardown(async () => {
    await plugin.stop();
    server.close();
  });

  const ask = async (path: unknown, as: TestFrom = from) =>
    (await plugin.query([{ refId: 'A', path }], as)).get('A');
  const last = () => server.asked.at(-1);

  test('what the server says becomes a frame', async () => {
    const { frames = [], status } = (await ask('two.json')) ?? {};
    assert.equal(status, 200);
    assert.equal(frames.length, 1);
    assert.equal(frames[0]?.name, 'two.json');
    const columns = frames[0]?.fields.map((field) => [field.name, field.type, [...field]]);
    assert.deepEqual(columns, [
      ['time', 'time', [1_700_000_000_000_000_000n, 1_700_000_001_000_000_000n]],
      ['value', 'float64', [1.5, -2]],
    ]);
  });

  test('a list with nothing in it is a frame with its fields and no rows', async () => {
    const { frames = [] } = (await ask('/none.json?of=any')) ?? {};
    const columns = frames[0]?.fields.map(({ name, type, length }) => [name, type, length]);
    assert.deepEqual(columns, [
      ['time', 'time', 0],
      ['value', 'float64', 0],
    ]);
  });

  test('the token of the settings goes along, and what Grafana forwards', async () => {
    const secureJsonData = { token: 's3cr3t' };
    const headers = { 'http_X-Panel-Id': '7', Authorization: 'Bearer of-the-user' };
    await ask('two.json', { ...from, uid: 'token', secureJsonData, headers });
    assert.equal(last()?.headers.authorization, 'Bearer s3cr3t');
    assert.equal(last()?.headers['x-panel-id'], '7');
    await ask('two.json', { ...from, headers });
    assert.equal(last()?.headers.authorization, 'Bearer of-the-user');
    assert.doesNotMatch(JSON.stringify(plugin.log), /s3cr3t|of-the-user/);
  });

  for (const [path, expected, message] of [
    ['gone', 404, 'the server answered 404 to GET gone'],
    ['down', 503, 'the server answered 503 to GET down'],
    ['forbidden', 403, 'the server answered 403 to GET forbidden'],
    ['text', 502, 'the server did not answer with a list of {time, value}'],
    ['wrong.json', 502, 'the server did not answer with a list of {time, value}'],
  ] as const) {
    test(`what the server says at '${path}' is its own error, and that query's alone`, async () => {
      const both = await plugin.query(
        [
          { refId: 'A', path },
          { refId: 'B', path: 'two.json' },
        ],
        from,
      );
      const { status, error, errorSource } = both.get('A') ?? {};
      assert.deepEqual(
        { status, error, errorSource },
        { status: expected, error: message, errorSource: 'downstream' },
      );
      assert.equal(both.get('B')?.status, 200);
    });
  }

  test('requests are counted', async () => {
    await ask('down', { ...from, uid: 'counted' });
    const series =
      /^plugins_datasource_request_total\{(?=[^}]*endpoint="queryData")(?=[^}]*code="503").*\} [1-9]/m;
    assert.match(await plugin.metrics(), series);
  });

  test('a query without a path is refused', async () => {
    const { status, errorSource } = (await ask(undefined)) ?? {};
    assert.deepEqual([status, errorSource], [400, 'downstream']);
  });

  test('a server that is not there is downstream too', async () => {
    const gone = await serve(answer);
    gone.close();
    const { status, error, errorSource } = (await ask('two.json', { uid: 'gone', url: gone.url })) ?? {};
    assert.deepEqual([status, errorSource], [502, 'downstream']);
    assert.match(error ?? '', /refused/);
  });

  for (const path of ['../secret', 'x/../../secret', '..\\secret', '%2e%2e/secret', '.\t./secret', './..']) {
    test(`${JSON.stringify(path)} leads away from the URL and is not asked for`, async () => {
      const before = server.asked.length;
      const { status, error } = (await ask(path)) ?? {};
      assert.equal(status, 400);
      assert.match(error ?? '', /leads away/);
      assert.equal(server.asked.length, before);
    });
  }

  test('a path that looks like another server is asked for below the URL', () => {
    for (const path of [
      'http://evil.example/',
      '//evil.example/',
      '\\\\evil.example',
      'evil.example:80',
      '@evil.example',
    ]) {
      const url = below('https://good.example/api', path);
      assert.equal(url.host, 'good.example', path);
      assert.match(url.pathname, /^\/api\//, path);
      assert.deepEqual([url.username, url.password], ['', ''], path);
    }
  });

  test('"Save & test" asks for the URL itself', async () => {
    assert.deepEqual(await plugin.checkHealth(from), { status: 'ok', message: 'the server answers' });
    assert.equal(last()?.line, 'GET /api/');
    const other = await plugin.checkHealth({ uid: 'other', url: server.url });
    assert.deepEqual(other, { status: 'error', message: 'the server answered 404 to GET /' });
    const { status, message } = await plugin.checkHealth({ uid: 'empty', url: '' });
    assert.equal(status, 'error');
    assert.match(message, /set the datasource's URL/);
  });

  test('a certificate that nobody vouches for is refused, unless the settings say otherwise', async () => {
    const secure = await serve(answer, serverTls('loopback'));
    try {
      const { status, message } = await plugin.checkHealth({ uid: 'strict', url: `${secure.url}/api` });
      assert.equal(status, 'error');
      assert.match(message, /certificate/);
      const lax = { uid: 'lax', url: `${secure.url}/api`, jsonData: { tlsSkipVerify: true } };
      assert.equal((await plugin.checkHealth(lax)).status, 'ok');
    } finally {
      secure.close();
    }
  });

  test('the trace goes on from Grafana through query, request and parsing to the server', async () => {
    const receiver = await startReceiver();
    const child = spawn(process.execPath, [join(folder, 'src/backend.ts'), '-standalone'], {
      cwd: tmpdir(),
      env: { GF_INSTANCE_OTLP_ADDRESS: receiver.address, GF_INSTANCE_OTLP_SAMPLER_PARAM: '1.000000' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = once(child, 'exit');
    try {
      const connection = new Connection(await addressOf(child.stderr), credentials.createInsecure());
      const traceId = '0af7651916cd43dd8448eb211c80319c';
      const { responses } = await clientOf(pb.Data, connection).queryData(
        {
          pluginContext: {
            pluginId: datasource.id,
            dataSourceInstanceSettings: { uid: 'traced', name: 'Traced', url: `${server.url}/api` },
          },
          queries: [{ refId: 'A', json: Buffer.from('{"path":"two.json"}') }],
        },
        { metadata: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } },
      );
      connection.close();
      assert.equal(responses.A?.status, 200, String(responses.A?.error));
      child.kill('SIGTERM');
      await exited;

      const request = receiver.span('HTTP Outgoing Request');
      const parse = receiver.span('parse points');
      const query = receiver.span('sdk.query');
      for (const { traceId: of } of [request, parse, query]) assert.equal(of, traceId);
      assert.equal(request.parentSpanId, query.spanId);
      assert.equal(parse.parentSpanId, query.spanId);
      assert.equal(Number(parse.attributes['body.length']), answers['/api/two.json']?.[1].length);
      assert.equal(last()?.headers.traceparent, `00-${traceId}-${request.spanId}-01`);
    } finally {
      child.kill('SIGKILL');
      await exited;
      receiver.close();
    }
  });
});

/** Where a plugin that was started by hand says that it is. */
async function addressOf(stderr: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface(stderr)) {
    lines.push(line);
    const [, address] = /^Serving on (\S+)/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`it has ended: ${lines.join('\n')}`);
}
