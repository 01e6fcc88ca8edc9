import assert from 'node:assert/strict';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { OtlpExporter } from '../../../../lib/grafana-plugin/tracing/otlp-exporter.ts';
import { startTracing } from '../../../../lib/grafana-plugin/tracing/start-tracing.ts';
import { withSpan } from '../../../../lib/grafana-plugin/tracing/tracer.ts';
import { eventually } from '../../go-plugin/helpers.ts';
import { type Receiver, startReceiver } from './receiver.ts';

suite('grafana-plugin: OTLP exporter', () => {
  let receiver: Receiver;
  let warnings: [message: string, fields: Readonly<Record<string, unknown>>][];
  const warn = (message: string, fields: Readonly<Record<string, unknown>>) =>
    warnings.push([message, fields]);
  const open: (() => unknown)[] = [];

  setup(async () => {
    warnings = [];
    receiver = await startReceiver();
  });
  teardown(async () => {
    for (const close of open.splice(0).toReversed()) await close();
    receiver.close();
  });

  const start = () => {
    const exporter = new OtlpExporter({ address: receiver.address, warn });
    const processor = new BatchSpanProcessor({ exporter });
    const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
    open.push(() => exporter.close());
    return async (count: number) => {
      for (let index = 0; index < count; index += 1) tracer.startSpan(`span ${index}`).end();
      await processor.forceFlush();
    };
  };

  test('many spans come in batches, each span once', async () => {
    await start()(1200);
    assert.equal(new Set(receiver.spans.map((span) => span.spanId)).size, 1200);
    assert.equal(receiver.spans.length, 1200);
    assert.deepEqual(receiver.batches.toSorted(), [176, 512, 512]);
  });

  test('trouble is told once when it begins and once when it is over, with how much was lost', async () => {
    const send = start();
    receiver.answer = 'unavailable';
    await send(3);
    await send(4);
    // Once each: nothing is sent again.
    assert.deepEqual(receiver.batches, [3, 4]);
    receiver.answer = new Uint8Array();
    await send(2);
    await send(1);
    assert.deepEqual(warnings, [
      [
        'the trace receiver does not take spans: they are lost until it does',
        { error: 'the receiver is full', spans: 3 },
      ],
      ['the trace receiver takes spans again', { lost: 7, taken: 2 }],
    ]);
    assert.equal(receiver.spans.length, 3);
  });

  test('a receiver that rejects some says why', async () => {
    const send = start();
    // partial_success = { rejected_spans: 2, error_message: 'too old' }
    receiver.answer = Buffer.from([0x0a, 0x0b, 0x08, 2, 0x12, 7, ...Buffer.from('too old')]);
    await send(5);
    receiver.answer = Buffer.from([0x0a, 0x09, 0x12, 7, ...Buffer.from('be kind')]);
    await send(1);
    receiver.answer = Buffer.from([0xff]);
    await send(1);
    assert.deepEqual(
      warnings.map(([message, fields]) => [
        message.slice(0, 32),
        fields.error ?? fields.lost ?? fields.warning,
      ]),
      [
        ['the trace receiver does not take', 'too old'],
        ['the trace receiver took the span', 'be kind'],
        ['the trace receiver takes spans a', 2],
        ['the trace receiver took the span', warnings[3]?.[1].warning],
      ],
    );
    assert.match(String(warnings[3]?.[1].warning), /cannot be read/);
  });

  for (const [what, arrange] of [
    ['answers nothing', () => ({ ...receiver, close() {} })],
    ['is not there', () => ({ ...receiver, address: '127.0.0.1:1' })],
  ] as const) {
    test(`a receiver that ${what} does not hold up the end for more than a second`, async () => {
      receiver.answer = 'silence';
      const tracing = await startTracing({
        env: { GF_INSTANCE_OTLP_ADDRESS: arrange().address },
        pluginId: 'p',
        pluginVersion: '1',
        warn,
      });
      await withSpan('last', () => {});
      const startedMs = performance.now();
      await tracing.shutdown();
      const tookMs = performance.now() - startedMs;
      assert.ok(tookMs < 1_600, `${tookMs} ms`);
      // What is cut off says so too.
      await eventually('the warning', () => warnings.length > 0);
      assert.equal(warnings.length, 1, JSON.stringify(warnings));
      assert.match(warnings[0]?.[0] ?? '', /does not take spans/);
    });
  }
});
