import assert from 'node:assert/strict';
import { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import fc from 'fast-check';
import { traceIdOf } from '../../../../lib/grafana-plugin/tracing/incoming.ts';
import {
  JaegerPropagator,
  parseUberTraceId,
} from '../../../../lib/grafana-plugin/tracing/jaeger-propagator.ts';
import { tracer, withSpan } from '../../../../lib/grafana-plugin/tracing/tracer.ts';
import { call } from './calls.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

suite('grafana-plugin: trace ids', () => {
  for (const [header, value, expected] of [
    ['traceparent', `00-${traceId}-${spanId}-01`, traceId],
    ['traceparent', `01-${traceId}-${spanId}-00-more`, traceId],
    ['traceparent', `00-${traceId}-${spanId}-01-more`, undefined],
    ['traceparent', `ff-${traceId}-${spanId}-01`, undefined],
    ['traceparent', `00-${'0'.repeat(32)}-${spanId}-01`, undefined],
    ['traceparent', `00-${traceId}-${'0'.repeat(16)}-01`, undefined],
    ['uber-trace-id', `${traceId}:${spanId}:0:1`, traceId],
    ['uber-trace-id', `${traceId}%3A${spanId}%3a0%3A1`, traceId],
    ['uber-trace-id', 'abc:def::', 'abc'.padStart(32, '0')],
    ['uber-trace-id', '0:def:0:1', undefined],
    ['uber-trace-id', 'abc:def:0', undefined],
    ['uber-trace-id', `a${traceId}:def:0:1`, undefined],
  ] as const) {
    test(`${header}: ${value} is of trace ${expected}`, () => {
      assert.equal(traceIdOf(call({ [header]: value })), expected);
    });
  }

  test('none of a call that says nothing', () => assert.equal(traceIdOf(call()), undefined));
});

suite('grafana-plugin: Jaeger propagation', () => {
  const jaeger = new JaegerPropagator();
  const read = (value: string | string[]) =>
    jaeger.extract(ROOT_CONTEXT, { 'uber-trace-id': value }, defaultTextMapGetter);
  const write = (context: typeof ROOT_CONTEXT) => {
    const carrier: Record<string, string> = {};
    jaeger.inject(context, carrier, defaultTextMapSetter);
    return carrier['uber-trace-id'];
  };

  for (const [from, to] of [
    [`${traceId}:${spanId}:0:1`, `${traceId}:${spanId}:0:1`],
    [`${traceId}:${spanId}:${spanId}:0`, `${traceId}:${spanId}:0:0`],
    // The debug flag goes on, where the trace is recorded.
    [`${traceId}:${spanId}:0:3`, `${traceId}:${spanId}:0:3`],
    [`${traceId}:${spanId}:0:2`, `${traceId}:${spanId}:0:0`],
    ['1:2:0:1', `${'1'.padStart(32, '0')}:${'2'.padStart(16, '0')}:0:1`],
    ['nonsense', undefined],
  ] as const) {
    test(`${from} goes on as ${to}`, () => assert.equal(write(read(from)), to));
  }

  test('what it reads is a remote parent', () => {
    const parent = trace.getSpanContext(read([`${traceId}:${spanId}:0:1`]));
    assert.deepEqual(parent, { traceId, spanId, traceFlags: 1, isRemote: true });
    assert.deepEqual(jaeger.fields(), ['uber-trace-id']);
  });

  test('any ids come back as they were, and no text makes it fail', () => {
    const hex = (length: number) =>
      fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => /[^0]/.test(text));
    fc.assert(
      fc.property(hex(32), hex(16), fc.constantFrom('0', '1', '3'), (trace, span, flags) => {
        const text = `${trace}:${span}:0:${flags}`;
        assert.equal(write(read(text)), text);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void parseUberTraceId(text)));
  });
});

suite('grafana-plugin: tracing off', () => {
  test('what wants spans runs without them', async () => {
    const seen: boolean[] = [];
    const result = await withSpan('mine', { a: 1 }, (span) => {
      seen.push(span.isRecording());
      return 7;
    });
    tracer().startActiveSpan('other', (span) => {
      seen.push(span.isRecording());
      span.end();
    });
    assert.deepEqual([result, ...seen], [7, false, false]);
  });

  test('an error goes on as it is', async () => {
    const error = new Error('x');
    await assert.rejects(
      withSpan('mine', () => Promise.reject(error)),
      error,
    );
    await assert.rejects(
      withSpan('mine', () => {
        throw error;
      }),
      error,
    );
  });

  test("nothing of OpenTelemetry's SDK is loaded by what is there without tracing", async () => {
    const { execFile } = await import('node:child_process');
    const { promisify } = await import('node:util');
    const tracing = new URL('../../../../lib/grafana-plugin/tracing/', import.meta.url).href;
    const http = new URL('../../../../lib/grafana-plugin/http/create-fetch.ts', import.meta.url).href;
    const program = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      for (const name of ['settings', 'start-tracing', 'tracer', 'tracing', 'incoming']) await import('${tracing}' + name + '.ts');
      await import('${http}');
      const heavy = loaded.filter((url) => /node_modules\\/(@opentelemetry\\/(?!api)|undici|@grpc)/.test(url));
      process.stdout.write(JSON.stringify({ some: loaded.length > 5, heavy }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    assert.deepEqual(JSON.parse(stdout), { some: true, heavy: [] });
  });
});
