import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { DatasourceError } from '../../../../lib/grafana-plugin/errors.ts';
import { inScope } from '../../../../lib/grafana-plugin/scope.ts';
import { traceIdOf } from '../../../../lib/grafana-plugin/tracing/incoming.ts';
import { startTracing } from '../../../../lib/grafana-plugin/tracing/start-tracing.ts';
import { tracer, withSpan } from '../../../../lib/grafana-plugin/tracing/tracer.ts';
import type { Tracing } from '../../../../lib/grafana-plugin/tracing/tracing.ts';
import { call, pluginContext, scope } from './calls.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const activeTraceId = () => trace.getActiveSpan()?.spanContext().traceId;
const traceparent = `00-${traceId}-${parentId}-01`;

suite('grafana-plugin: tracing', () => {
  let receiver: Receiver;
  let tracing: Tracing;
  let warnings: { message: string; fields: Readonly<Record<string, unknown>> }[];

  const start = async (env: NodeJS.ProcessEnv = {}) => {
    tracing = await startTracing({
      env: { GF_INSTANCE_OTLP_ADDRESS: receiver.address, ...env },
      pluginId: 'acme-rocks-datasource',
      pluginVersion: '1.2.3',
      attributes: { 'deployment.environment': 'test' },
      warn: (message, fields) => warnings.push({ message, fields }),
    });
  };

  setup(async () => {
    warnings = [];
    receiver = await startReceiver();
  });

  teardown(async () => {
    await tracing?.shutdown();
    receiver.close();
  });

  test("a call's spans stand in the trace that it came with, each below the one around it", async () => {
    await start();
    const incoming = call({ traceparent, tenantid: 'tenant-7' });
    await inScope(scope({ call: incoming }), () =>
      tracing.interceptor(incoming, () =>
        tracing.endpoint('queryData', pluginContext(), () =>
          tracing.query({ refId: 'A', queryType: 'range' }, async () => {
            await pause(1);
            await withSpan('parse', { 'rocks.count': 2 }, () => assert.equal(activeTraceId(), traceId));
            tracer().startActiveSpan('polish', (span) => span.end());
          }),
        ),
      ),
    );
    await tracing.shutdown();

    const [rpc, endpoint, query] = ['pluginv2.Data/QueryData', 'sdk.queryData', 'sdk.query'].map(
      receiver.span,
    );
    assert.deepEqual(
      receiver.spans.map((span) => [span.traceId, span.parentSpanId]),
      [query?.spanId, query?.spanId, endpoint?.spanId, rpc?.spanId, parentId].map((parent) => [
        traceId,
        parent,
      ]),
    );
    assert.deepEqual([rpc?.kind, endpoint?.kind, query?.kind], [2, 1, 1]);
    assert.deepEqual(rpc?.attributes, {
      'rpc.system.name': 'grpc',
      'rpc.method': 'pluginv2.Data/QueryData',
      'rpc.system': 'grpc',
      'rpc.service': 'pluginv2.Data',
      'rpc.response.status_code': 'OK',
      'rpc.grpc.status_code': 0,
    });
    assert.deepEqual(endpoint?.attributes, {
      plugin_id: 'acme-rocks-datasource',
      org_id: 3,
      datasource_name: 'Rocks',
      datasource_uid: 'rocks-1',
      user: 'Ada Lovelace',
      tenant_id: 'tenant-7',
      request_status: 'ok',
      status_source: 'plugin',
    });
    assert.deepEqual(query?.attributes, { ref_id: 'A', query_type: 'range' });
    assert.deepEqual(receiver.span('parse').attributes, { 'rocks.count': 2 });
    const { resource } = receiver.span('parse');
    assert.equal(resource['service.name'], 'acme-rocks-datasource');
    assert.equal(resource['service.version'], '1.2.3');
    assert.equal(resource['deployment.environment'], 'test');
    assert.equal(resource['telemetry.sdk.name'], 'opentelemetry');
    assert.match(String(resource['process.runtime.description']), /^Node\.js v\d+/);
    assert.deepEqual(warnings, []);
  });

  test('calls side by side do not mix', async () => {
    await start();
    const ids = Array.from({ length: 40 }, (_, index) => (index + 1).toString(16).padStart(32, '0'));
    await Promise.all(
      ids.map((id, index) =>
        tracing.interceptor(call({ traceparent: `00-${id}-${parentId}-01` }), () =>
          tracing.endpoint('callResource', pluginContext({ orgId: index }), async () => {
            for (let step = 0; step < 3; step += 1) {
              await pause(index % 3);
              await withSpan(`step ${index}`, () => assert.equal(activeTraceId(), id));
            }
          }),
        ),
      ),
    );
    await tracing.shutdown();
    for (const [index, id] of ids.entries()) {
      const endpoint = receiver.spans.find((span) => span.attributes.org_id === index);
      const steps = receiver.spans.filter((span) => span.name === `step ${index}`);
      assert.deepEqual(
        steps.map((step) => [step.traceId, step.parentSpanId]),
        Array(3).fill([id, endpoint?.spanId]),
      );
    }
  });

  test('a stream keeps its span across yields, however slowly it is read', async () => {
    await start();
    async function* packets() {
      for (let sent = 0; sent < 3; sent += 1) {
        await withSpan(`packet ${sent}`, () => {});
        yield sent;
      }
    }
    const run = (id: string) =>
      tracing.interceptor(call({ traceparent: `00-${id}-${parentId}-01` }), () =>
        tracing.endpoint('runStream', pluginContext(), async () => {
          for await (const _ of packets()) await pause(2);
        }),
      );
    const other = traceId.replaceAll('4', '5');
    await Promise.all([run(traceId), run(other)]);
    await tracing.shutdown();
    for (const id of [traceId, other]) {
      const mine = receiver.spans.filter((span) => span.traceId === id);
      const stream = mine.find((span) => span.name === 'sdk.runStream');
      const parents = mine.filter((span) => span.name.startsWith('packet')).map((span) => span.parentSpanId);
      assert.deepEqual(parents, Array(3).fill(stream?.spanId));
    }
  });

  test('what goes wrong stands in the span, and goes on', async () => {
    await start();
    const gone = new DatasourceError('the quarry is closed', { status: 502, source: 'downstream' });
    const fail = (error: unknown) =>
      tracing.interceptor(call(), () =>
        tracing.endpoint('checkHealth', pluginContext(), () => Promise.reject(error)),
      );
    await assert.rejects(fail(gone), gone);
    await assert.rejects(fail(new TypeError('cannot read hunter2')), TypeError);
    await assert.rejects(fail(new DOMException('stop', 'AbortError')), { name: 'AbortError' });
    await tracing.shutdown();

    const [downstream, bug, cancelled] = receiver.spans.filter((span) => span.name === 'sdk.checkHealth');
    assert.deepEqual(
      [downstream, bug, cancelled].map((span) => [
        span?.attributes.request_status,
        span?.attributes.status_source,
        span?.status.code,
        span?.status.message,
        span?.events.map((event) => [event.name, event.attributes['exception.message']]),
      ]),
      [
        ['error', 'downstream', 2, 'the quarry is closed', [['exception', 'the quarry is closed']]],
        // Not made to be read by others, so that what it quotes stays here.
        ['error', 'plugin', 2, 'TypeError', [['exception', undefined]]],
        ['cancelled', 'downstream', 0, '', []],
      ],
    );
    assert.ok(!JSON.stringify(receiver.spans, (_, value) => String(value)).includes('hunter2'));
    const rpc = receiver.spans.find((span) => span.name === 'pluginv2.Data/QueryData');
    assert.deepEqual(
      [
        rpc?.attributes['rpc.response.status_code'],
        rpc?.attributes['rpc.grpc.status_code'],
        rpc?.status.code,
      ],
      ['UNKNOWN', 2, 2],
    );
  });

  test("go-plugin's own streams get no span", async () => {
    await start();
    for (const service of ['plugin.GRPCStdio', 'plugin.GRPCBroker', 'grpc.health.v1.Health']) {
      await tracing.interceptor(call({}, { service, method: 'X' }), async () =>
        assert.equal(trace.getActiveSpan(), undefined),
      );
    }
    await tracing.interceptor(call(), async () => {});
    await tracing.shutdown();
    assert.deepEqual(
      receiver.spans.map((span) => span.name),
      ['pluginv2.Data/QueryData'],
    );
  });

  test('a call that begins a trace is known by it too', async () => {
    await start();
    let id: string | undefined;
    await tracing.interceptor(call(), async () => {
      id = traceIdOf(call());
    });
    await tracing.shutdown();
    assert.equal(id, receiver.span('pluginv2.Data/QueryData').traceId);
  });

  test('a parent that is not recorded is followed', async () => {
    await start();
    await tracing.interceptor(call({ traceparent: traceparent.replace(/01$/, '00') }), async () =>
      assert.equal(activeTraceId(), traceId),
    );
    await tracing.shutdown();
    assert.deepEqual(receiver.spans, []);
  });

  test('Jaeger headers are understood where they are asked for', async () => {
    await start({ GF_INSTANCE_OTLP_PROPAGATION: 'w3c,jaeger' });
    await tracing.interceptor(call({ 'uber-trace-id': `${traceId}:${parentId}:0:1` }), async () => {});
    await tracing.shutdown();
    const { traceId: found, parentSpanId } = receiver.span('pluginv2.Data/QueryData');
    assert.deepEqual([found, parentSpanId], [traceId, parentId]);
  });

  test('a sampler that says never records nothing that begins here', async () => {
    await start({ GF_INSTANCE_OTLP_SAMPLER_TYPE: 'const', GF_INSTANCE_OTLP_SAMPLER_PARAM: '0.000000' });
    await tracing.interceptor(call(), async () => {});
    await tracing.interceptor(call({ traceparent }), async () => {});
    await tracing.shutdown();
    assert.deepEqual(
      receiver.spans.map((span) => span.traceId),
      [traceId],
    );
  });

  test('after the end there are no spans any more, and nothing fails', async () => {
    await start();
    await tracing.shutdown();
    await withSpan('late', (span) => assert.equal(span.isRecording(), false));
    assert.equal(activeTraceId(), undefined);
    assert.deepEqual(receiver.spans, []);
  });

  for (const [name, env, variable] of [
    ['propagation', { GF_INSTANCE_OTLP_PROPAGATION: 'w3c,b3' }, /GF_INSTANCE_OTLP_PROPAGATION.*'b3'/],
    ['sampler', { GF_INSTANCE_OTLP_SAMPLER_TYPE: 'often' }, /GF_INSTANCE_OTLP_SAMPLER_TYPE.*'often'/],
    ['constant', { GF_INSTANCE_OTLP_SAMPLER_PARAM: '0.500000' }, /GF_INSTANCE_OTLP_SAMPLER_PARAM.*0\.5/],
    ['address', { GF_INSTANCE_OTLP_ADDRESS: '' }, /GF_INSTANCE_OTLP_ADDRESS/],
    [
      'server of a remote sampler',
      { GF_INSTANCE_OTLP_SAMPLER_TYPE: 'remote' },
      /GF_INSTANCE_OTLP_SAMPLER_REMOTE_URL/,
    ],
  ] as const) {
    test(`an unknown ${name} is refused by the name of its variable`, () =>
      assert.rejects(start(env), variable));
  }
});
