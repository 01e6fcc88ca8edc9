import assert from 'node:assert/strict';
import type { TraceQuery } from '../../../../../lib/jaeger-storage/trace-store.ts';
import { as, MICROSECOND, NOON, SECOND, type SpanSpec } from '../fixtures.ts';
import type { ContractGroup, Trial } from '../trial.ts';

const SERVICE = 'a-service';

async function assertFound(
  trial: Trial,
  query: Partial<TraceQuery>,
  expected: readonly string[],
): Promise<void> {
  assert.deepEqual([...(await trial.ids({ service: SERVICE, ...query }))].sort(), expected);
}

const tag = (key: string, value = 'yes') => ({ attributes: [{ key, value }] });

/** Two spans of one trace, of which each has one of two things. */
const HALVES: readonly [string, SpanSpec, SpanSpec, Partial<TraceQuery>][] = [
  ['service and operation', { name: 'x' }, { service: 'other', name: 'y' }, { operation: 'y' }],
  ['service and attribute', { name: 'x' }, { service: 'other', attributes: { here: 'yes' } }, tag('here')],
  [
    'operation and attribute',
    { name: 'x' },
    { attributes: { here: 'yes' } },
    { operation: 'x', ...tag('here') },
  ],
  [
    'two attributes',
    { attributes: { one: 'yes' } },
    { attributes: { two: 'yes' } },
    { attributes: [...tag('one').attributes, ...tag('two').attributes] },
  ],
  [
    'start and attribute',
    { start: NOON },
    { start: NOON + SECOND, attributes: { here: 'yes' } },
    { startMax: NOON, ...tag('here') },
  ],
  [
    'duration and operation',
    { name: 'x', duration: SECOND },
    { name: 'y', duration: MICROSECOND },
    { operation: 'y', durationMin: SECOND },
  ],
  [
    'start and duration',
    { start: NOON, duration: MICROSECOND },
    { start: NOON + SECOND, duration: SECOND },
    { startMax: NOON, durationMin: SECOND },
  ],
];

const LONG = 10_000_000_001n;

/** All around the start, and the duration, of one span. */
const BOUNDS: readonly [string, Partial<TraceQuery>, boolean][] = [
  ['starts at the least', { startMin: NOON }, true],
  ['starts a nanosecond before the least', { startMin: NOON + 1n }, false],
  ['starts at the most', { startMax: NOON }, true],
  ['starts a nanosecond after the most', { startMax: NOON - 1n }, false],
  ['starts in a window of one instant', { startMin: NOON, startMax: NOON }, true],
  ['takes the least', { durationMin: LONG }, true],
  ['takes a nanosecond less than the least', { durationMin: LONG + 1n }, false],
  ['takes the most', { durationMax: LONG }, true],
  ['takes a nanosecond more than the most', { durationMax: LONG - 1n }, false],
  ['takes exactly so long', { durationMin: LONG, durationMax: LONG }, true],
];

const PLACES: readonly [string, SpanSpec, otlpOnly: boolean][] = [
  ['the span', { attributes: { key: 'yes' } }, false],
  ['its resource', { resource: { key: 'yes' } }, false],
  ['its first event', { events: [{ attributes: { key: 'yes' } }, {}] }, false],
  ['its last event', { events: [{}, { attributes: { key: 'yes' } }] }, false],
  ['its scope', { scope: { name: 'a', attributes: { key: 'yes' } } }, true],
  ['one of its links', { links: [{ traceId: 'f', spanId: 'f', attributes: { key: 'yes' } }] }, true],
];

const EXACT: readonly [string, SpanSpec, Partial<TraceQuery>][] = [
  ['service in another case', {}, { service: 'A-Service' }],
  ['part of the service', {}, { service: 'a-serv' }],
  ['service with a wildcard', {}, { service: 'a-%' }],
  ['operation in another case', { name: 'get' }, { operation: 'GET' }],
  ['operation with a wildcard', { name: 'get' }, { operation: 'g_t' }],
  ['operation with a space at its end', { name: 'get' }, { operation: 'get ' }],
  ['key in another case', { attributes: { key: 'yes' } }, tag('KEY')],
  ['value in another case', { attributes: { key: 'yes' } }, tag('key', 'Yes')],
  ['value with a wildcard', { attributes: { key: 'yes' } }, tag('key', '%')],
  ['value with an asterisk', { attributes: { key: 'yes' } }, tag('key', 'y*')],
  ['value as an expression', { attributes: { key: 'yes' } }, tag('key', '.*')],
  ['part of the value', { attributes: { key: 'yes' } }, tag('key', 'ye')],
  ['another form of the same letter', { attributes: { key: '\u00e9' } }, tag('key', 'e\u0301')],
  ['key and value that run together', { attributes: { ab: 'c' } }, tag('a', 'bc')],
  ['key of another attribute', { attributes: { key: 'no', other: 'yes' } }, tag('key')],
];

export const matchingRules: ContractGroup = {
  name: 'rules of matching',
  cases: [
    ...HALVES.map(([what, one, other, query]) => ({
      id: 'M1',
      title: `one span has to have it all: ${what}`,
      async run(trial: Trial) {
        await trial.write([one, { ...other, spanId: '2' }]);
        await assertFound(trial, query, []);
        await trial.write([
          { ...one, ...other, service: SERVICE, spanId: '3', traceId: '2', ...startOf(one, other, query) },
        ]);
        await assertFound(trial, query, ['2']);
      },
    })),
    {
      id: 'M2',
      title: 'a trace that matches is given whole: other services, other times',
      async run(trial) {
        const spans: SpanSpec[] = [
          { spanId: '1', name: 'root' },
          { spanId: '2', service: 'other' },
          { spanId: '3', start: NOON + 3600n * SECOND },
          { spanId: '4', start: NOON - 86_400n * SECOND, name: '' },
        ];
        await trial.write(spans);
        const window = { startMin: NOON, startMax: NOON };
        const [found, ...others] = await trial.find({ ...window, service: SERVICE, operation: 'root' });
        assert.deepEqual(others, []);
        trial.assertSpans(found, spans);
      },
    },
    ...BOUNDS.map(([what, query, isFound]) => ({
      id: 'M3',
      title: `a span that ${what} is ${isFound ? 'found' : 'not found'}`,
      async run(trial: Trial) {
        await trial.write([{ duration: LONG }]);
        await assertFound(trial, query, isFound ? ['1'] : []);
      },
    })),
    ...PLACES.map(([place, spec, otlpOnly]) => ({
      id: 'M4',
      title: `an attribute of ${place} is found`,
      ...(otlpOnly && { formats: ['otlp'] as const, needs: ['otlp-attributes'] as const }),
      async run(trial: Trial) {
        await trial.write([spec, { traceId: '2' }]);
        await assertFound(trial, tag('key'), ['1']);
        await assertFound(trial, tag('key', 'no'), []);
      },
    })),
    {
      id: 'M4',
      title: 'attributes come from several places of one span',
      async run(trial) {
        await trial.write([
          {
            attributes: { a: '1' },
            resource: { b: '2' },
            events: [{ attributes: { c: '3' } }, { attributes: { d: '4' } }],
          },
        ]);
        const attributes = Object.entries({ a: '1', b: '2', c: '3', d: '4' }).map(([key, value]) => ({
          key,
          value,
        }));
        await assertFound(trial, { attributes }, ['1']);
        await assertFound(trial, { attributes: [...attributes, { key: 'e', value: '5' }] }, []);
      },
    },
    {
      id: 'M4',
      title: 'any of several attributes of one key may have the value',
      async run(trial) {
        await trial.write([
          {
            attributes: [
              ['key', 'a'],
              ['key', 'b'],
            ],
            resource: { key: 'c' },
          },
        ]);
        for (const value of ['a', 'b', 'c']) await assertFound(trial, tag('key', value), ['1']);
        const both = { attributes: [...tag('key', 'a').attributes, ...tag('key', 'c').attributes] };
        await assertFound(trial, { ...both }, ['1']);
        await assertFound(trial, tag('key', 'd'), []);
      },
    },
    ...EXACT.map(([what, spec, query]) => ({
      id: 'M5',
      title: `texts are compared exactly: ${what}`,
      async run(trial: Trial) {
        await trial.write([spec]);
        await assertFound(trial, {}, ['1']);
        await assertFound(trial, query, []);
      },
    })),
    {
      id: 'M5',
      title: 'no operation is any operation, the empty one too',
      async run(trial) {
        await trial.write([{ name: '' }, { name: 'x', traceId: '2' }]);
        await assertFound(trial, {}, ['1', '2']);
        await assertFound(trial, { attributes: [] }, ['1', '2']);
      },
    },
    {
      id: 'M6',
      title: 'the service with the empty name is one like others',
      needs: ['empty-service'],
      async run(trial) {
        await trial.write([{ service: '' }, { traceId: '2' }]);
        await assertFound(trial, { service: '' }, ['1']);
        assert.deepEqual(await trial.store.services(as('')), ['', 'a-service']);
      },
    },
    {
      id: 'M7',
      title: 'services and operations are named once, however often they occur',
      async run(trial) {
        for (const traceId of ['1', '2', '3']) {
          await trial.write([
            { traceId },
            { traceId, spanId: '2' },
            { traceId, spanId: '3', kind: 'server' },
            { traceId, spanId: '4', service: 'b-service' },
          ]);
        }
        assert.deepEqual(await trial.store.services(as('')), ['a-service', 'b-service']);
        assert.deepEqual(await trial.store.operations({ service: 'a-service' }, as('')), [
          { name: 'an-operation', kind: '' },
          { name: 'an-operation', kind: 'server' },
        ]);
      },
    },
    {
      id: 'M8',
      title: 'spans with the ids of another and other content are spans of their own',
      async run(trial) {
        const spans: SpanSpec[] = [
          {},
          { name: 'other' },
          { start: NOON + 1n },
          { duration: 1n },
          { service: 'other' },
          { resource: { host: 'a' } },
          { attributes: { a: 1n } },
          { attributes: { a: 1 } },
          { events: [{}] },
          { kind: 'client' },
        ];
        for (const span of spans) await trial.write([span]);
        await trial.assertTrace('1', spans);
      },
    },
    {
      id: 'M9',
      title: 'an empty store has nothing at all',
      async run(trial) {
        assert.deepEqual(await trial.store.services(as('')), []);
        assert.deepEqual(await trial.store.operations({ service: SERVICE }, as('')), []);
        assert.deepEqual(await trial.store.dependencies({}, as('')), []);
        await assertFound(trial, {}, []);
        assert.deepEqual(await trial.read(['1']), []);
      },
    },
  ],
};

/** For the span that has both halves: what the search bounds has to be within bounds. */
function startOf(one: SpanSpec, other: SpanSpec, query: Partial<TraceQuery>): SpanSpec {
  const name = query.operation ?? other.name ?? one.name;
  return {
    ...(query.startMax !== undefined && { start: query.startMax }),
    ...(query.durationMin !== undefined && { duration: query.durationMin }),
    ...(name !== undefined && { name }),
    attributes: { ...Object.fromEntries((query.attributes ?? []).map(({ key, value }) => [key, value])) },
  };
}
