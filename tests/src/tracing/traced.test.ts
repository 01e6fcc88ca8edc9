import assert from 'node:assert/strict';
import { trace } from '@opentelemetry/api';
import { recordFailure, traced } from '#src/tracing';
import { startRecording } from '../../../src/tracing/recording.ts';
import { decodeTraces, type OtlpSpan } from './otlp.ts';

/** What is recorded while `work` runs, by name. */
async function recorded(work: () => Promise<unknown>): Promise<Map<string, OtlpSpan>> {
  const recording = startRecording({ 'service.name': 'test' });
  try {
    await work();
  } finally {
    const body = recording.stop();
    if (body !== undefined) spans = decodeTraces(body);
  }
  return new Map(spans.map((span) => [span.name, span]));
}
let spans: OtlpSpan[] = [];

suite('tracing: traced', () => {
  setup(() => {
    spans = [];
  });

  test('does the work and gives its result while nobody records', async () => {
    assert.equal(await traced('a', (span) => span.isRecording()), false);
    await assert.rejects(
      traced('a', () => Promise.reject(new RangeError('no'))),
      RangeError,
    );
  });

  test('children belong to the span that was active when they began, also side by side', async () => {
    const got = await recorded(() =>
      traced('root', async () => {
        const pause = () => new Promise((resolve) => setImmediate(resolve));
        await Promise.all(
          ['a', 'b'].map((name) =>
            traced(name, async () => {
              await pause();
              await traced(`${name}/child`, pause);
            }),
          ),
        );
      }),
    );
    const parentOf = (name: string) => got.get(name)?.parentSpanId;
    const idOf = (name: string) => got.get(name)?.spanId;
    assert.equal(parentOf('root'), '');
    assert.deepEqual([parentOf('a'), parentOf('b')], [idOf('root'), idOf('root')]);
    assert.deepEqual([parentOf('a/child'), parentOf('b/child')], [idOf('a'), idOf('b')]);
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  });

  test('an error is its kind and where it came from, and never what it says', async () => {
    class Refused extends Error {
      override readonly name = 'Refused';
      readonly code = 'UNAUTHORIZED';
    }
    const secret = 'glsa_hunter2\n    at nowhere (glsa_hunter2)';
    await recorded(() => traced('a', () => Promise.reject(new Refused(secret)))).catch(() => {});
    const [{ status, attributes, events } = assert.fail('no span')] = spans;
    assert.deepEqual(status, { code: 2, message: 'Refused UNAUTHORIZED' });
    assert.equal(attributes['error.type'], 'Refused UNAUTHORIZED');
    assert.equal(events[0]?.attributes['exception.type'], 'Refused UNAUTHORIZED');
    assert.match(String(events[0]?.attributes['exception.stacktrace']), /^ {4}at .*traced\.test\.ts/m);
    assert.ok(!JSON.stringify([status, attributes, events]).includes('hunter2'));
  });

  for (const [what, thrown] of [
    ['no error at all', 'hunter2'],
    ['an error that was given another message', Object.assign(new Error('x'), { message: 'hunter2' })],
    ['a name that is a sentence', Object.assign(new Error(''), { name: 'hunter2 is it' })],
    ['a code that is a sentence', Object.assign(new Error(''), { code: 'hunter2 is it' })],
    ['a stack that is somebody else’s', Object.assign(new Error('b'), { stack: 'hunter2' })],
  ] as const) {
    test(`${what} gives nothing away either`, async () => {
      await recorded(() => traced('a', () => Promise.reject(thrown))).catch(() => {});
      const [{ status, attributes, events } = assert.fail('no span')] = spans;
      assert.equal(status.code, 2);
      assert.ok(!JSON.stringify([status, attributes, events]).includes('hunter2'));
    });
  }

  test('a failure that does not end the work is recorded all the same', async () => {
    const got = await recorded(() => traced('a', (span) => recordFailure(span, new TypeError('x'))));
    assert.equal(got.get('a')?.status.message, 'TypeError');
  });

  test('nothing is recorded after the end', async () => {
    const recording = startRecording({});
    assert.equal(recording.stop(), undefined);
    assert.equal(trace.getTracer('x').startSpan('a').isRecording(), false);
  });
});
