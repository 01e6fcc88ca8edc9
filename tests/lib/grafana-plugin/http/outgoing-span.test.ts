import assert from 'node:assert/strict';
import { inScope } from '../../../../lib/grafana-plugin/scope.ts';
import { startTracing } from '../../../../lib/grafana-plugin/tracing/start-tracing.ts';
import type { Tracing } from '../../../../lib/grafana-plugin/tracing/tracing.ts';
import { call, pluginContext, scope } from '../tracing/calls.ts';
import { type Receiver, startReceiver } from '../tracing/receiver.ts';
import { fetching } from './fetching.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

suite('grafana-plugin: outgoing requests in traces', () => {
  const { start, client } = fetching();
  let receiver: Receiver;
  let tracing: Tracing | undefined;
  const warnings: unknown[] = [];

  const startTraces = async (env: NodeJS.ProcessEnv = {}) => {
    tracing = await startTracing({
      env: { GF_INSTANCE_OTLP_ADDRESS: receiver.address, ...env },
      pluginId: 'acme-rocks-datasource',
      pluginVersion: '1.2.3',
      warn: (...warning) => warnings.push(warning),
    });
    return tracing;
  };

  setup(async () => {
    tracing = undefined;
    receiver = await startReceiver();
  });
  teardown(async () => {
    await tracing?.shutdown();
    receiver.close();
    assert.deepEqual(warnings, []);
  });

  test('a request has a span below what makes it, and its server goes on with the trace', async () => {
    const server = await start();
    const { interceptor, endpoint, shutdown } = await startTraces();
    const labels = {
      datasource_name: 'Rocks',
      datasource_uid: 'rocks-1',
      datasource_type: 'acme-rocks-datasource',
    };
    const fetch = client({ labels, headers: { 'X-Key': 'hunter2' }, secrets: ['hunter4/ü'] });
    const incoming = call({ traceparent, tracestate: 'acme=1', baggage: 'user=ada' });
    await interceptor(incoming, () =>
      endpoint('queryData', pluginContext(), async () => {
        await fetch(
          `${server.url.replace('//', '//ada:hunter3@')}/v1/hunter2?q=up&api_key=abc&X-Amz-Signature=def&h=hunter4%2F%C3%BC#frag`,
        );
      }),
    );
    await shutdown();

    const span = receiver.span('HTTP Outgoing Request');
    assert.deepEqual(
      [span.kind, span.traceId, span.parentSpanId, span.status.code],
      [3, traceId, receiver.span('sdk.queryData').spanId, 0],
    );
    assert.deepEqual(span.attributes, {
      ...labels,
      'http.url': `${server.url}/v1/redacted?q=up&api_key=redacted&X-Amz-Signature=redacted&h=redacted`,
      'http.method': 'GET',
      'http.status_code': 200,
      'http.content_length': 2,
    });
    const headers = server.asked[0]?.headers;
    assert.equal(headers?.traceparent, `00-${traceId}-${span.spanId}-01`);
    assert.deepEqual([headers?.tracestate, headers?.baggage], ['acme=1', 'user=ada']);
  });

  test('statuses from 400 on and requests that fail are errors', async () => {
    const server = await start((request, response) => {
      if (request.url === '/gone') request.socket.destroy();
      else response.writeHead(Number(request.url?.slice(1))).end();
    });
    const { shutdown } = await startTraces();
    const fetch = client();
    for (const path of ['204', '399', '400', '503']) await fetch(`${server.url}/${path}`);
    await assert.rejects(fetch(`${server.url}/gone`));
    await shutdown();
    assert.deepEqual(
      receiver.spans.map((span) => [
        span.attributes['http.status_code'],
        span.status.code,
        span.events.length,
      ]),
      [
        [204, 0, 0],
        [399, 0, 0],
        [400, 2, 0],
        [503, 2, 0],
        [undefined, 2, 1],
      ],
    );
    assert.match(
      receiver.spans[4]?.status.message ?? '',
      /^GET http:\/\/127\.0\.0\.1:\d+\/gone: the connection was/,
    );
  });

  test('a redirect is a span of its own', async () => {
    const server = await start((request, response) => {
      if (request.url === '/end') response.end();
      else response.writeHead(302, { location: '/end' }).end();
    });
    const { shutdown } = await startTraces();
    await client()(server.url);
    await shutdown();
    assert.deepEqual(
      receiver.spans.map((span) => span.attributes['http.status_code']),
      [302, 200],
    );
  });

  test('both formats are written where both are asked for', async () => {
    const server = await start();
    const { interceptor, shutdown } = await startTraces({ GF_INSTANCE_OTLP_PROPAGATION: 'jaeger,w3c' });
    await interceptor(call({ traceparent }), async () => void (await client()(server.url)));
    await shutdown();
    const { spanId } = receiver.span('HTTP Outgoing Request');
    const headers = server.asked[0]?.headers;
    assert.equal(headers?.['uber-trace-id'], `${traceId}:${spanId}:0:1`);
    assert.equal(headers?.traceparent, `00-${traceId}-${spanId}-01`);
  });

  test("side by side, each request stands in its own call's trace", async () => {
    const server = await start();
    const { interceptor, shutdown } = await startTraces();
    const fetch = client();
    const ids = Array.from({ length: 25 }, (_, index) => (index + 1).toString(16).padStart(32, 'a'));
    await Promise.all(
      ids.map((id) =>
        interceptor(call({ traceparent: `00-${id}-00f067aa0ba902b7-01` }), async () => {
          await (await fetch(`${server.url}/${id}`)).text();
          await (await fetch(`${server.url}/${id}`)).text();
        }),
      ),
    );
    await shutdown();
    assert.equal(server.asked.length, 50);
    for (const { line, headers } of server.asked) {
      assert.equal(String(headers.traceparent).split('-')[1], line.slice('GET /'.length));
    }
  });

  suite('while tracing is off', () => {
    const asked = async (headers: Record<string, string | string[]>) => {
      const server = await start();
      await inScope(scope({ call: call(headers) }), () => client()(server.url));
      const {
        traceparent: parent,
        tracestate,
        baggage,
        'uber-trace-id': uber,
      } = server.asked[0]?.headers ?? {};
      return { parent, tracestate, baggage, uber };
    };

    test('the trace of the call goes on all the same', async () => {
      assert.deepEqual(
        await asked({
          traceparent,
          tracestate: ['a=1', 'b=2'],
          baggage: 'user=ada',
          'uber-trace-id': 'abc:def:0:1',
        }),
        { parent: traceparent, tracestate: 'a=1,b=2', baggage: 'user=ada', uber: 'abc:def:0:1' },
      );
    });

    test('what is no trace does not', async () => {
      assert.deepEqual(
        await asked({
          traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
          tracestate: 'a=1',
          baggage: `user=${'a'.repeat(9000)}`,
          'uber-trace-id': 'xyz:def:0:1',
        }),
        { parent: undefined, tracestate: undefined, baggage: undefined, uber: undefined },
      );
    });
  });
});
