import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace';
import { RateLimitingSampler } from '../../../../lib/grafana-plugin/tracing/rate-limiting-sampler.ts';
import { RemoteSampler } from '../../../../lib/grafana-plugin/tracing/remote-sampler.ts';
import { rootSampler } from '../../../../lib/grafana-plugin/tracing/samplers.ts';
import { readTracingSettings, tracingRequested } from '../../../../lib/grafana-plugin/tracing/settings.ts';

const traceId = (index: number) => createHash('sha256').update(String(index)).digest('hex').slice(0, 32);

function ask(sampler: Sampler, name = 'pluginv2.Data/QueryData', index = 1): SamplingResult {
  return sampler.shouldSample(ROOT_CONTEXT, traceId(index), name, SpanKind.SERVER, {}, []);
}
const sampled = (result: SamplingResult) => result.decision === SamplingDecision.RECORD_AND_SAMPLED;
const countOf = (sampler: Sampler, of: number, name?: string) =>
  Array.from({ length: of }, (_, index) => ask(sampler, name, index + 1)).filter(sampled).length;

suite('grafana-plugin: tracing settings', () => {
  test('an address is what turns tracing on', () => {
    assert.equal(tracingRequested({}), false);
    assert.equal(tracingRequested({ GF_INSTANCE_OTLP_ADDRESS: '' }), false);
    assert.equal(tracingRequested({ GF_INSTANCE_OTLP_ADDRESS: 'localhost:4317' }), true);
  });

  test('what old Grafanas leave out has its meaning', () => {
    assert.deepEqual(readTracingSettings({ GF_INSTANCE_OTLP_ADDRESS: 'a:1' }), {
      address: 'a:1',
      propagation: ['w3c'],
      sampler: { type: 'const', sampled: true },
    });
  });

  for (const [type, param, expected] of [
    ['const', '1.000000', { type: 'const', sampled: true }],
    ['const', '0.000000', { type: 'const', sampled: false }],
    ['', '-1', { type: 'const', sampled: false }],
    ['', 'many', { type: 'const', sampled: true }],
    ['probabilistic', '0.250000', { type: 'probabilistic', ratio: 0.25 }],
    ['probabilistic', '7', { type: 'probabilistic', ratio: 1 }],
    ['rateLimiting', '2.500000', { type: 'rateLimiting', tracesPerSecond: 2.5 }],
  ] as const) {
    test(`sampler '${type}' of ${param}`, () => {
      const env = { GF_INSTANCE_OTLP_SAMPLER_TYPE: type, GF_INSTANCE_OTLP_SAMPLER_PARAM: param };
      assert.deepEqual(readTracingSettings(env).sampler, expected);
    });
  }
});

suite('grafana-plugin: samplers', () => {
  const host = { serviceName: 'p', warn: () => assert.fail('nothing to warn of') };

  test('constant and probabilistic', () => {
    assert.equal(countOf(rootSampler({ type: 'const', sampled: true }, host).sampler, 50), 50);
    assert.equal(countOf(rootSampler({ type: 'const', sampled: false }, host).sampler, 50), 0);
    const quarter = countOf(rootSampler({ type: 'probabilistic', ratio: 0.25 }, host).sampler, 4000);
    assert.ok(quarter > 700 && quarter < 1300, `${quarter} of 4000`);
  });

  test('so many a second, and what is saved up is bounded', () => {
    let nowMs = 0;
    const sampler = new RateLimitingSampler(3, { nowMs: () => nowMs });
    assert.equal(countOf(sampler, 10), 3);
    nowMs += 500;
    assert.equal(countOf(sampler, 10), 1);
    nowMs += 500;
    assert.equal(countOf(sampler, 10), 2);
    nowMs += 3_600_000;
    assert.equal(countOf(sampler, 10), 3);
  });

  test('less than one a second is one now and then', () => {
    let nowMs = 0;
    const sampler = new RateLimitingSampler(0.1, { nowMs: () => nowMs });
    assert.equal(countOf(sampler, 5), 1);
    nowMs += 9_000;
    assert.equal(countOf(sampler, 5), 0);
    nowMs += 1_100;
    assert.equal(countOf(sampler, 5), 1);
  });
});

suite('grafana-plugin: remote sampler', () => {
  let server: Server;
  let url: string;
  let asked: string[];
  let answer: { status: number; body: string };
  let warnings: [string, unknown][];

  setup(async () => {
    asked = [];
    warnings = [];
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(answer.status).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sampling`;
  });
  teardown(() => {
    server.closeAllConnections();
    server.close();
  });

  const make = (initialRatio = 0) =>
    new RemoteSampler({
      url,
      serviceName: 'acme-rocks-datasource',
      initialRatio,
      warn: (message, fields) => warnings.push([message, fields]),
    });
  const told = async (strategy: unknown, status = 200) => {
    answer = { status, body: typeof strategy === 'string' ? strategy : JSON.stringify(strategy) };
  };

  test('goes by its initial ratio until the server has said something', async () => {
    const sampler = make(1);
    assert.equal(countOf(sampler, 10), 10);
    await told({ strategyType: 'PROBABILISTIC', probabilisticSampling: { samplingRate: 0 } });
    await sampler.refresh();
    assert.equal(countOf(sampler, 10), 0);
    assert.deepEqual(asked, ['/sampling?service=acme-rocks-datasource']);
  });

  test('does what it is told, and says so in the trace', async () => {
    const sampler = make();
    await told({ strategyType: 0, probabilisticSampling: { samplingRate: 1 } });
    await sampler.refresh();
    assert.deepEqual(ask(sampler).attributes, {
      'jaeger.sampler.type': 'probabilistic',
      'jaeger.sampler.param': 1,
    });
    await told({ strategyType: 'RATE_LIMITING', rateLimitingSampling: { maxTracesPerSecond: 2 } });
    await sampler.refresh();
    assert.equal(countOf(sampler, 10), 2);
  });

  test('by operation: its own probability, else the default one, and never nothing', async () => {
    const sampler = make();
    await told({
      strategyType: 'PROBABILISTIC',
      probabilisticSampling: { samplingRate: 0 },
      operationSampling: {
        defaultSamplingProbability: 0,
        defaultLowerBoundTracesPerSecond: 0.001,
        perOperationStrategies: [{ operation: 'busy', probabilisticSampling: { samplingRate: 1 } }],
      },
    });
    await sampler.refresh();
    assert.equal(countOf(sampler, 20, 'busy'), 20);
    assert.equal(countOf(sampler, 20, 'rare'), 1);
    assert.equal(countOf(sampler, 20, 'other'), 1);
  });

  test('a server that fails changes nothing, and is complained of once', async () => {
    const sampler = make(1);
    for (const [body, status] of [
      ['oops', 500],
      ['no JSON', 200],
      [{ probabilisticSampling: { samplingRate: 7 } }, 200],
      [{ strategyType: 'PROBABILISTIC' }, 200],
    ] as const) {
      await told(body, status);
      await sampler.refresh();
      assert.equal(countOf(sampler, 10), 10);
    }
    assert.deepEqual(
      warnings.map(([, fields]) => fields),
      [{ error: 'the sampling server answered 500' }],
    );
    await told({ probabilisticSampling: { samplingRate: 0 } });
    await sampler.refresh();
    await told('no JSON');
    await sampler.refresh();
    assert.equal(warnings.length, 2);
    assert.equal(countOf(sampler, 10), 0);
  });
});
