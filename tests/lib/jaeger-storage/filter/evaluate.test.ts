import assert from 'node:assert/strict';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { evaluate } from '../../../../lib/jaeger-storage/filter/evaluate.ts';
import { conditionFromProto } from '../../../../lib/jaeger-storage/filter/from-proto.ts';
import type { Call } from '../../../../lib/jaeger-storage/proto/expression_pb.ts';
import { TracesDataSchema } from '../../../../lib/jaeger-storage/proto/otlp_trace_pb.ts';
import { readSpans } from '../../../../lib/jaeger-storage/spans/read-spans.ts';
import type { SpanRecord } from '../../../../lib/jaeger-storage/spans/span-record.ts';
import type { SpanFormat } from '../../../../lib/jaeger-storage/trace-store.ts';
import { encode, MICROSECOND, NOON, SECOND, type SpanSpec } from '../contract/fixtures.ts';
import { attr, call, field, list, nested, scalar } from './expressions.ts';

/** What the wishes below are about: two events and two links, and one key in several places. */
const SPAN: SpanSpec = {
  traceId: 'abc',
  spanId: 'def',
  parentId: '1',
  service: 'shop',
  name: 'pay',
  kind: 'server',
  status: 'error',
  statusMessage: 'no money',
  traceState: 'vendor=1',
  start: NOON,
  duration: 2n * SECOND,
  resource: { place: 'resource', env: 'staging' },
  scope: { name: 'lib', version: '1.2', attributes: { place: 'scope' } },
  attributes: {
    place: 'span',
    size: 500n,
    ratio: 0.5,
    whole: 5,
    ok: true,
    digits: '9',
    empty: '',
    blob: Uint8Array.of(0, 255),
    before: 3n,
    after: 4.5,
    'http.route': '/pay',
  },
  events: [
    { time: NOON + 40n * MICROSECOND, name: 'exception', attributes: { place: 'event', level: 'low' } },
    { time: NOON + 60n * MICROSECOND, name: 'retry', attributes: { level: 'high' } },
  ],
  links: [
    { traceId: 'aaa', spanId: 'a', type: 'follows_from', attributes: { place: 'link' } },
    { traceId: 'bbb', spanId: 'b', type: 'child_of' },
  ],
};

const BARE: SpanSpec = { service: 'bare' };

/** @returns the span as a store reads it */
function read(format: SpanFormat, spec: SpanSpec): SpanRecord {
  const [record] = readSpans(encode(format, [spec]));
  assert.ok(record !== undefined);
  return record;
}

const trace = 'abc'.padStart(32, '0');

/** Filters, and whether {@link SPAN} satisfies them. 'otlp': only OTLP has what they ask for. */
const WISHES: Readonly<Record<string, readonly (readonly [Call, boolean, 'otlp'?])[]>> = {
  'fields of spans': [
    [call('eq', field('span.traceID'), trace), true],
    [call('eq', field('span.traceID'), trace.toUpperCase()), false],
    [call('eq', field('span.spanID'), '0000000000000def'), true],
    [call('eq', field('span.parentSpanID'), '0000000000000001'), true],
    [call('eq', field('span.traceState'), 'vendor=1'), true],
    [call('eq', field('span.name'), 'pay'), true],
    [call('eq', field('span.name'), 'Pay'), false],
    [call('gt', field('span.name'), 'm'), true],
    [call('gt', field('span.name'), 'q'), false],
    [call('eq', field('span.kind'), 'server'), true],
    [call('in', field('span.kind'), list(['client', 'server'])), true],
    [call('not_in', field('span.kind'), list(['client', 'server'], 'string')), false],
    [call('eq', field('span.status'), 'error'), true],
    [call('ne', field('span.status'), 'error'), false],
    [call('eq', field('span.statusMessage'), 'no money'), true],
    [call('eq', field('span.startTime'), '2026-09-23T12:00:00.000000001Z'), true],
    [call('eq', field('span.startTime'), '2026-09-23T14:00:00.000000001+02:00'), true],
    [call('gt', field('span.startTime'), '2026-09-23T12:00:00Z'), true],
    [call('lte', field('span.endTime'), '2026-09-23T12:00:02Z'), false],
    [call('gte', field('span.endTime'), '2026-09-23T12:00:02.000000001Z'), true],
    [call('gt', field('span.duration'), '2s'), false],
    [call('gte', field('span.duration'), '2s'), true],
    [call('lt', field('span.duration'), '1h1.5m'), true],
    [call('in', field('span.duration'), list(['1s', '2000ms'])), true],
    [call('lt', field('span.startTime'), field('span.endTime')), true],
    [call('eq', field('span.startTime'), field('span.endTime')), false],
  ],
  'fields of resource and scope': [
    [call('eq', field('resource.service'), 'shop'), true],
    [call('exists', field('resource.schemaURL')), false],
    [call('eq', field('scope.name'), 'lib'), true],
    [call('in', field('scope.version'), list(['1.1', '1.2'])), true],
    [call('exists', field('scope.schemaURL')), false],
  ],
  'fields of events and links': [
    [call('eq', field('event.name'), 'retry'), true],
    [call('eq', field('event.name'), 'nothing'), false],
    [call('gt', field('event.timeSinceStart'), '50us'), true],
    [call('gt', field('event.timeSinceStart'), '60us'), false],
    [call('eq', field('event.time'), '2026-09-23T12:00:00.000040001Z'), true],
    [call('eq', field('link.traceID'), 'bbb'.padStart(32, '0')), true],
    [call('eq', field('link.spanID'), 'a'.padStart(16, '0')), true],
    [call('eq', field('link.spanID'), '1'.padStart(16, '0')), false],
    [call('exists', field('link.traceState')), false],
  ],
  'attributes and their levels': [
    [call('eq', attr('place'), 'span'), true],
    [call('eq', attr('place'), 'resource'), true],
    [call('eq', attr('place'), 'event'), false],
    [call('eq', attr('place', 'span'), 'span'), true],
    [call('eq', attr('place', 'span'), 'resource'), false],
    [call('eq', attr('place', 'resource'), 'resource'), true],
    [call('eq', attr('place', 'event'), 'event'), true],
    [call('eq', attr('place', 'scope'), 'scope'), true, 'otlp'],
    [call('eq', attr('place', 'link'), 'link'), true, 'otlp'],
    [call('eq', attr('Place'), 'span'), false],
    [call('eq', attr('service.name'), 'shop'), true],
    [call('eq', attr('service.name', 'resource'), 'shop'), true],
    [call('exists', attr('service.name', 'span')), false],
    [call('eq', attr('error'), 'true'), true],
    [call('exists', attr('error')), true],
    [call('eq', attr('name', 'span'), 'pay'), false],
  ],
  'types of constants': [
    [call('eq', attr('size'), '500'), true],
    [call('eq', attr('size'), '500.0'), true],
    [call('eq', attr('size'), scalar('500', 'int')), true],
    [call('eq', attr('size'), scalar('500', 'double')), false],
    [call('eq', attr('size'), scalar('500', 'string')), false],
    [call('eq', attr('whole'), scalar('5', 'int')), false],
    [call('eq', attr('whole'), scalar('5', 'double')), true],
    [call('eq', attr('whole'), '5'), true],
    [call('eq', attr('ok'), 'true'), true],
    [call('eq', attr('ok'), scalar('1', 'bool')), true],
    [call('eq', attr('ok'), scalar('true', 'string')), false],
    [call('eq', attr('blob'), 'AP8='), true],
    [call('eq', attr('blob'), '00ff'), true],
    [call('eq', attr('empty'), ''), true],
    [call('in', attr('size'), list(['499', '500'], 'int')), true],
    [call('in', attr('size'), list(['499', '500'], 'string')), false],
    [call('in', attr('digits'), list(['9'], 'string')), true],
  ],
  order: [
    [call('gt', attr('size'), '9'), true],
    [call('gt', attr('size'), '499.5'), true],
    [call('gt', attr('size'), '500'), false],
    [call('gte', attr('size'), scalar('500', 'int')), true],
    [call('gte', attr('size'), scalar('1', 'double')), false],
    [call('lt', attr('ratio'), '1'), true],
    [call('gt', attr('size'), 'text'), false],
    [call('gt', attr('digits'), '500'), true],
    [call('gt', attr('blob'), ''), false],
    [call('gt', attr('ok'), 'false'), false],
    [call('lt', '9', attr('size')), true],
    [call('gte', '500', attr('size')), true],
    [call('gt', '500', attr('size')), false],
  ],
  patterns: [
    [call('regex', field('span.name'), 'pa'), true],
    [call('regex', field('span.name'), 'PA'), false],
    [call('regex', field('span.name'), 'p.*y|none'), true],
    [call('regex', field('span.name'), scalar('[q-z]', 'string')), true],
    [call('regex', field('span.name'), '[^pay]'), false],
    [call('regex', field('span.kind'), 'ser'), true],
    [call('regex', field('span.status'), 'ok|unset'), false],
    [call('regex', field('span.traceID'), '0abc'), true],
    [call('regex', field('resource.service'), 'sh.p'), true],
    [call('regex', field('scope.version'), '1\\.[0-9]'), true],
    [call('regex', field('event.name'), 're+try'), true],
    [call('regex', field('link.spanID'), '[c-f]'), false],
    [call('regex', attr('http.route'), '/(pay|refund)'), true],
    [call('regex', attr('place'), 'sp'), true],
    [call('regex', attr('place'), 'res'), true],
    [call('regex', attr('place', 'span'), 'res'), false],
    [call('regex', attr('place', 'event'), 'ev'), true],
    [call('regex', attr('empty'), ''), true],
    [call('regex', attr('empty'), '.'), false],
    // By the texts that they are found by without a type.
    [call('regex', attr('size'), '5..'), true],
    [call('regex', attr('size'), '5\\.'), false],
    [call('regex', attr('ratio'), '0\\.5'), true],
    [call('regex', attr('ok'), 'tr'), true],
    [call('regex', attr('blob'), 'AP8='), true],
    [call('regex', attr('blob'), '00ff'), true],
    [call('regex', attr('error'), 'true'), true],
    [call('regex', attr('absent'), '.*'), false],
    [call('not', call('regex', attr('absent'), '.*')), true],
    [call('not', call('regex', attr('place'), 'sp')), false],
    [
      call(
        'some',
        nested('event'),
        call('and', call('regex', field('event.name'), 'exc'), call('regex', attr('level', 'event'), 'lo')),
      ),
      true,
    ],
    [
      call(
        'some',
        nested('event'),
        call('and', call('regex', field('event.name'), 'exc'), call('regex', attr('level', 'event'), 'hi')),
      ),
      false,
    ],
  ],
  'two references': [
    [call('gt', attr('after'), attr('before')), true],
    [call('lt', attr('after'), attr('before')), false],
    [call('eq', attr('place', 'span'), attr('place', 'resource')), false],
    [call('ne', attr('place', 'span'), attr('place', 'resource')), true],
    [call('ne', attr('place', 'span'), attr('absent')), false],
    [call('ne', attr('absent'), attr('place', 'span')), false],
    [call('eq', attr('digits'), attr('size')), false],
  ],
  'two constants': [
    [call('eq', '1', '1.0'), true],
    [call('eq', scalar('1', 'int'), scalar('1', 'double')), true],
    [call('lt', 'a', 'b'), true],
    [call('gt', '10', '9'), true],
  ],
  'what is absent': [
    [call('exists', attr('absent')), false],
    [call('exists', attr('empty')), true],
    [call('eq', attr('absent'), ''), false],
    [call('ne', attr('absent'), 'x'), false],
    [call('not_in', attr('absent'), list(['x'], 'string')), false],
    [call('not', call('in', attr('absent'), list(['x'], 'string'))), true],
    [call('not', call('eq', attr('absent'), 'x')), true],
    [call('lt', attr('absent'), 'x'), false],
  ],
  'negatives of several values': [
    [call('ne', attr('place'), 'span'), false],
    [call('ne', attr('place'), 'event'), true],
    [call('not_in', attr('place'), list(['event', 'resource'], 'string')), false],
    [call('not_in', attr('place'), list(['event', 'link'], 'string')), true],
    [call('ne', field('event.name'), 'retry'), false],
    [call('ne', field('event.name'), 'other'), true],
  ],
  'and, or, not': [
    [call('and', call('eq', field('span.name'), 'pay'), call('eq', attr('size'), '500')), true],
    [call('and', call('eq', field('span.name'), 'pay'), call('eq', attr('size'), '1')), false],
    [call('or', call('eq', field('span.name'), 'x'), call('eq', attr('size'), '500')), true],
    [call('or', call('eq', field('span.name'), 'x'), call('eq', attr('size'), '1')), false],
    [call('not', call('or', call('exists', attr('x')), call('exists', attr('y')))), true],
  ],
  some: [
    [call('some', nested('event'), call('eq', field('event.name'), 'retry')), true],
    [
      call(
        'and',
        call('eq', field('event.name'), 'exception'),
        call('gt', field('event.timeSinceStart'), '50us'),
      ),
      true,
    ],
    [
      call(
        'some',
        nested('event'),
        call(
          'and',
          call('eq', field('event.name'), 'exception'),
          call('gt', field('event.timeSinceStart'), '50us'),
        ),
      ),
      false,
    ],
    [
      call(
        'some',
        nested('event'),
        call('and', call('eq', field('event.name'), 'retry'), call('eq', attr('level', 'event'), 'high')),
      ),
      true,
    ],
    [
      call(
        'some',
        nested('event'),
        call('and', call('eq', field('event.name'), 'retry'), call('eq', attr('level', 'event'), 'low')),
      ),
      false,
    ],
    [call('some', nested('event'), call('not', call('exists', attr('place', 'event')))), true],
    [call('some', nested('event'), call('eq', field('span.name'), 'pay')), true],
    [
      call('some', nested('event'), call('some', nested('link'), call('eq', field('event.name'), 'retry'))),
      true,
    ],
    [
      call(
        'some',
        nested('link'),
        call(
          'and',
          call('eq', field('link.traceID'), 'aaa'.padStart(32, '0')),
          call('eq', field('link.spanID'), 'b'.padStart(16, '0')),
        ),
      ),
      false,
    ],
    // All of them: there is none for which it is not so.
    [call('not', call('some', nested('event'), call('not', call('exists', attr('level', 'event'))))), true],
    [
      call('not', call('some', nested('event'), call('not', call('eq', attr('level', 'event'), 'low')))),
      false,
    ],
  ],
};

suite('evaluate', () => {
  for (const [what, wishes] of Object.entries(WISHES)) {
    for (const format of ['otlp', 'jaeger'] as const) {
      test(`${what}, in ${format}`, () => {
        const span = read(format, SPAN);
        for (const [filter, expected, only] of wishes) {
          if (only !== undefined && only !== format) continue;
          const condition = conditionFromProto(filter);
          assert.equal(evaluate(condition, span), expected, inspected(condition));
        }
      });
    }
  }

  for (const format of ['otlp', 'jaeger'] as const) {
    test(`a span without anything has the fields that have words for it, in ${format}`, () => {
      const span = read(format, BARE);
      const holds = (filter: Call) => evaluate(conditionFromProto(filter), span);
      assert.ok(holds(call('eq', field('span.kind'), 'unspecified')));
      assert.ok(holds(call('eq', field('span.status'), 'unset')));
      assert.ok(holds(call('eq', attr('error'), 'false')));
      assert.ok(!holds(call('exists', attr('error'))));
      assert.ok(!holds(call('regex', attr('error'), '.*')));
      assert.ok(holds(call('regex', field('span.name'), '.*')));
      for (const path of [
        'span.parentSpanID',
        'span.traceState',
        'span.statusMessage',
        'scope.name',
        'event.name',
      ]) {
        assert.ok(!holds(call('exists', field(path))), path);
      }
      assert.ok(!holds(call('some', nested('event'), call('eq', field('resource.service'), 'bare'))));
      assert.ok(holds(call('not', call('some', nested('link'), call('exists', field('link.spanID'))))));
    });
  }

  test('schema URLs of resource and scope', () => {
    const message = fromBinary(TracesDataSchema, encode('otlp', [SPAN]).bytes);
    for (const resource of message.resourceSpans) {
      resource.schemaUrl = 'https://example.com/resource';
      for (const scope of resource.scopeSpans) scope.schemaUrl = 'https://example.com/scope';
    }
    const [span] = readSpans({ format: 'otlp', bytes: toBinary(TracesDataSchema, message) });
    assert.ok(span !== undefined);
    for (const level of ['resource', 'scope']) {
      const filter = call('eq', field(`${level}.schemaURL`), `https://example.com/${level}`);
      assert.ok(evaluate(conditionFromProto(filter), span));
    }
  });

  test('a resource that does not name its service has none', () => {
    const message = fromBinary(TracesDataSchema, encode('otlp', [SPAN]).bytes);
    for (const { resource } of message.resourceSpans) resource?.attributes.splice(0);
    const [span] = readSpans({
      format: 'otlp',
      bytes: toBinary(TracesDataSchema, create(TracesDataSchema, message)),
    });
    assert.ok(span !== undefined);
    assert.ok(!evaluate(conditionFromProto(call('exists', field('resource.service'))), span));
    assert.ok(!evaluate(conditionFromProto(call('exists', attr('service.name'))), span));
  });
});

function inspected(condition: unknown): string {
  return JSON.stringify(condition, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
