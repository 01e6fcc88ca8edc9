import assert from 'node:assert/strict';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import {
  type ResourceSpansSchema,
  TracesDataSchema,
} from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { SpansResponseChunkSchema } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { canonicalAttribute } from '../../../../lib/jaeger-storage/spans/pseudo-attributes.ts';
import { readSpans } from '../../../../lib/jaeger-storage/spans/read-spans.ts';
import {
  hasAttribute,
  ownTerms,
  resourceTerms,
  scopeTerms,
  searchableAttributes,
  spanTerms,
} from '../../../../lib/jaeger-storage/spans/searchable.ts';
import type { SpanRecord } from '../../../../lib/jaeger-storage/spans/span-record.ts';
import { encodedChunks, encodedTraces } from './arbitraries.ts';

const anyRecord: fc.Arbitrary<SpanRecord> = fc
  .oneof(
    encodedTraces.map((bytes) => readSpans({ format: 'otlp', bytes })),
    encodedChunks.map((bytes) => readSpans({ format: 'jaeger', bytes })),
  )
  .filter((records) => records.length > 0)
  .map((records) => records[0] as SpanRecord);

const attribute = (key: string, value: string) => ({
  key,
  value: { value: { case: 'stringValue' as const, value } },
});

function otlpRecord(resourceSpans: MessageInitShape<typeof ResourceSpansSchema>): SpanRecord {
  const bytes = toBinary(TracesDataSchema, create(TracesDataSchema, { resourceSpans: [resourceSpans] }));
  return readSpans({ format: 'otlp', bytes })[0] as SpanRecord;
}

const traceId = new Uint8Array(16).fill(1);

/** One attribute at each level, and the same key with other values. */
const everywhere = () =>
  otlpRecord({
    resource: { attributes: [attribute('service.name', 'shop'), attribute('where', 'resource')] },
    scopeSpans: [
      {
        scope: { name: 'lib', version: '1.2', attributes: [attribute('where', 'scope')] },
        spans: [
          {
            traceId,
            kind: 2,
            attributes: [attribute('where', 'span'), attribute('where', 'span again')],
            events: [{ attributes: [attribute('where', 'event')] }],
            links: [{ traceId, attributes: [attribute('where', 'link')] }],
            status: { code: 2 },
          },
        ],
      },
    ],
  });

suite('attributes by which queries find spans', () => {
  test('terms are exactly what a query finds', () => {
    const words = fc.constantFrom(
      '',
      'a',
      'error',
      'true',
      'false',
      'span.kind',
      'server',
      'service.name',
      'NaN',
      '0',
    );
    fc.assert(
      fc.property(anyRecord, fc.array(fc.tuple(words, words)), (record, others) => {
        const terms = spanTerms(record);
        const known = new Set(terms.map((term) => JSON.stringify(term)));
        for (const [key, value] of terms) assert.ok(hasAttribute(record, { key, value }), `${key}=${value}`);
        for (const [key, value] of others) {
          const canonical = canonicalAttribute({ key, value });
          const isKnown = known.has(JSON.stringify([canonical.key, canonical.value]));
          assert.equal(hasAttribute(record, { key, value }), isKnown, `${key}=${value}`);
        }
      }),
    );
  });

  test('terms are those of span, scope and resource', () => {
    const record = everywhere();
    assert.deepEqual(spanTerms(record), [
      ...ownTerms(record),
      ...scopeTerms(record.scope),
      ...resourceTerms(record.resource),
    ]);
  });

  test('attributes of every level are found, and any of several with one name', () => {
    const record = everywhere();
    const levels = ['span', 'span again', 'event', 'link', 'scope', 'resource'];
    assert.deepEqual(
      [...searchableAttributes(record)].map(({ value }) => value.value),
      levels,
    );
    for (const value of levels) assert.ok(hasAttribute(record, { key: 'where', value }), value);
    assert.ok(!hasAttribute(record, { key: 'where', value: 'Span' }));
    assert.ok(!hasAttribute(record, { key: 'Where', value: 'span' }));
  });

  test('resource. limits a name to the resource', () => {
    const record = everywhere();
    assert.ok(hasAttribute(record, { key: 'resource.where', value: 'resource' }));
    assert.ok(!hasAttribute(record, { key: 'resource.where', value: 'span' }));
    assert.ok(hasAttribute(record, { key: 'resource.service.name', value: 'shop' }));
    assert.ok(hasAttribute(record, { key: 'service.name', value: 'shop' }));
  });

  test('a service that was not named is not found by the name that Jaeger gives it', () => {
    const record = otlpRecord({ scopeSpans: [{ spans: [{ traceId }] }] });
    assert.equal(record.resource.service, 'OTLPResourceNoServiceName');
    assert.ok(!hasAttribute(record, { key: 'service.name', value: 'OTLPResourceNoServiceName' }));
  });

  for (const [key, found, not] of [
    ['error', ['true', '1', 'T'], ['false', '0', 'yes']],
    ['span.status', ['error', 'ERROR'], ['ok', 'unset']],
    ['span.kind', ['server', 'SERVER', 'Server'], ['client', 'unspecified', '']],
    ['scope.name', ['lib'], ['Lib', '']],
    ['scope.version', ['1.2'], ['1']],
  ] as const) {
    test(`${key} is found like an attribute`, () => {
      const record = everywhere();
      for (const value of found) assert.ok(hasAttribute(record, { key, value }), value);
      for (const value of not) assert.ok(!hasAttribute(record, { key, value }), value);
    });
  }

  test('every span without an error has error=false, be its status ok or unset', () => {
    for (const code of [0, 1] as const) {
      const record = otlpRecord({ scopeSpans: [{ spans: [{ traceId, status: { code } }] }] });
      assert.ok(hasAttribute(record, { key: 'error', value: 'false' }));
      assert.ok(!hasAttribute(record, { key: 'error', value: 'true' }));
    }
  });

  test('in Jaeger’s model error and span.kind are found as the tags that they are, and mean what they mean', () => {
    const chunk = create(SpansResponseChunkSchema, {
      spans: [
        {
          traceId,
          tags: [
            { key: 'error', vStr: 'out of stock' },
            { key: 'span.kind', vStr: 'client' },
            { key: 'otel.status_code', vStr: 'ERROR' },
          ],
        },
      ],
    } as never);
    const bytes = toBinary(SpansResponseChunkSchema, chunk);
    const record = readSpans({ format: 'jaeger', bytes })[0] as SpanRecord;
    for (const [key, value] of [
      ['error', 'out of stock'],
      ['error', 'true'],
      ['span.kind', 'client'],
      ['span.status', 'error'],
    ] as const) {
      assert.ok(hasAttribute(record, { key, value }), `${key}=${value}`);
    }
  });
});
