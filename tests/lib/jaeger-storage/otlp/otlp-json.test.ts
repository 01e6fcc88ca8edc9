import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { spansFromJson } from '../../../../lib/jaeger-storage/otlp/json.ts';
import { ExportTraceServiceRequestSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_service_pb.ts';
import { recordedSpans } from './recorded-spans.ts';

const traceId = '5b8efff798038103d269b633813fc60c';
const spanId = 'eee19b7ec3c1b174';

const read = (text: string) =>
  fromBinary(ExportTraceServiceRequestSchema, spansFromJson(new TextEncoder().encode(text)));
const readSpan = (span: string) =>
  read(`{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`).resourceSpans[0]?.scopeSpans[0]?.spans[0];
const hexOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

suite('OTLP in JSON', () => {
  test('every field arrives', () => {
    const request = read(
      JSON.stringify({
        resourceSpans: [
          {
            resource: {
              attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
              droppedAttributesCount: 1,
            },
            schemaUrl: 'https://schema.example/r',
            scopeSpans: [
              {
                scope: {
                  name: 'lib',
                  version: '1.2',
                  attributes: [{ key: 'a', value: { boolValue: true } }],
                },
                schemaUrl: 'https://schema.example/s',
                spans: [
                  {
                    traceId,
                    spanId,
                    parentSpanId: 'EEE19B7EC3C1B173',
                    traceState: 'a=b',
                    name: 'buy',
                    kind: 2,
                    flags: 257,
                    startTimeUnixNano: '1544712660000000001',
                    endTimeUnixNano: '1544712661000000002',
                    attributes: [
                      { key: 'int', value: { intValue: '-9223372036854775808' } },
                      { key: 'double', value: { doubleValue: 0.5 } },
                      { key: 'bytes', value: { bytesValue: 'AQID' } },
                      { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }, {}] } } },
                      {
                        key: 'map',
                        value: { kvlistValue: { values: [{ key: 'k', value: { intValue: 7 } }] } },
                      },
                    ],
                    droppedAttributesCount: 2,
                    events: [
                      { timeUnixNano: '1544712660500000003', name: 'paid', droppedAttributesCount: 3 },
                    ],
                    droppedEventsCount: 4,
                    links: [{ traceId, spanId, traceState: 'c=d', droppedAttributesCount: 5, flags: 1 }],
                    droppedLinksCount: 6,
                    status: { code: 2, message: 'too poor' },
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
    const [{ resource, scopeSpans: [scopeSpans] = [], schemaUrl } = { scopeSpans: [] }] =
      request.resourceSpans;
    assert.equal(schemaUrl, 'https://schema.example/r');
    assert.equal(resource?.droppedAttributesCount, 1);
    assert.deepEqual(resource?.attributes[0]?.value?.value, { case: 'stringValue', value: 'shop' });
    assert.equal(scopeSpans?.scope?.name, 'lib');
    assert.equal(scopeSpans?.schemaUrl, 'https://schema.example/s');
    const span = scopeSpans?.spans[0];
    assert.equal(hexOf(span?.traceId), traceId);
    assert.equal(hexOf(span?.spanId), spanId);
    assert.equal(hexOf(span?.parentSpanId), 'eee19b7ec3c1b173');
    assert.equal(span?.startTimeUnixNano, 1544712660000000001n);
    assert.equal(span?.endTimeUnixNano, 1544712661000000002n);
    assert.deepEqual(
      [span?.kind, span?.flags, span?.traceState, span?.status?.code, span?.status?.message],
      [2, 257, 'a=b', 2, 'too poor'],
    );
    const values = Object.fromEntries(span?.attributes.map(({ key, value }) => [key, value?.value]) ?? []);
    assert.deepEqual(values.int, { case: 'intValue', value: -9223372036854775808n });
    assert.deepEqual(values.double, { case: 'doubleValue', value: 0.5 });
    assert.deepEqual(Buffer.from(values.bytes?.value as Uint8Array), Buffer.from([1, 2, 3]));
    assert.equal(values.list?.case, 'arrayValue');
    assert.equal(values.map?.case, 'kvlistValue');
    assert.equal(span?.events[0]?.timeUnixNano, 1544712660500000003n);
    assert.equal(hexOf(span?.links[0]?.traceId), traceId);
    assert.equal(hexOf(span?.links[0]?.spanId), spanId);
    const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span ?? {};
    assert.deepEqual([droppedAttributesCount, droppedEventsCount, droppedLinksCount], [2, 4, 6]);
  });

  test('what an OpenTelemetry SDK writes is what it means', () => {
    const spans = recordedSpans();
    const json = new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans) ?? assert.fail());
    const read0 = read(json).resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
    assert.deepEqual(
      read0.map((span) => [hexOf(span.traceId), hexOf(span.spanId), span.name]),
      spans.map((span) => [span.spanContext().traceId, span.spanContext().spanId, span.name]),
    );
  });

  test('64-bit numbers that are written as numbers keep every digit', () => {
    const span = readSpan(
      `{"startTimeUnixNano": 1544712660000000001, "endTimeUnixNano":1544712661000000003, "attributes":
        [{"key":"a","value":{"intValue":9007199254740993}},{"key":"b","value":{"intValue":-9007199254740995}}]}`,
    );
    assert.equal(span?.startTimeUnixNano, 1544712660000000001n);
    assert.equal(span?.endTimeUnixNano, 1544712661000000003n);
    const values = span?.attributes.map(({ value }) => value?.value.value);
    assert.deepEqual(values, [9007199254740993n, -9007199254740995n]);
  });

  test('a text of many digits stays a text, and a double of many digits a double', () => {
    const span = readSpan(
      `{"name":"1234567890123456789","attributes":[{"key":"d","value":{"doubleValue":1152921504606846976}}]}`,
    );
    assert.equal(span?.name, '1234567890123456789');
    assert.deepEqual(span?.attributes[0]?.value?.value, { case: 'doubleValue', value: 2 ** 60 });
  });

  test('enum values go by number and by name, unknown ones by number', () => {
    assert.equal(readSpan('{"kind":"SPAN_KIND_CLIENT"}')?.kind, 3);
    assert.equal(readSpan('{"kind":3}')?.kind, 3);
    assert.equal(readSpan('{"kind":77}')?.kind, 77);
    assert.equal(readSpan('{"kind":"SPAN_KIND_OF_NEXT_YEAR"}')?.kind, 0);
    assert.equal(readSpan('{"status":{"code":"STATUS_CODE_ERROR"}}')?.status?.code, 2);
  });

  test('fields that are not known, and null, are as if they were not there', () => {
    const span = readSpan(
      '{"name":"a","parentSpanId":"","traceState":null,"nextYear":{"x":[1]},"links":null}',
    );
    assert.equal(span?.name, 'a');
    assert.equal(span?.parentSpanId.length, 0);
  });

  test('text that is not in Unicode is kept as far as it is', () => {
    assert.equal(readSpan(String.raw`{"name":"a\ud800b"}`)?.name, 'a\ufffdb');
  });

  test('nothing at all is a request without spans', () => {
    assert.deepEqual(read('{}').resourceSpans, []);
    assert.deepEqual(read('{"resourceSpans":[]}').resourceSpans, []);
  });

  const nested = `${'{"arrayValue":{"values":['.repeat(5_000)}${']}}'.repeat(5_000)}`;
  const bad: Readonly<Record<string, readonly [body: string, complaint: RegExp]>> = {
    'no JSON': ['{', /is not JSON/],
    'an empty body': ['', /is not JSON/],
    'a list': ['[]', /not OTLP/],
    'a number where spans belong': [
      '{"resourceSpans":[{"scopeSpans":[{"spans":7}]}]}',
      /not OTLP in JSON: .*spans/,
    ],
    'an id that is not in hex': [
      `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc6zz"}]}]}]}`,
      /resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.traceId is not in hex/,
    ],
    'half a byte': [
      `{"resourceSpans":[{"scopeSpans":[{"spans":[{"links":[{"spanId":"abc"}]}]}]}]}`,
      /links\[0\]\.spanId is not in hex/,
    ],
    'a time that is none': [
      `{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"yesterday"}]}]}]}`,
      /start_time_unix_nano/,
    ],
    'values in values in values': [
      `{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":${nested}}]}}]}`,
      /recursion/,
    ],
  };
  for (const [what, [body, complaint]] of Object.entries(bad)) {
    test(`${what} is refused, and it says why`, () => {
      assert.throws(() => read(body), { name: 'Refusal', status: 400, message: complaint });
    });
  }
});
