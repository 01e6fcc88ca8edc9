import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import type { TracesData } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { TracesDataSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import type { SpansResponseChunk } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { SpansResponseChunkSchema } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.oneof(
  fc.constantFrom('', 'a', 'error', 'span.kind', 'service.name', 'http.status_code'),
  fc.string({ unit: 'binary', maxLength: 60 }),
);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 1000n }));
const count = fc.nat({ max: 2 ** 32 - 1 });
const traceId = bytes(16).filter((id) => id.some((byte) => byte !== 0));
const spanId = fc.oneof(bytes(8), fc.constant(new Uint8Array(8)), fc.constant(new Uint8Array(0)));

const { value: anyValue } = fc.letrec<{ value: { value: unknown } }>((tie) => ({
  value: fc.record({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant({ case: undefined }),
      fc.record({ case: fc.constant('stringValue'), value: text }),
      fc.record({ case: fc.constant('boolValue'), value: fc.boolean() }),
      fc.record({ case: fc.constant('intValue'), value: int64 }),
      fc.record({ case: fc.constant('doubleValue'), value: fc.double() }),
      fc.record({ case: fc.constant('bytesValue'), value: fc.uint8Array({ maxLength: 20 }) }),
      fc.record({
        case: fc.constant('arrayValue'),
        value: fc.record({ values: fc.array(tie('value'), { maxLength: 3 }) }),
      }),
      fc.record({
        case: fc.constant('kvlistValue'),
        value: fc.record({
          values: fc.array(fc.record({ key: text, value: tie('value') }), { maxLength: 3 }),
        }),
      }),
    ),
  }),
}));
const attributes = fc.array(fc.record({ key: text, value: fc.option(anyValue, { nil: undefined }) }), {
  maxLength: 4,
});

const otlpSpan = fc.record({
  traceId,
  spanId,
  traceState: text,
  parentSpanId: spanId,
  name: text,
  kind: fc.nat({ max: 7 }),
  startTimeUnixNano: uint64,
  endTimeUnixNano: uint64,
  attributes,
  droppedAttributesCount: count,
  events: fc.array(
    fc.record({ timeUnixNano: uint64, name: text, attributes, droppedAttributesCount: count }),
    {
      maxLength: 2,
    },
  ),
  droppedEventsCount: count,
  links: fc.array(
    fc.record({
      traceId: fc.oneof(bytes(16), fc.constant(new Uint8Array(0))),
      spanId,
      traceState: text,
      attributes,
      droppedAttributesCount: count,
      flags: count,
    }),
    { maxLength: 2 },
  ),
  droppedLinksCount: count,
  status: fc.option(fc.record({ message: text, code: fc.nat({ max: 3 }) }), { nil: undefined }),
  flags: count,
});

/** All that OTLP can say, in spans that can be kept. */
export const tracesData: fc.Arbitrary<TracesData> = fc
  .record({
    resourceSpans: fc.array(
      fc.record({
        resource: fc.option(fc.record({ attributes, droppedAttributesCount: count }), { nil: undefined }),
        schemaUrl: text,
        scopeSpans: fc.array(
          fc.record({
            scope: fc.option(
              fc.record({ name: text, version: text, attributes, droppedAttributesCount: count }),
              {
                nil: undefined,
              },
            ),
            schemaUrl: text,
            spans: fc.array(otlpSpan, { maxLength: 3 }),
          }),
          { maxLength: 3 },
        ),
      }),
      { maxLength: 3 },
    ),
  })
  .map((init) => create(TracesDataSchema, init as never));

const tags = fc.array(
  fc.record({
    key: text,
    vType: fc.nat({ max: 5 }),
    vStr: text,
    vBool: fc.boolean(),
    vInt64: int64,
    vFloat64: fc.double(),
    vBinary: fc.uint8Array({ maxLength: 20 }),
  }),
  { maxLength: 4 },
);
const nanos = fc.nat({ max: 999_999_999 });
const timestamp = fc.record({ seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }), nanos });
const duration = fc.record({ seconds: fc.bigInt({ min: 0n, max: 9_000_000_000n }), nanos });
const process = fc.record({ serviceName: text, tags });

/** All that Jaeger's own model can say, in spans that can be kept. */
export const spansChunk: fc.Arbitrary<SpansResponseChunk> = fc
  .array(process, { minLength: 1, maxLength: 2 })
  .chain((processes) =>
    fc.record({
      spans: fc.array(
        fc.record({
          traceId,
          spanId: bytes(8),
          operationName: text,
          references: fc.array(
            fc.record({ traceId: bytes(16), spanId: bytes(8), refType: fc.nat({ max: 2 }) }),
            { maxLength: 3 },
          ),
          flags: count,
          startTime: fc.option(timestamp, { nil: undefined }),
          duration: fc.option(duration, { nil: undefined }),
          tags,
          logs: fc.array(fc.record({ timestamp, fields: tags }), { maxLength: 2 }),
          process: fc.constantFrom(...processes),
          processId: text,
          warnings: fc.array(text, { maxLength: 2 }),
        }),
        { maxLength: 4 },
      ),
    }),
  )
  .map((init) => create(SpansResponseChunkSchema, init as never));

export const encodedTraces = tracesData.map((message) => toBinary(TracesDataSchema, message));
export const encodedChunks = spansChunk.map((message) => toBinary(SpansResponseChunkSchema, message));
