import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Condition } from '../../../../lib/jaeger-storage/filter/condition.ts';
import { memoryStore } from '../../../../lib/jaeger-storage/memory/memory-store.ts';
import { openSqliteStore } from '../../../../lib/jaeger-storage/sqlite/open-store.ts';
import type { SqliteStore } from '../../../../lib/jaeger-storage/sqlite/sqlite-store.ts';
import type { TraceQuery, TraceStore } from '../../../../lib/jaeger-storage/trace-store.ts';
import { as, encode, hexOf, NOON, type SpanSpec, traceIdOf } from '../contract/fixtures.ts';
import { assertSameSpans } from '../contract/read-back.ts';
import { collect } from './stores.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folders = temporaryFolders();
let host: SqliteStore;

suiteSetup(async () => {
  host = await openSqliteStore({ folder: await folders.make() });
});
suiteTeardown(async () => {
  await host.close();
  await folders.removeAll();
});

const word = fc.constantFrom('a', 'b', 'c', '');
const time = fc.bigInt({ min: NOON, max: NOON + 2000n });
const span: fc.Arbitrary<SpanSpec> = fc.record(
  {
    traceId: fc.constantFrom('1', '2', '3', '4', '5', '6', '7'),
    spanId: fc.constantFrom('1', '2', '3', '4', '5'),
    parentId: fc.constantFrom('1', '2', '3', '4', '5'),
    name: word,
    kind: fc.constantFrom('client', 'server', ''),
    start: time,
    duration: fc.bigInt({ min: 0n, max: 600n }),
    attributes: fc.dictionary(fc.constantFrom('x', 'y'), word),
    resource: fc.dictionary(fc.constantFrom('x', 'z'), word),
    events: fc.array(fc.record({ attributes: fc.dictionary(fc.constantFrom('x', 'e'), word) }), {
      maxLength: 2,
    }),
    status: fc.constantFrom('ok', 'error'),
  },
  { requiredKeys: ['traceId', 'spanId', 'start'] },
);
const write = fc.tuple(
  fc.constantFrom('otlp' as const, 'jaeger' as const),
  fc.array(span, { minLength: 1, maxLength: 12 }),
);
const leaf: fc.Arbitrary<Condition> = fc
  .record({
    op: fc.constantFrom('eq' as const, 'ne' as const),
    level: fc.constantFrom(undefined, 'span' as const, 'resource' as const, 'event' as const),
    key: fc.constantFrom('x', 'y', 'z', 'e'),
    value: word,
  })
  .map(({ op, level, key, value }) => ({
    op,
    left: { kind: 'attribute', level, key },
    right: { kind: 'constant', type: 'string', value },
  }));
const filter: fc.Arbitrary<Condition> = fc.oneof(
  leaf,
  leaf.map((condition): Condition => ({ op: 'not', condition })),
  fc
    .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(leaf, { minLength: 1, maxLength: 3 }))
    .map(([op, conditions]): Condition => ({ op, conditions })),
);
const query: fc.Arbitrary<TraceQuery> = fc.record(
  {
    service: word,
    operation: word,
    attributes: fc.array(
      fc.record({
        key: fc.constantFrom('x', 'y', 'z', 'e', 'error', 'span.kind', 'resource.x'),
        value: fc.oneof(word, fc.constantFrom('true', 'server')),
      }),
      { maxLength: 2 },
    ),
    startMin: time,
    startMax: time,
    durationMin: fc.bigInt({ min: 0n, max: 600n }),
    durationMax: fc.bigInt({ min: 0n, max: 600n }),
    filter,
    limit: fc.constantFrom(1, 2, 3, 100),
  },
  { requiredKeys: ['limit'] },
);

/** By the start of their latest span that matches: traces that are equally new may come in any order. */
async function newestStarts(store: TraceStore, one: TraceQuery): Promise<string[]> {
  return (await store.findTraceIds(one, as(''))).map(({ traceId }) => hexOf(traceId));
}

suite('SQLite and memory', () => {
  test('give the same answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { minLength: 1, maxLength: 6 }),
        fc.array(query, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        async (writes, queries, segmentSpans) => {
          // Equal starts would make the order free.
          const seen = new Set<bigint>();
          const memory = memoryStore();
          const sqlite = await openSqliteStore({
            folder: await folders.make(),
            sharedWith: host,
            tuning: { segmentSpans },
          });
          try {
            for (const [format, specs] of writes) {
              const spans = specs.map((spec) => {
                let start = spec.start ?? NOON;
                while (seen.has(start)) start += 1n;
                seen.add(start);
                // Of spans with one id in several services, stores may take any for the parent.
                const service = ['a', 'b', ''][Number(spec.spanId) % 3] ?? '';
                return { ...spec, service, start };
              });
              const encoded = encode(format, spans);
              const results = await Promise.all(
                [memory, sqlite].map((store) => store.write(encoded, as(''))),
              );
              assert.deepEqual(results[1], results[0]);
            }
            for (const one of queries)
              assert.deepEqual(await newestStarts(sqlite, one), await newestStarts(memory, one));
            const ids = ['1', '2', '3', '4', '5', '6', '7'].map((id) => ({ traceId: traceIdOf(id) }));
            for (const id of ids) {
              const [got, expected] = await Promise.all(
                [sqlite, memory].map((store) => collect(store.traces([id], as('')))),
              );
              assertSameSpans(got ?? [], expected ?? []);
            }
            assert.deepEqual(await sqlite.services(as('')), await memory.services(as('')));
            for (const service of ['a', 'b', 'c', '']) {
              assert.deepEqual(
                await sqlite.operations({ service }, as('')),
                await memory.operations({ service }, as('')),
              );
            }
            for (const range of [{}, { startMin: NOON + 300n, startMax: NOON + 1500n }]) {
              assert.deepEqual(
                await sqlite.dependencies(range, as('')),
                await memory.dependencies(range, as('')),
              );
            }
          } finally {
            await Promise.all([sqlite.close(), memory.close()]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
