import assert from 'node:assert/strict';
import fc from 'fast-check';
import { flattened, type Span, summaryOf, treeOf } from '#src/traces';
import { span, trace } from './traces.ts';

const shape = (...spans: Span[]) =>
  [...flattened(treeOf(trace(...spans)))].map(({ span, depth }) => `${' '.repeat(depth)}${span.operation}`);

suite('a trace as a tree', () => {
  test('children stand below their parents, by start', () => {
    assert.deepEqual(
      shape(
        span({ spanId: 'a', operation: 'root' }),
        span({ spanId: 'b', parentSpanId: 'a', operation: 'first', at: 1 }),
        span({ spanId: 'c', parentSpanId: 'a', operation: 'second', at: 2 }),
        span({ spanId: 'd', parentSpanId: 'b', operation: 'within', at: 3 }),
      ),
      ['root', ' first', '  within', ' second'],
    );
  });

  test('a span whose parent has not come is a root', () => {
    assert.deepEqual(shape(span({ spanId: 'b', parentSpanId: 'gone', operation: 'orphan' })), ['orphan']);
  });

  test('spans that call each other in a circle are all there, and a span that calls itself', () => {
    const shown = shape(
      span({ spanId: 'a', parentSpanId: 'b', operation: 'one' }),
      span({ spanId: 'b', parentSpanId: 'a', operation: 'two' }),
      span({ spanId: 'c', parentSpanId: 'c', operation: 'three' }),
    );
    assert.deepEqual(shown.map((line) => line.trim()).toSorted(), ['one', 'three', 'two']);
  });

  test('of two spans with one id, a child belongs to that which was running', () => {
    assert.deepEqual(
      shape(
        span({ spanId: 'a', operation: 'early', at: 0, took: 5 }),
        span({ spanId: 'a', operation: 'late', at: 10, took: 5 }),
        span({ spanId: 'b', parentSpanId: 'a', operation: 'child', at: 12, took: 1 }),
      ),
      ['early', 'late', ' child'],
    );
  });

  test('a trace may be as deep as it has spans', () => {
    const chain = Array.from({ length: 3_000 }, (_, i) =>
      span({ spanId: String(i), ...(i > 0 && { parentSpanId: String(i - 1) }), at: i, took: 1 }),
    );
    assert.equal([...flattened(treeOf(trace(...chain)))].at(-1)?.depth, 2_999);
  });

  test('whatever ids there are, each span is shown once', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd');
    const any = fc.record({ spanId: id, parentSpanId: fc.option(id, { nil: undefined }), at: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 12 }), (fields) => {
        const spans = fields.map((one) => span(one));
        const shown = [...flattened(treeOf(trace(...spans)))].map((one) => one.span);
        assert.equal(shown.length, spans.length);
        assert.deepEqual(new Set(shown), new Set(spans));
      }),
    );
  });
});

suite('a trace in one line', () => {
  test('it is from the first start to the last end, named by its root', () => {
    const summary = summaryOf(
      trace(
        span({ spanId: 'b', parentSpanId: 'gone', operation: 'early', service: 'proxy', at: 5, took: 1 }),
        span({ spanId: 'a', operation: 'late', at: 6, took: 20, isError: true }),
      ),
    );
    assert.deepEqual(summary, {
      traceId: '5b8efff798038103d269b633813fc60c',
      service: 'proxy',
      operation: 'early',
      startNs: 5_000n,
      durationNs: 21_000n,
      spans: 2,
      errors: 1,
      services: ['proxy', 'shop'],
    });
  });
});
