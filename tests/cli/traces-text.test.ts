import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Span, summaryOf } from '#src/traces';
import { CountsLine } from '../../src/cli/traces-counts.ts';
import { listText, treeText } from '../../src/cli/traces-text.ts';
import { span, trace } from '../src/traces/traces.ts';

const noon = new Date(2026, 10, 22, 12, 0, 0).getTime();
const at = (ms: number) => BigInt(ms) * 1_000_000n;
const list = (...traces: Parameters<typeof trace>[]) =>
  listText(
    traces.map((spans) => summaryOf(trace(...spans))),
    { now: noon },
  );

suite('a list of traces', () => {
  test('is a table: today by its time, another day with its date', () => {
    const text = list(
      [span({ startNs: at(noon), durationNs: 12_345_678n })],
      [span({ startNs: at(noon - 86_400_000), operation: 'a/b', service: 'a' })],
    );
    assert.equal(
      text,
      [
        'TRACE     START             DURATION  SPANS  WHAT',
        '5b8efff7  12:00:00           12.3 ms      1  shop: buy',
        '5b8efff7  2026-11-21 12:00     10 us      1  a/b',
        '',
      ].join('\n'),
    );
  });

  test('has a column for errors where there are some', () => {
    const text = list([span({ startNs: at(noon), isError: true })], [span({ startNs: at(noon) })]);
    assert.equal(
      text,
      [
        'TRACE     START     DURATION  SPANS  ERRORS  WHAT',
        '5b8efff7  12:00:00     10 us      1       1  shop: buy',
        '5b8efff7  12:00:00     10 us      1          shop: buy',
        '',
      ].join('\n'),
    );
  });
});

suite('ids of traces in a list', () => {
  test('have as many digits as tell them apart', () => {
    const ids = ['0'.repeat(32), `${'0'.repeat(9)}1`.padEnd(32, '0'), 'f'.repeat(32)];
    const traces = ids.map((traceId) => summaryOf({ ...trace(span()), traceId }));
    const shown = listText(traces, { now: noon }).split('\n').slice(1, 4);
    assert.deepEqual(
      shown.map((line) => line.split(' ')[0]),
      ['0000000000', '0000000001', 'ffffffffff'],
    );
    const alike = traces.map((one) => ({ ...one, traceId: '1'.padStart(32, '0') }));
    assert.match(listText(alike, { now: noon }), /^TRACE {5}/);
  });
});

suite('a trace in a terminal', () => {
  test('is a tree with bars that say when, with errors and events', () => {
    const text = treeText(
      trace(
        span({
          spanId: 'a',
          startNs: at(noon),
          durationNs: 100_000_000n,
          service: 'tempo',
          operation: 'tempo/0: install event',
        }),
        span({
          ...{
            spanId: 'b',
            parentSpanId: 'a',
            service: 'tempo',
            operation: 'observe',
            attributes: { k: 'v' },
          },
          ...{ startNs: at(noon + 50), durationNs: 25_000_000n },
        }),
        span({
          ...{ spanId: 'c', parentSpanId: 'b', operation: 'GET', isError: true, statusMessage: 'HttpError' },
          ...{ startNs: at(noon + 60), durationNs: 1n, events: [{ timeNs: at(noon + 61), name: 'retry' }] },
        }),
      ),
    );
    assert.equal(
      text,
      [
        'Trace 5b8efff798038103d269b633813fc60c',
        '2026-11-22 12:00:00.000, 100 ms, 3 spans, 2 services, 1 error',
        '',
        '  tempo/0: install event                          100 ms |====================|',
        '    observe                                        25 ms |          =====     |',
        '      ! shop: GET                                   1 ns |            =       |',
        '        ! HttpError',
        '        * +1 ms retry',
        '',
      ].join('\n'),
    );
  });

  test('with attributes shows those too', () => {
    const text = treeText(trace(span({ attributes: { 'http.request.method': 'GET', two: 'a\nb' } })), {
      attributes: true,
    });
    assert.match(text, /\n {4}http\.request\.method=GET\n {4}two=a b\n$/);
  });

  test('of many events it shows the first', () => {
    const events = Array.from({ length: 20 }, (_, i) => ({ timeNs: BigInt(i), name: `e${i}` }));
    const text = treeText(trace(span({ events })));
    assert.match(text, /e7\n {4}\* \.\.\. and 12 more events\n$/);
  });

  test('no name makes a second line, and none a line that is wider than a terminal', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const any = fc.record({
      spanId: id,
      parentSpanId: fc.option(id, { nil: undefined }),
      operation: text,
      service: text,
      statusMessage: text,
      startNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      durationNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      isError: fc.boolean(),
      events: fc.array(fc.record({ timeNs: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), name: text }), {
        maxLength: 2,
      }),
      attributes: fc.dictionary(text, text, { maxKeys: 2 }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 8 }), (fields) => {
        const one = trace(...fields.map((field): Span => span(field)));
        const lines = treeText(one, { attributes: true }).split('\n');
        const attributes = one.spans.flatMap((each) => Object.keys(each.attributes));
        const events = one.spans.flatMap((each) => each.events);
        const messages = one.spans.filter(({ statusMessage }) => statusMessage !== '');
        const expected = 3 + one.spans.length + attributes.length + events.length + messages.length + 1;
        assert.equal(lines.length, expected);
        for (const line of [...lines, ...listText([summaryOf(one)], { now: noon }).split('\n')]) {
          assert.ok(line.length <= 80, line);
          assert.doesNotMatch(line, /[\p{Cc}]/u);
        }
      }),
    );
  });
});

suite('the counts of a server', () => {
  const counts = { spans: 10, traces: 2, services: 1, bytes: 69_632, taken: 0 };

  test('on a terminal are one line, with how many come in a second', () => {
    let written = '';
    let now = 0;
    const line = new CountsLine(
      { isTTY: true, columns: 80, write: (text) => (written = text) },
      1_000,
      () => now,
    );
    line.show(counts);
    assert.equal(written, '\r10 spans, 0/s, 2 traces, 1 service, 69.6 kB\x1b[K');
    now = 2_000;
    line.show({ ...counts, spans: 60_010, taken: 60_000 });
    assert.equal(written, '\r60010 spans, 30000/s, 2 traces, 1 service, 69.6 kB\x1b[K');
  });

  test('elsewhere are a line now and then, and none where there is no news', () => {
    const written: string[] = [];
    const line = new CountsLine({ write: (text) => written.push(text) }, 1_000, () => 0);
    line.show(counts);
    line.show(counts);
    line.show({ spans: 1, traces: undefined, services: undefined, bytes: undefined, taken: 1 });
    assert.deepEqual(written, ['10 spans, 0/s, 2 traces, 1 service, 69.6 kB\n', '1 span, 0/s\n']);
  });

  test('the last ones are shown at the end; those that can not be had are left out', async () => {
    const written: string[] = [];
    const line = new CountsLine({ write: (text) => written.push(text) }, 60_000, () => 0);
    let asked = 0;
    const stop = line.follow(async () => {
      asked += 1;
      return counts;
    });
    await stop();
    assert.equal(asked, 1);
    assert.equal(written.length, 1);
    await new CountsLine({ write: (text) => written.push(text) }, 60_000).follow(async () => assert.fail())();
    assert.equal(written.length, 1);
  });
});
