import assert from 'node:assert/strict';
import {
  create,
  type DescMessage,
  equals,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import fc from 'fast-check';
import { toJaeger } from '../../../../lib/jaeger-storage/convert/to-jaeger.ts';
import { toOtlp } from '../../../../lib/jaeger-storage/convert/to-otlp.ts';
import type {
  Span as JaegerSpan,
  SpanSchema as JaegerSpanSchema,
} from '../../../../lib/jaeger-storage/proto/model_pb.ts';
import {
  type Span,
  SpanSchema,
  TracesDataSchema,
} from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { SpansResponseChunkSchema } from '../../../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { readSpans } from '../../../../lib/jaeger-storage/spans/read-spans.ts';
import type { EncodedSpans } from '../../../../lib/jaeger-storage/trace-store.ts';
import { encodedChunks, encodedTraces } from '../spans/arbitraries.ts';
import { everyField, withoutEachField } from './every-field.ts';

const otlp = (message: Message): EncodedSpans => ({
  format: 'otlp',
  bytes: toBinary(TracesDataSchema, message as never),
});
const jaeger = (message: Message): EncodedSpans => ({
  format: 'jaeger',
  bytes: toBinary(SpansResponseChunkSchema, message as never),
});

/** One OTLP span, translated. */
function jaegerSpan(init: MessageInitShape<typeof SpanSchema>, scope = {}, resource = {}): JaegerSpan {
  const message = create(TracesDataSchema, {
    resourceSpans: [
      { resource, scopeSpans: [{ scope, spans: [{ traceId: new Uint8Array(16).fill(1), ...init }] }] },
    ],
  });
  const [span] = fromBinary(SpansResponseChunkSchema, toJaeger(otlp(message)).bytes).spans;
  return span as JaegerSpan;
}

/** One Jaeger span, translated. */
function otlpSpan(init: MessageInitShape<typeof JaegerSpanSchema>) {
  const message = create(SpansResponseChunkSchema, {
    spans: [{ traceId: new Uint8Array(16).fill(1), ...init }],
  });
  const [resource] = fromBinary(TracesDataSchema, toOtlp(jaeger(message)).bytes).resourceSpans;
  const [scope] = resource?.scopeSpans ?? [];
  return { span: scope?.spans[0] as Span, scope: scope?.scope, resource: resource?.resource };
}

const str = (key: string, vStr: string) => ({ key, vStr });
const attribute = (key: string, value: string) => ({
  key,
  value: { value: { case: 'stringValue' as const, value } },
});
const keys = (tags: readonly { key: string }[] | undefined) => tags?.map(({ key }) => key);

/** The fields whose value makes no difference for the translation. */
function withoutEffect(
  schema: DescMessage,
  message: Message,
  translate: (message: Message) => EncodedSpans,
): string[] {
  const whole = Buffer.from(translate(message).bytes);
  return [...withoutEachField(schema, message)]
    .filter(({ copy }) => whole.equals(translate(copy).bytes))
    .map(({ path }) => path);
}

suite('spans translated between the two models', () => {
  test('every field of OTLP has a place in Jaeger’s model, but those that it can’t say', () => {
    const span = 'resource_spans.scope_spans.spans';
    const scope = 'resource_spans.scope_spans.scope';
    assert.deepEqual(
      withoutEffect(TracesDataSchema, everyField(TracesDataSchema), (message) => toJaeger(otlp(message))),
      [
        'resource_spans.resource.dropped_attributes_count',
        `${scope}.attributes`,
        `${scope}.attributes.key`,
        `${scope}.attributes.value`,
        `${scope}.dropped_attributes_count`,
        `${span}.dropped_attributes_count`,
        `${span}.events.dropped_attributes_count`,
        `${span}.dropped_events_count`,
        `${span}.links.trace_state`,
        // But for `opentracing.ref_type`.
        `${span}.links.attributes`,
        `${span}.links.attributes.key`,
        `${span}.links.attributes.value`,
        `${span}.links.dropped_attributes_count`,
        `${span}.links.flags`,
        `${span}.dropped_links_count`,
        'resource_spans.scope_spans.schema_url',
        'resource_spans.schema_url',
      ],
    );
  });

  test('every field of Jaeger’s model has a place in OTLP, but those that it can’t say', () => {
    const unsaid = withoutEffect(SpansResponseChunkSchema, everyField(SpansResponseChunkSchema), (message) =>
      toOtlp(jaeger(message)),
    );
    // Every tag here is a bool: of its values that one counts.
    const values = ['v_str', 'v_int64', 'v_float64', 'v_binary'];
    const tags = (path: string) => values.map((value) => `${path}.${value}`);
    assert.deepEqual(unsaid, [
      ...tags('spans.tags'),
      ...tags('spans.logs.fields'),
      ...tags('spans.process.tags'),
      'spans.process_id',
    ]);
  });

  test('what both can say survives the way there and back', () => {
    const data = create(TracesDataSchema, {
      resourceSpans: [
        {
          resource: { attributes: [attribute('service.name', 'shop'), attribute('host.name', 'h')] },
          scopeSpans: [
            {
              scope: { name: 'lib', version: '1.2' },
              spans: [
                {
                  traceId: new Uint8Array(16).fill(1),
                  spanId: new Uint8Array(8).fill(2),
                  parentSpanId: new Uint8Array(8).fill(3),
                  traceState: 'a=b',
                  name: 'GET /',
                  kind: 2,
                  startTimeUnixNano: 1_485_449_191_639_875_000n,
                  endTimeUnixNano: 1_485_449_191_639_875_001n,
                  attributes: [
                    attribute('text', 'x'),
                    { key: 'whole', value: { value: { case: 'intValue', value: -(2n ** 63n) } } },
                    { key: 'double', value: { value: { case: 'doubleValue', value: 0.1 } } },
                    { key: 'bool', value: { value: { case: 'boolValue', value: false } } },
                    { key: 'bytes', value: { value: { case: 'bytesValue', value: Uint8Array.of(0, 255) } } },
                    // A tag of its own beside that of the status.
                    attribute('otel.status_code', 'mine'),
                    {
                      key: '@jaeger@warnings',
                      value: {
                        value: {
                          case: 'arrayValue',
                          value: { values: [{ value: { case: 'stringValue', value: 'clock skew' } }] },
                        },
                      },
                    },
                  ],
                  events: [
                    { timeUnixNano: 5n, name: 'started', attributes: [attribute('event', 'other')] },
                    {},
                  ],
                  links: [
                    {
                      traceId: new Uint8Array(16).fill(4),
                      spanId: new Uint8Array(8).fill(5),
                      attributes: [attribute('opentracing.ref_type', 'child_of')],
                    },
                  ],
                  status: { code: 2, message: 'broken' },
                  flags: 1,
                },
              ],
            },
          ],
        },
      ],
    });
    const back = fromBinary(TracesDataSchema, toOtlp(toJaeger(otlp(data))).bytes);
    assert.ok(
      equals(TracesDataSchema, back, data),
      JSON.stringify(back.resourceSpans, (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
    );
  });

  test('whatever the spans, translation keeps ids, service, operation, kind, status, and times of our days', () => {
    const facts = (spans: EncodedSpans) =>
      readSpans(spans).map((span) => ({
        ids: [span.traceId, span.spanId, span.parentSpanId].map(
          (id) => id && Buffer.from(id).toString('hex'),
        ),
        service: span.resource.service,
        operation: span.operation,
        kind: span.kind,
        status: span.status,
        startNs: span.startNs < 0n ? 0n : span.startNs < 2n ** 64n ? span.startNs : 2n ** 64n - 1n,
      }));
    fc.assert(
      fc.property(encodedChunks, (bytes) => {
        assert.deepEqual(facts(toOtlp({ format: 'jaeger', bytes })), facts({ format: 'jaeger', bytes }));
      }),
    );
    fc.assert(
      fc.property(encodedTraces, (bytes) => {
        const before = facts({ format: 'otlp', bytes });
        const after = facts(toJaeger({ format: 'otlp', bytes }));
        // What attributes say of kind and of errors, Jaeger believes where OTLP itself says neither.
        const expected = before.map((one, index) => ({
          ...one,
          kind: one.kind || after[index]?.kind,
          status: one.status === 'error' ? 'error' : after[index]?.status,
        }));
        assert.deepEqual(after, expected);
      }),
    );
  });

  test('spans in the wanted model stay the same bytes', () => {
    const spans: EncodedSpans = { format: 'otlp', bytes: new Uint8Array(0) };
    assert.equal(toOtlp(spans), spans);
    const tags: EncodedSpans = { format: 'jaeger', bytes: new Uint8Array(0) };
    assert.equal(toJaeger(tags), tags);
  });

  test('what is no such message is INVALID', () => {
    assert.throws(() => toJaeger({ format: 'otlp', bytes: Uint8Array.of(10, 200) }), { code: 'INVALID' });
    assert.throws(() => toOtlp({ format: 'jaeger', bytes: Uint8Array.of(10, 3, 0, 0, 0) }), {
      code: 'INVALID',
    });
  });

  test('text that is no UTF-8 is translated with replacement characters', () => {
    const span = create(SpanSchema, { traceId: new Uint8Array(16).fill(1), name: 'a?b' });
    const bytes = otlp(
      create(TracesDataSchema, { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
    ).bytes;
    bytes[bytes.indexOf('?'.charCodeAt(0))] = 0xff;
    const [translated] = fromBinary(
      SpansResponseChunkSchema,
      toJaeger({ format: 'otlp', bytes }).bytes,
    ).spans;
    assert.equal(translated?.operationName, 'a\ufffdb');
  });
});

suite('Jaeger’s model from OTLP', () => {
  test('a resource without service.name is OTLPResourceNoServiceName', () => {
    assert.equal(jaegerSpan({}).process?.serviceName, 'OTLPResourceNoServiceName');
    const named = jaegerSpan(
      {},
      {},
      { attributes: [attribute('service.name', 'shop'), attribute('a', 'b')] },
    );
    assert.equal(named.process?.serviceName, 'shop');
    assert.deepEqual(keys(named.process?.tags), ['a']);
  });

  test('arrays and maps are JSON text, as Go writes it', () => {
    const item = (value: string) => ({ value: { case: 'stringValue' as const, value } });
    const span = jaegerSpan({
      attributes: [
        { key: 'list', value: { value: { case: 'arrayValue', value: { values: [item('a<b'), {}] } } } },
        {
          key: 'map',
          value: {
            value: {
              case: 'kvlistValue',
              value: {
                values: [
                  { key: 'b', value: { value: { case: 'bytesValue', value: Uint8Array.of(255) } } },
                  { key: 'a', value: { value: { case: 'intValue', value: 2n ** 60n } } },
                ],
              },
            },
          },
        },
      ],
    });
    assert.deepEqual(
      span.tags.map(({ vStr }) => vStr),
      ['["a\\u003cb",null]', '{"a":1152921504606846976,"b":"/w=="}'],
    );
  });

  test('a duration that Go can’t hold is as long as it can', () => {
    const span = jaegerSpan({ startTimeUnixNano: 0n, endTimeUnixNano: 2n ** 64n - 1n });
    assert.equal(span.duration?.seconds, 9_223_372_036n);
    const backwards = jaegerSpan({ startTimeUnixNano: 10n, endTimeUnixNano: 4n });
    assert.equal(backwards.duration?.nanos, -6);
  });

  test('the parent is the first reference, and links follow', () => {
    const { references } = jaegerSpan({
      parentSpanId: new Uint8Array(8).fill(3),
      links: [{}, { attributes: [attribute('opentracing.ref_type', 'child_of')] }],
    });
    assert.deepEqual(
      references.map(({ refType, traceId, spanId }) => [refType, traceId.length, spanId[0]]),
      [
        [0, 16, 3],
        [1, 16, 0],
        [0, 16, 0],
      ],
    );
    assert.deepEqual(jaegerSpan({ parentSpanId: new Uint8Array(8) }).references, []);
  });
});

suite('OTLP from Jaeger’s model', () => {
  const error = (vBool: boolean) => ({ key: 'error', vType: 1, vBool });
  for (const [tags, code, message, left] of [
    [[error(true)], 2, '', []],
    [[error(true), str('otel.status_code', 'OK')], 2, '', []],
    [
      [error(false), str('otel.status_code', 'ERROR'), str('otel.status_description', 'why')],
      2,
      'why',
      ['error'],
    ],
    [[str('otel.status_code', 'ok')], 1, '', []],
    [[str('error', 'true')], 2, '', ['error']],
    [
      [str('http.status_code', '500'), str('http.status_message', 'oh')],
      2,
      'oh',
      ['http.status_code', 'http.status_message'],
    ],
    [
      [{ key: 'http.status_code', vType: 2, vInt64: 404n }, str('span.kind', 'client')],
      2,
      '',
      ['http.status_code'],
    ],
    [
      [{ key: 'http.status_code', vType: 2, vInt64: 404n }, str('span.kind', 'server')],
      undefined,
      undefined,
      ['http.status_code'],
    ],
    [[{ key: 'http.status_code', vType: 2, vInt64: 200n }], undefined, undefined, ['http.status_code']],
    [[error(true), str('http.status_message', 'oh')], 2, 'oh', ['http.status_message']],
  ] as const) {
    const said = tags.map(
      (tag) => `${tag.key}=${'vStr' in tag ? tag.vStr : 'vBool' in tag ? tag.vBool : tag.vInt64}`,
    );
    test(`status of ${said.join(', ')}`, () => {
      const { span } = otlpSpan({ tags: [...tags] } as never);
      assert.equal(span.status?.code, code);
      assert.equal(span.status?.message, message);
      assert.deepEqual(keys(span.attributes), left);
    });
  }

  test('a kind that OpenTelemetry does not know remains a tag', () => {
    const { span } = otlpSpan({ tags: [str('span.kind', 'Server'), str('a', 'b')] });
    assert.equal(span.kind, 0);
    assert.deepEqual(keys(span.attributes), ['span.kind', 'a']);
  });

  test('spans are grouped by process and scope', () => {
    const span = (service: string, scope: string) => ({
      traceId: new Uint8Array(16).fill(1),
      process: { serviceName: service },
      tags: [str('otel.scope.name', scope)],
    });
    const chunk = create(SpansResponseChunkSchema, {
      spans: [span('a', 'x'), span('a', 'x'), span('a', 'y'), span('b', 'y')],
    } as never);
    const { resourceSpans } = fromBinary(TracesDataSchema, toOtlp(jaeger(chunk)).bytes);
    assert.deepEqual(
      resourceSpans.map(({ scopeSpans }) =>
        scopeSpans.map(({ scope, spans }) => [scope?.name, spans.length]),
      ),
      [
        [
          ['x', 2],
          ['y', 1],
        ],
        [['y', 1]],
      ],
    );
  });

  test('times before 1970, Go’s unset time among them, are 1970', () => {
    const { span } = otlpSpan({ startTime: { seconds: -62_135_596_800n }, duration: { nanos: 5 } });
    assert.equal(span.startTimeUnixNano, 0n);
    assert.equal(span.endTimeUnixNano, 0n);
  });

  test('a parent by FOLLOWS_FROM remains a link', () => {
    const reference = { traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(2), refType: 1 };
    const { span } = otlpSpan({ references: [reference as never] });
    assert.deepEqual([...span.parentSpanId], [...reference.spanId]);
    assert.equal(span.links.length, 1);
  });
});
