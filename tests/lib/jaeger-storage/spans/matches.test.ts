import assert from 'node:assert/strict';
import { create, toBinary } from '@bufbuild/protobuf';
import { TracesDataSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { matches } from '../../../../lib/jaeger-storage/spans/matches.ts';
import { readSpans } from '../../../../lib/jaeger-storage/spans/read-spans.ts';
import type { SpanRecord } from '../../../../lib/jaeger-storage/spans/span-record.ts';
import type { TraceQuery } from '../../../../lib/jaeger-storage/trace-store.ts';

const attribute = (key: string, value: string) => ({
  key,
  value: { value: { case: 'stringValue' as const, value } },
});

const data = create(TracesDataSchema, {
  resourceSpans: [
    {
      resource: { attributes: [attribute('service.name', 'shop')] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: new Uint8Array(16).fill(1),
              name: 'buy',
              startTimeUnixNano: 1_485_449_191_639_875_000n,
              endTimeUnixNano: 1_485_449_191_639_880_000n,
              attributes: [attribute('a', '1'), attribute('b', '2')],
            },
          ],
        },
      ],
    },
  ],
});
const [span] = readSpans({ format: 'otlp', bytes: toBinary(TracesDataSchema, data) }) as [SpanRecord];

const start = 1_485_449_191_639_875_000n;
const eq = (value: string): NonNullable<TraceQuery['filter']> => ({
  op: 'eq',
  left: { kind: 'attribute', level: 'span', key: 'a' },
  right: { kind: 'constant', type: 'string', value },
});

suite('whether a span matches a query', () => {
  for (const [what, query, expected] of [
    ['nothing is asked', {}, true],
    ['its service', { service: 'shop' }, true],
    ['another service', { service: 'Shop' }, false],
    ['an empty service', { service: '' }, false],
    ['its operation', { operation: 'buy' }, true],
    ['another operation', { operation: 'buy it' }, false],
    ['it starts at the bound', { startMin: start, startMax: start }, true],
    ['it starts a nanosecond before', { startMin: start + 1n }, false],
    ['it starts a nanosecond after', { startMax: start - 1n }, false],
    ['its duration is at the bound', { durationMin: 5000n, durationMax: 5000n }, true],
    ['it is shorter', { durationMin: 5001n }, false],
    ['it is longer', { durationMax: 4999n }, false],
    [
      'all attributes',
      {
        attributes: [
          { key: 'a', value: '1' },
          { key: 'b', value: '2' },
        ],
      },
      true,
    ],
    [
      'one attribute of two',
      {
        attributes: [
          { key: 'a', value: '1' },
          { key: 'b', value: '1' },
        ],
      },
      false,
    ],
    ['a filter that holds', { filter: eq('1') }, true],
    ['a filter that does not', { filter: eq('2') }, false],
    [
      'one of all that is asked does not hold',
      { service: 'shop', operation: 'buy', startMin: start + 1n },
      false,
    ],
  ] as const) {
    test(`${what}: ${expected ? 'yes' : 'no'}`, () =>
      assert.equal(matches(span, { ...query, limit: 1 }), expected));
  }
});
