import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { TracesDataSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { readSpans } from '../../../../lib/jaeger-storage/spans/read-spans.ts';
import { summarize, type TraceSummary } from '../../../../lib/jaeger-storage/spans/summary.ts';

interface Given {
  readonly service?: string;
  readonly id: number;
  readonly parent?: number;
  readonly name?: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly isError?: boolean;
}

const id = (value: number) => new Uint8Array(8).fill(value);

function summaryOf(spans: readonly Given[]): TraceSummary {
  const data = create(TracesDataSchema, {
    resourceSpans: spans.map(
      ({ service, id: spanId, parent = 0, name = '', start, end, isError = false }) => ({
        resource: {
          attributes:
            service === undefined
              ? []
              : [{ key: 'service.name', value: { value: { case: 'stringValue' as const, value: service } } }],
        },
        scopeSpans: [
          {
            spans: [
              {
                traceId: new Uint8Array(16).fill(1),
                spanId: id(spanId),
                parentSpanId: id(parent),
                name,
                startTimeUnixNano: start,
                endTimeUnixNano: end,
                status: { code: isError ? (2 as const) : (0 as const) },
              },
            ],
          },
        ],
      }),
    ),
  });
  return summarize(readSpans({ format: 'otlp', bytes: toBinary(TracesDataSchema, data) }));
}

suite('summary of a trace', () => {
  test('counts spans, errors and orphans, by service in order of names, and says the root', () => {
    // Given two services, a child that started before its root, and a span whose parent is missing
    const summary = summaryOf([
      { service: 'shop', id: 2, parent: 1, name: 'child', start: 5n, end: 90n, isError: true },
      { service: 'shop', id: 1, name: 'GET /', start: 10n, end: 50n },
      { service: 'bank', id: 3, parent: 9, name: 'pay', start: 20n, end: 30n },
    ]);
    // Then
    assert.deepEqual(summary, {
      traceId: summary.traceId,
      rootServiceName: 'shop',
      rootOperationName: 'GET /',
      minStartTimeUnixNano: 5n,
      maxEndTimeUnixNano: 90n,
      spanCount: 3,
      errorSpanCount: 1,
      orphanSpanCount: 1,
      services: [
        { name: 'bank', spanCount: 1, errorSpanCount: 0 },
        { name: 'shop', spanCount: 2, errorSpanCount: 1 },
      ],
    });
    assert.deepEqual([...summary.traceId], Array(16).fill(1));
  });

  test('of several spans without a parent the first to start is the root', () => {
    const summary = summaryOf([
      { service: 'b', id: 1, name: 'late', start: 7n, end: 8n },
      { service: 'a', id: 2, name: 'early', start: 6n, end: 7n },
      { service: 'c', id: 3, name: 'as early', start: 6n, end: 9n },
    ]);
    assert.equal(summary.rootServiceName, 'a');
    assert.equal(summary.rootOperationName, 'early');
  });

  test('a trace without a root, of a resource without a name', () => {
    const summary = summaryOf([{ id: 1, parent: 2, start: 2n ** 64n - 1n, end: 0n }]);
    assert.equal(summary.rootServiceName, '');
    assert.equal(summary.rootOperationName, '');
    assert.equal(summary.minStartTimeUnixNano, 2n ** 64n - 1n);
    assert.equal(summary.maxEndTimeUnixNano, 2n ** 64n - 1n);
    assert.deepEqual(summary.services, [{ name: '', spanCount: 1, errorSpanCount: 0 }]);
  });
});
