import assert from 'node:assert/strict';
import { create, equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { TraceStoreError } from '../../../../lib/jaeger-storage/errors.ts';
import type { ResourceSpans, ScopeSpans } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import {
  type Span,
  SpanSchema,
  type TracesData,
  TracesDataSchema,
} from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { SpansResponseChunkSchema } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { readSpans } from '../../../../lib/jaeger-storage/spans/read-spans.ts';
import { spanTerms } from '../../../../lib/jaeger-storage/spans/searchable.ts';
import type { SpanRecord } from '../../../../lib/jaeger-storage/spans/span-record.ts';
import type { EncodedSpans, SpanFormat } from '../../../../lib/jaeger-storage/trace-store.ts';
import { encodedChunks, encodedTraces, spansChunk, tracesData } from './arbitraries.ts';

const otlp = (message: TracesData): EncodedSpans => ({
  format: 'otlp',
  bytes: toBinary(TracesDataSchema, message),
});

function flat(data: TracesData): { resource: ResourceSpans; scope: ScopeSpans; span: Span }[] {
  return data.resourceSpans.flatMap((resource) =>
    resource.scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ resource, scope, span }))),
  );
}

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? new Uint8Array(8)).toString('hex');
const padded = (bytes: Uint8Array) => (bytes.length === 0 ? new Uint8Array(8) : bytes);

function oneSpan(init: Parameters<typeof create<typeof SpanSchema>>[1]): EncodedSpans {
  const span = create(SpanSchema, {
    traceId: new Uint8Array(16).fill(1),
    spanId: new Uint8Array(8).fill(2),
    ...init,
  });
  return otlp(create(TracesDataSchema, { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }));
}

/** The reasons for which spans were left out. */
function rejected(spans: EncodedSpans): { kept: number; reasons: string[] } {
  const reasons: string[] = [];
  const kept = readSpans(spans, (reason) => reasons.push(reason)).length;
  return { kept, reasons };
}

suite('spans read from their encoding', () => {
  test('OTLP: what is read is what the generated messages read', () => {
    fc.assert(
      fc.property(tracesData, (data) => {
        const records = readSpans(otlp(data));
        const expected = flat(data);
        assert.equal(records.length, expected.length);
        for (const [index, record] of records.entries()) {
          const { span, scope } = expected[index] as (typeof expected)[number];
          assert.equal(hex(record.traceId), hex(span.traceId));
          assert.equal(hex(record.spanId), hex(padded(span.spanId)));
          assert.equal(hex(record.parentSpanId), hex(padded(span.parentSpanId)));
          assert.equal(record.operation, span.name);
          assert.equal(
            record.kind,
            ['', 'internal', 'server', 'client', 'producer', 'consumer'][span.kind] ?? '',
          );
          assert.equal(record.startNs, span.startTimeUnixNano);
          const duration = span.endTimeUnixNano - span.startTimeUnixNano;
          assert.equal(record.durationNs, duration < 0n ? 0n : duration);
          assert.equal(record.status, ['unset', 'ok', 'error'][span.status?.code ?? 0] ?? 'unset');
          assert.equal(record.isError, span.status?.code === 2);
          assert.equal(record.scope.name, scope.scope?.name ?? '');
          assert.equal(record.scope.version, scope.scope?.version ?? '');
          const keys = [span, ...span.events, ...span.links].flatMap(({ attributes }) =>
            attributes.map(({ key }) => key),
          );
          assert.deepEqual(record.attributes.map(({ key }) => key).sort(), keys.sort());
          assert.ok(equals(SpanSchema, fromBinary(SpanSchema, record.bytes), span));
        }
      }),
    );
  });

  test('Jaeger: what is read is what the generated messages read', () => {
    fc.assert(
      fc.property(spansChunk, (chunk) => {
        const records = readSpans({ format: 'jaeger', bytes: toBinary(SpansResponseChunkSchema, chunk) });
        assert.equal(records.length, chunk.spans.length);
        for (const [index, record] of records.entries()) {
          const span = chunk.spans[index] as (typeof chunk.spans)[number];
          assert.equal(hex(record.traceId), hex(span.traceId));
          assert.equal(hex(record.spanId), hex(span.spanId));
          assert.equal(record.operation, span.operationName);
          assert.equal(record.resource.service, span.process?.serviceName);
          const start = span.startTime;
          assert.equal(record.startNs, (start?.seconds ?? 0n) * 1_000_000_000n + BigInt(start?.nanos ?? 0));
          const duration = span.duration;
          assert.equal(
            record.durationNs,
            (duration?.seconds ?? 0n) * 1_000_000_000n + BigInt(duration?.nanos ?? 0),
          );
          assert.equal(record.isFirehose, (span.flags & 8) !== 0);
          const keys = [...span.tags, ...span.logs.flatMap(({ fields }) => fields)].map(({ key }) => key);
          assert.deepEqual(
            record.attributes.map(({ key }) => key),
            keys,
          );
          assert.deepEqual(
            record.resource.attributes.map(({ key }) => key),
            span.process?.tags.map(({ key }) => key),
          );
        }
      }),
    );
  });

  test('spans of one sender share its record, and of one scope that of the scope', () => {
    const spans = [1, 2].map((id) => ({
      traceId: new Uint8Array(16).fill(9),
      spanId: new Uint8Array(8).fill(id),
    }));
    const records = readSpans(
      otlp(create(TracesDataSchema, { resourceSpans: [{ scopeSpans: [{ spans }, { spans }] }] })),
    );
    assert.equal(new Set(records.map(({ resource }) => resource)).size, 1);
    assert.equal(new Set(records.map(({ scope }) => scope)).size, 2);
    const process = { serviceName: 'a', tags: [{ key: 'k' }] };
    const chunk = create(SpansResponseChunkSchema, { spans: spans.map((span) => ({ ...span, process })) });
    const jaeger = readSpans({ format: 'jaeger', bytes: toBinary(SpansResponseChunkSchema, chunk) });
    assert.equal(new Set(jaeger.map(({ resource }) => resource)).size, 1);
  });

  test('whatever the bytes, they are read or refused as INVALID', () => {
    const formats = fc.constantFrom<SpanFormat>('otlp', 'jaeger');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), formats, (bytes, format) =>
        readsOrRefuses(bytes, format),
      ),
      { numRuns: 1000 },
    );
  });

  test('what was damaged on its way is read or refused as INVALID, and what is kept can be decoded', () => {
    const damaged = fc
      .tuple(
        fc.oneof(
          encodedTraces.map((bytes) => ({ bytes, format: 'otlp' as const })),
          encodedChunks.map((bytes) => ({ bytes, format: 'jaeger' as const })),
        ),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(), { nil: undefined }),
      )
      .filter(([{ bytes }]) => bytes.length > 0)
      .map(([{ bytes, format }, changes, cut]) => {
        const copy = bytes.slice(0, cut === undefined ? bytes.length : cut % bytes.length);
        for (const [at, byte] of changes) if (copy.length > 0) copy[at % copy.length] = byte;
        return { bytes: copy, format };
      });
    fc.assert(
      fc.property(damaged, ({ bytes, format }) => readsOrRefuses(bytes, format)),
      { numRuns: 1000 },
    );
  });

  function readsOrRefuses(bytes: Uint8Array<ArrayBuffer>, format: SpanFormat): void {
    let records: SpanRecord[];
    try {
      records = readSpans({ format, bytes });
    } catch (error) {
      assert.ok(error instanceof TraceStoreError && error.code === 'INVALID', String(error));
      return;
    }
    for (const record of records) {
      assert.equal(record.traceId.length, 16);
      assert.equal(record.spanId.length, 8);
      assert.ok(record.durationNs >= 0n);
      assert.ok(spanTerms(record).length >= 5);
    }
    const schema = format === 'otlp' ? TracesDataSchema : SpansResponseChunkSchema;
    // Text that is no UTF-8 is all that the strict decoder may have against it.
    if (records.length > 0) {
      try {
        fromBinary(schema, bytes);
      } catch (error) {
        assert.match(String(error), /UTF-8|utf-8/);
      }
    }
  }

  test('spans without a proper trace id are left out, and told of', () => {
    const trouble = (traceId: Uint8Array) => rejected(oneSpan({ traceId }));
    assert.deepEqual(trouble(new Uint8Array(0)), { kept: 0, reasons: ['a span has no trace id'] });
    assert.deepEqual(trouble(new Uint8Array(16)), { kept: 0, reasons: ['a trace id is all zero'] });
    assert.deepEqual(trouble(new Uint8Array(5).fill(1)), {
      kept: 0,
      reasons: ['a trace id has 5 bytes, not 16'],
    });
    assert.deepEqual(rejected(oneSpan({ spanId: new Uint8Array(3) })).reasons, [
      'a span id has 3 bytes, not 8',
    ]);
    assert.deepEqual(rejected(oneSpan({ links: [{ traceId: new Uint8Array(3) }] })).reasons, [
      "a link's trace id has 3 bytes, not 16",
    ]);
  });

  test('a trace id of eight bytes is the lower half, in the bytes too, as OpenTelemetry reads no other', () => {
    const [record] = readSpans(oneSpan({ traceId: new Uint8Array(8).fill(7), name: 'kept' }));
    assert.equal(hex(record?.traceId), '00000000000000000707070707070707');
    const decoded = fromBinary(SpanSchema, record?.bytes as Uint8Array);
    assert.equal(hex(decoded.traceId), '00000000000000000707070707070707');
    assert.equal(decoded.name, 'kept');
  });

  test('a missing span id is zero; absurd times, unknown kinds and empty names are taken as they are', () => {
    const max = 2n ** 64n - 1n;
    const [record] = readSpans(
      oneSpan({ spanId: new Uint8Array(0), kind: 77 as never, startTimeUnixNano: max, endTimeUnixNano: 0n }),
    );
    assert.equal(hex(record?.spanId), '0000000000000000');
    assert.equal(record?.kind, '');
    assert.equal(record?.operation, '');
    assert.equal(record?.startNs, max);
    assert.equal(record?.durationNs, 0n);
  });

  test('a Jaeger span without a process gets an empty one', () => {
    const chunk = create(SpansResponseChunkSchema, { spans: [{ traceId: new Uint8Array(16).fill(1) }] });
    const [record] = readSpans({ format: 'jaeger', bytes: toBinary(SpansResponseChunkSchema, chunk) });
    assert.equal(record?.resource.service, '');
    assert.equal(hex(record?.resource.bytes), '5200');
  });

  test('a Jaeger span with a time that Go refuses is left out', () => {
    const good = { traceId: new Uint8Array(16).fill(1) };
    for (const bad of [
      { startTime: { seconds: 253_402_300_800n } },
      { startTime: { nanos: -1 } },
      { duration: { seconds: 9_300_000_000n } },
      { duration: { seconds: 1n, nanos: -1 } },
      { logs: [{ timestamp: { seconds: -62_135_596_801n } }] },
      { references: [{ traceId: new Uint8Array(4).fill(1) }] },
    ]) {
      const chunk = create(SpansResponseChunkSchema, { spans: [good, { ...good, ...bad }] });
      const { kept, reasons } = rejected({
        format: 'jaeger',
        bytes: toBinary(SpansResponseChunkSchema, chunk),
      });
      assert.equal(kept, 1);
      assert.equal(reasons.length, 1, JSON.stringify(reasons));
    }
  });

  /** A field of a message, encoded. */
  const bytesField = (number: number, value: Uint8Array) =>
    Buffer.concat([Uint8Array.of((number << 3) | 2, value.length), value]);

  test('an id that is there twice is there once, with the length that readers in Go insist on', () => {
    for (const format of ['otlp', 'jaeger'] as const) {
      // Given ids of wrong lengths before those that count
      const span = Buffer.concat([
        bytesField(1, new Uint8Array(3)),
        bytesField(2, new Uint8Array(3)),
        bytesField(1, new Uint8Array(16).fill(1)),
        bytesField(2, new Uint8Array(8).fill(2)),
      ]);
      const chunk = wrapped(new Uint8Array(span), format === 'otlp' ? 2 : 1);
      const bytes = format === 'otlp' ? wrapped(wrapped(chunk, 2), 1) : chunk;
      // When
      const [record] = readSpans({ format, bytes });
      // Then no other is left
      assert.equal(hex(record?.traceId), '01'.repeat(16));
      assert.equal(record?.bytes.length, 2 + 16 + 2 + 8);
    }
    const reference = Buffer.concat([bytesField(2, new Uint8Array(3)), bytesField(2, new Uint8Array(8))]);
    const span = Buffer.concat([bytesField(1, new Uint8Array(16).fill(1)), bytesField(4, reference)]);
    assert.deepEqual(rejected({ format: 'jaeger', bytes: wrapped(new Uint8Array(span), 1) }).reasons, [
      "a reference's span id has 3 bytes, not 8",
    ]);
  });

  test('of two start times or durations the last counts, and neither may be bad, as for Go', () => {
    const seconds = (value: number) => Uint8Array.of(0x08, value);
    const nanos = (value: number) => Uint8Array.of(0x10, value);
    const bad = Uint8Array.of(0x10, 0x80, 0x80, 0x80, 0x80, 0x7f);
    const spans = (first: Uint8Array, second: Uint8Array) => {
      const span = Buffer.concat([
        bytesField(1, new Uint8Array(16).fill(1)),
        bytesField(6, first),
        bytesField(6, second),
        bytesField(7, first),
        bytesField(7, second),
      ]);
      return { format: 'jaeger' as const, bytes: wrapped(new Uint8Array(span), 1) };
    };
    const [record] = readSpans(spans(seconds(1), nanos(2)));
    assert.equal(record?.startNs, 2n);
    assert.equal(record?.durationNs, 2n);
    assert.equal(rejected(spans(bad, nanos(2))).kept, 0);
  });

  test('the parent is the first CHILD_OF of the same trace, or else the first FOLLOWS_FROM', () => {
    const own = new Uint8Array(16).fill(1);
    const parentOf = (references: { traceId: Uint8Array; spanId: Uint8Array; refType: number }[]) => {
      const chunk = create(SpansResponseChunkSchema, { spans: [{ traceId: own, references }] } as never);
      const [record] = readSpans({ format: 'jaeger', bytes: toBinary(SpansResponseChunkSchema, chunk) });
      return record?.parentSpanId?.[0];
    };
    const to = (traceId: Uint8Array, id: number, refType: number) => ({
      traceId,
      spanId: new Uint8Array(8).fill(id),
      refType,
    });
    const other = new Uint8Array(16).fill(2);
    assert.equal(parentOf([to(other, 1, 0), to(own, 2, 1), to(own, 3, 0), to(own, 4, 0)]), 3);
    assert.equal(parentOf([to(other, 1, 0), to(own, 2, 1), to(own, 3, 1)]), 2);
    assert.equal(parentOf([to(other, 1, 0)]), undefined);
    assert.equal(parentOf([to(own, 0, 0), to(own, 2, 1)]), undefined);
  });

  test('messages in each other without end are refused', () => {
    let value = new Uint8Array(0);
    for (let depth = 0; depth < 200; depth++) value = wrapped(wrapped(value, 1), 5);
    const attribute = wrapped(value, 2);
    const bytes = wrapped(wrapped(wrapped(wrapped(attribute, 9), 2), 2), 1);
    assert.throws(() => readSpans({ format: 'otlp', bytes }), { code: 'INVALID' });
    const groups = new Uint8Array(100_000).fill((3 << 3) | 3);
    assert.throws(() => readSpans({ format: 'otlp', bytes: groups }), { code: 'INVALID' });
  });

  function wrapped(message: Uint8Array<ArrayBuffer>, field: number): Uint8Array<ArrayBuffer> {
    const length = message.length;
    const head = length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
    return new Uint8Array(Buffer.concat([Uint8Array.of((field << 3) | 2, ...head), message]));
  }

  test('fields that nobody knows, groups among them, stay where they are', () => {
    const unknown = Uint8Array.of(0xa3, 0x06, 0x08, 0x01, 0xa4, 0x06, 0xa8, 0x06, 0x05);
    const span = Buffer.concat([
      unknown,
      toBinary(SpanSchema, create(SpanSchema, { traceId: new Uint8Array(16).fill(1), name: 'kept' })),
    ]);
    const bytes = wrapped(wrapped(wrapped(new Uint8Array(span), 2), 2), 1);
    const [record] = readSpans({ format: 'otlp', bytes });
    assert.equal(record?.operation, 'kept');
    assert.deepEqual(Buffer.from(record?.bytes ?? []).subarray(0, unknown.length), Buffer.from(unknown));
  });
});
