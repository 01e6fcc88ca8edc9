import assert from 'node:assert/strict';
import { as, HOUR, MICROSECOND, NOON, SECOND, type SpanSpec, traceIdOf } from '../fixtures.ts';
import { assertSameSpans, spanIdIn, spansIn } from '../read-back.ts';
import type { ContractGroup } from '../trial.ts';

const EVENTS = [{ time: NOON }, { time: NOON }];
const shared = { traceId: '11', duration: 100n * MICROSECOND, events: EVENTS } as const;

/** Of one trace: its services, operations and kinds are what the first subtests ask for. */
const EXAMPLE: readonly SpanSpec[] = [
  { ...shared, spanId: '3', service: 'example-service-1', name: 'example-operation-1' },
  { ...shared, spanId: '4', service: 'example-service-2', name: 'example-operation-2' },
  { ...shared, spanId: '5', service: 'example-service-3', name: 'example-operation-1' },
  { ...shared, spanId: '6', service: 'example-service-1', name: 'example-operation-3', kind: 'server' },
  { ...shared, spanId: '7', service: 'example-service-1', name: 'example-operation-4', kind: 'client' },
];

const FIRST: SpanSpec = { ...shared, spanId: '3', service: 'example-service-1', name: 'example-operation-1' };

/** 10,007 spans with ids from 1 on, each of them a second after the one before. */
const MANY: readonly SpanSpec[] = Array.from({ length: 10_007 }, (_, index) => ({
  ...FIRST,
  spanId: (index + 1).toString(16),
  start: NOON + BigInt(index + 1) * SECOND,
}));

export const jaegerSuites: ContractGroup = {
  name: 'suites of Jaeger',
  cases: [
    {
      id: 'A1',
      title: 'services are exactly those of the spans',
      async run(trial) {
        await trial.write(EXAMPLE);
        assert.deepEqual(await trial.store.services(as('')), [
          'example-service-1',
          'example-service-2',
          'example-service-3',
        ]);
      },
    },
    {
      id: 'A2',
      title: 'operations are exactly those of the service, with their kinds',
      async run(trial) {
        await trial.write(EXAMPLE);
        assert.deepEqual(await trial.store.operations({ service: 'example-service-1' }, as('')), [
          { name: 'example-operation-1', kind: '' },
          { name: 'example-operation-3', kind: 'server' },
          { name: 'example-operation-4', kind: 'client' },
        ]);
      },
    },
    {
      id: 'A3',
      title: 'a trace is all of its spans, as they were written',
      async run(trial) {
        await trial.write(EXAMPLE);
        await trial.assertTrace('11', EXAMPLE);
      },
    },
    {
      id: 'A4',
      title: 'a trace that is not there is no trace',
      async run(trial) {
        await trial.write(EXAMPLE);
        assert.deepEqual(await trial.read(['1']), []);
      },
    },
    {
      id: 'A5',
      title: 'a trace of 10,008 spans, two of them with one id, comes back whole',
      async run(trial) {
        const spans = trial.encode([FIRST, ...MANY]);
        await trial.store.write(spans, as(''));
        const [found, ...others] = await trial.read(['11']);
        assert.deepEqual([found?.traceId, others], ['11', []]);
        assertSameSpans(found?.spans ?? [], [spans]);
      },
    },
    {
      id: 'A7',
      title: 'a span that started 15 days ago is kept',
      async run(trial) {
        const start = (BigInt(Date.now()) - 15n * 86_400_000n) * 1_000_000n;
        const archived: SpanSpec = {
          traceId: '000000000000000b0000000000000016',
          spanId: '37',
          service: 'archived_service',
          name: 'archive_span',
          start,
          duration: 0n,
        };
        await trial.write([archived]);
        const [found] = await trial.read(['b0000000000000016']);
        trial.assertSpans(found, [archived]);
      },
    },
    {
      id: 'A8',
      title: 'dependencies are the calls between services, counted',
      async run(trial) {
        const called = (parent: string, child: string, traceId: string): readonly SpanSpec[] => [
          { traceId, spanId: '1', service: parent },
          { traceId, spanId: '2', parentId: '1', service: child },
        ];
        await trial.write([
          ...called('hello', 'world', '1'),
          ...['2', '3', '4'].flatMap((traceId) => called('world', 'hello', traceId)),
        ]);
        const range = { startMin: NOON - HOUR, startMax: NOON + HOUR };
        assert.deepEqual(await trial.store.dependencies(range, as('')), [
          { parent: 'hello', child: 'world', callCount: 1n },
          { parent: 'world', child: 'hello', callCount: 3n },
        ]);
      },
    },
    {
      id: 'C1',
      title: 'of the traces asked for, those that are not there are left out',
      async run(trial) {
        await trial.write([...EXAMPLE, { ...FIRST, traceId: '22' }]);
        const found = await trial.read(['1', '11', '33', '22']);
        assert.deepEqual(found.map(({ traceId }) => traceId).sort(), ['11', '22']);
      },
    },
    {
      id: 'C3',
      title: 'a trace of 10,007 spans, sent at once, has one service',
      async run(trial) {
        await trial.write(MANY);
        // A5 looks at all that they are.
        const [found] = await trial.read(['11']);
        const ids = spansIn(found?.spans ?? []).map(spanIdIn);
        assert.deepEqual(ids.sort(), MANY.map(({ spanId = '' }) => spanId.padStart(16, '0')).sort());
        assert.deepEqual(await trial.store.services(as('')), ['example-service-1']);
      },
    },
    {
      id: 'C4',
      title: 'spans that share their id and differ otherwise are all kept',
      async run(trial) {
        const spans = MANY.slice(0, 200).map((span, index) =>
          index > 0 && index % 20 === 0 ? { ...span, spanId: '4' } : span,
        );
        await trial.write(spans);
        await trial.assertTrace('11', spans);
      },
    },
    {
      id: 'C6',
      title: 'a trace found by one of its services is given whole, and with its first start and last end',
      async run(trial) {
        await trial.write(EXAMPLE);
        const [found, ...others] = await trial.find({ service: 'example-service-2' });
        assert.deepEqual(others, []);
        trial.assertSpans(found, EXAMPLE);
        const query = { service: 'example-service-2', limit: 10 };
        for (const { traceId, start, end } of await trial.store.findTraceIds(query, as(''))) {
          assert.deepEqual(Buffer.from(traceId), Buffer.from(traceIdOf('11')));
          assert.ok(start === undefined || start === NOON, `starts at ${start}`);
          assert.ok(end === undefined || end === NOON + 100n * MICROSECOND, `ends at ${end}`);
        }
      },
    },
    {
      id: 'C7',
      title: 'a search without a service finds traces of all services',
      needs: ['any-service'],
      async run(trial) {
        const attributes = { 'rfc0013.cross.service': 'yes' };
        await trial.write([
          { traceId: 'a', service: 'cross-service-a', attributes },
          { traceId: 'b', service: 'cross-service-b', attributes },
          { traceId: 'c', service: 'cross-service-c' },
        ]);
        const query = { attributes: [{ key: 'rfc0013.cross.service', value: 'yes' }] };
        assert.deepEqual([...(await trial.ids(query))].sort(), ['a', 'b']);
      },
    },
  ],
};
