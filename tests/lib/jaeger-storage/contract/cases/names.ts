import assert from 'node:assert/strict';
import type { SpanKind } from '../../../../../lib/jaeger-storage/trace-store.ts';
import { as, HOUR, NOON, SECOND, type SpanSpec } from '../fixtures.ts';
import type { ContractGroup } from '../trial.ts';

const KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];

export const names: ContractGroup = {
  name: 'services, operations, dependencies',
  cases: [
    {
      id: 'U1',
      title: 'operations of one kind',
      async run(trial) {
        await trial.write(
          ['' as const, ...KINDS].map((kind, index) => ({
            spanId: String(index + 1),
            name: `do ${kind}`,
            kind,
          })),
        );
        for (const kind of KINDS) {
          const found = await trial.store.operations({ service: 'a-service', kind }, as(''));
          assert.deepEqual(found, [{ name: `do ${kind}`, kind }]);
        }
        assert.deepEqual(
          await trial.store.operations({ service: 'a-service', kind: 'nonsense' }, as('')),
          [],
        );
        assert.equal((await trial.store.operations({ service: 'a-service' }, as(''))).length, 6);
      },
    },
    {
      id: 'U2',
      title: 'operations of a service that is not there, or is spelt otherwise, are none',
      async run(trial) {
        await trial.write([{}]);
        for (const service of ['other', 'A-SERVICE', 'a-serv%', 'a-service ']) {
          assert.deepEqual(await trial.store.operations({ service }, as('')), []);
        }
      },
    },
    {
      id: 'U3',
      title: 'services and operations come in order',
      async run(trial) {
        const names = ['b', 'a', 'C', 'ab', 'a.b'];
        await trial.write(
          names.map((name, index) => ({ traceId: String(index + 1), service: name, name: 'x' })),
        );
        await trial.write(
          names.map((name, index) => ({ traceId: String(index + 1), spanId: '2', service: 'ops', name })),
        );
        const inOrder = [...names].sort();
        assert.deepEqual(await trial.store.services(as('')), [...inOrder, 'ops'].sort());
        const operations = await trial.store.operations({ service: 'ops' }, as(''));
        assert.deepEqual(
          operations.map(({ name }) => name),
          inOrder,
        );
      },
    },
    {
      id: 'U4',
      title: 'dependencies count each child span once, calls within one service too',
      async run(trial) {
        await trial.write([
          { spanId: '1', service: 'front' },
          { spanId: '2', parentId: '1', service: 'front' },
          { spanId: '3', parentId: '2', service: 'back' },
          { spanId: '4', parentId: '2', service: 'back' },
          { spanId: '5', parentId: '4', service: 'base' },
        ]);
        assert.deepEqual(await trial.store.dependencies({}, as('')), [
          { parent: 'back', child: 'base', callCount: 1n },
          { parent: 'front', child: 'back', callCount: 2n },
          { parent: 'front', child: 'front', callCount: 1n },
        ]);
      },
    },
    {
      id: 'U4',
      title: 'dependencies of a range are those whose child starts in it, both ends included',
      async run(trial) {
        const call = (traceId: string, start: bigint): readonly SpanSpec[] => [
          { traceId, spanId: '1', service: 'front', start: start - 24n * HOUR },
          { traceId, spanId: '2', parentId: '1', service: 'back', start },
        ];
        await trial.write(
          [NOON - SECOND, NOON, NOON + SECOND, NOON + 2n * SECOND].flatMap((start, index) =>
            call(String(index + 1), start),
          ),
        );
        const count = async (startMin?: bigint, startMax?: bigint) => {
          const [link] = await trial.store.dependencies({ startMin, startMax }, as(''));
          return link?.callCount;
        };
        assert.equal(await count(NOON, NOON + SECOND), 2n);
        assert.equal(await count(NOON + 1n, NOON + SECOND - 1n), undefined);
        assert.equal(await count(undefined, NOON), 2n);
        assert.equal(await count(NOON), 3n);
        assert.equal(await count(), 4n);
      },
    },
    {
      id: 'U4',
      title: 'dependencies need both ends: a parent in another trace, or nowhere, is none',
      async run(trial) {
        await trial.write([
          { traceId: '1', spanId: '1', service: 'front' },
          { traceId: '2', spanId: '2', parentId: '1', service: 'back' },
          { traceId: '3', spanId: '3', parentId: '9', service: 'back' },
        ]);
        assert.deepEqual(await trial.store.dependencies({}, as('')), []);
      },
    },
    {
      id: 'U4',
      title: 'dependencies know of a parent that is written after its child',
      async run(trial) {
        await trial.write([{ spanId: '2', parentId: '1', service: 'back' }]);
        assert.deepEqual(await trial.store.dependencies({}, as('')), []);
        await trial.write([{ spanId: '1', service: 'front' }]);
        assert.deepEqual(await trial.store.dependencies({}, as('')), [
          { parent: 'front', child: 'back', callCount: 1n },
        ]);
      },
    },
    {
      id: 'U4',
      title: 'of several spans with one id, the first to arrive is the parent',
      async run(trial) {
        const child = (spanId: string) => ({ spanId, parentId: '1', service: 'back' });
        await trial.write([
          { spanId: '1', service: 'first' },
          { spanId: '1', service: 'second' },
          child('2'),
        ]);
        await trial.write([{ spanId: '1', service: 'third' }, child('3')]);
        assert.deepEqual(await trial.store.dependencies({}, as('')), [
          { parent: 'first', child: 'back', callCount: 2n },
        ]);
      },
    },
    {
      id: 'U4',
      title: 'dependencies go from spans of one format to spans of the other',
      async run(trial) {
        await trial.write([{ spanId: '1', service: 'front' }], { format: 'otlp' });
        await trial.write([{ spanId: '2', parentId: '1', service: 'back' }], { format: 'jaeger' });
        await trial.write([{ spanId: '3', parentId: '2', service: 'base' }], { format: 'otlp' });
        assert.deepEqual(await trial.store.dependencies({}, as('')), [
          { parent: 'back', child: 'base', callCount: 1n },
          { parent: 'front', child: 'back', callCount: 1n },
        ]);
      },
    },
  ],
};
