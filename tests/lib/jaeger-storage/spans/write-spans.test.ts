import assert from 'node:assert/strict';
import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ScopeSpansSchema, TracesDataSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { SpansResponseChunkSchema } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { readSpans } from '../../../../lib/jaeger-storage/spans/read-spans.ts';
import { countSpans, encodeTrace, splitBySize } from '../../../../lib/jaeger-storage/spans/write-spans.ts';
import type { EncodedSpans } from '../../../../lib/jaeger-storage/trace-store.ts';
import { encodedChunks, encodedTraces, spansChunk, tracesData } from './arbitraries.ts';

/** Reads, keeps what a store keeps, and puts it together again. */
function kept(spans: EncodedSpans): EncodedSpans[] {
  return encodeTrace(
    readSpans(spans).map(({ format, resource, scope, bytes }) => ({
      format,
      resource: resource.bytes,
      scope: scope.bytes,
      bytes,
    })),
  );
}

/** Each span alone in its ResourceSpans and ScopeSpans. */
function alone(bytes: readonly Uint8Array[]) {
  return bytes.flatMap((one) =>
    fromBinary(TracesDataSchema, one).resourceSpans.flatMap(({ resource, schemaUrl, scopeSpans }) =>
      scopeSpans.flatMap((scope) =>
        scope.spans.map((span) =>
          create(TracesDataSchema, {
            resourceSpans: [
              {
                ...(resource === undefined ? {} : { resource }),
                schemaUrl,
                scopeSpans: [create(ScopeSpansSchema, { ...scope, spans: [span] })],
              },
            ],
          }),
        ),
      ),
    ),
  );
}

const anySpans: fc.Arbitrary<EncodedSpans> = fc.oneof(
  encodedTraces.map((bytes) => ({ format: 'otlp' as const, bytes })),
  encodedChunks.map((bytes) => ({ format: 'jaeger' as const, bytes })),
);

/** As bytes: for protobuf-es's `equals` NaN is not NaN. */
function assertSame<S extends DescMessage>(schema: S, one: MessageShape<S>, other: MessageShape<S>): void {
  assert.ok(Buffer.from(toBinary(schema, one)).equals(toBinary(schema, other)));
}

suite('spans put together again', () => {
  test('OTLP: every span has its resource, scope, schema URLs and content again', () => {
    fc.assert(
      fc.property(tracesData, (data) => {
        const bytes = toBinary(TracesDataSchema, data);
        const before = alone([bytes]);
        const after = alone(kept({ format: 'otlp', bytes }).map((one) => one.bytes));
        assert.equal(after.length, before.length);
        for (const [index, one] of after.entries()) {
          assertSame(TracesDataSchema, one, before[index] as (typeof before)[number]);
        }
      }),
    );
  });

  test('Jaeger: every span has its process and content again', () => {
    fc.assert(
      fc.property(spansChunk, (chunk) => {
        const encoded = kept({ format: 'jaeger', bytes: toBinary(SpansResponseChunkSchema, chunk) });
        const spans = encoded.flatMap(({ bytes }) => fromBinary(SpansResponseChunkSchema, bytes).spans);
        assertSame(SpansResponseChunkSchema, create(SpansResponseChunkSchema, { spans }), chunk);
      }),
    );
  });

  test('what Go writes comes back as the same bytes', () => {
    // Given spans with their fields in order, and one group per resource and scope
    const span = (id: number) => ({
      traceId: new Uint8Array(16).fill(1),
      spanId: new Uint8Array(8).fill(id),
      name: 'a',
    });
    const resource = {
      attributes: [{ key: 'service.name', value: { value: { case: 'stringValue', value: 'a' } } }],
    };
    const scopeSpans = [{ scope: { name: 'one' }, spans: [span(1), span(2)] }, { spans: [span(3)] }];
    const init = { resourceSpans: [{ resource, scopeSpans }, { scopeSpans }] };
    const bytes = toBinary(TracesDataSchema, create(TracesDataSchema, init as never));
    // Then
    assert.deepEqual(kept({ format: 'otlp', bytes }), [{ format: 'otlp', bytes }]);
  });

  test('formats do not mix', () => {
    const stored = { resource: new Uint8Array(0), scope: new Uint8Array(0), bytes: Uint8Array.of(1) };
    const encoded = encodeTrace([
      { format: 'otlp', ...stored },
      { format: 'jaeger', ...stored },
      { format: 'jaeger', ...stored },
      { format: 'otlp', ...stored },
    ]);
    assert.deepEqual(
      encoded.map((one) => [one.format, countSpans(one)]),
      [
        ['otlp', 1],
        ['jaeger', 2],
        ['otlp', 1],
      ],
    );
  });

  test('cut into parts, they are the same spans in parts that are small enough', () => {
    const limits = fc.record({
      maxBytes: fc.integer({ min: 1, max: 3000 }),
      maxSpans: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(anySpans, limits, (spans, { maxBytes, maxSpans }) => {
        const parts = [...splitBySize(spans, maxBytes, maxSpans)];
        for (const part of parts) {
          const count = countSpans(part);
          assert.equal(part.format, spans.format);
          assert.ok(count >= 1 && count <= maxSpans);
          assert.ok(count === 1 || part.bytes.length <= maxBytes);
        }
        const content = (all: readonly EncodedSpans[]) =>
          all.flatMap(readSpansOf).map(({ bytes, resource, scope }) => [bytes, resource.bytes, scope.bytes]);
        assert.deepEqual(content(parts), content([spans]));
      }),
    );
  });

  const readSpansOf = (spans: EncodedSpans) => readSpans(spans);

  test('one that is larger than a part stands alone', () => {
    const span = { traceId: new Uint8Array(16).fill(1), operationName: 'x'.repeat(1000) };
    const bytes = toBinary(
      SpansResponseChunkSchema,
      create(SpansResponseChunkSchema, { spans: [span, span, span] }),
    );
    assert.equal([...splitBySize({ format: 'jaeger', bytes }, 500, 1000)].length, 3);
    assert.deepEqual([...splitBySize({ format: 'jaeger', bytes: new Uint8Array(0) }, 500, 1000)], []);
  });
});
