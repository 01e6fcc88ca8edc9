import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { as } from '../contract/fixtures.ts';
import { foundTraces, otlpOf, spanCount, traceOf, withStore } from './stores.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folders = temporaryFolders();
suiteTeardown(() => folders.removeAll());

suite('a store that is opened again', () => {
  test('has what it had: sealed and open segments, names, dependencies, counts', async () => {
    const folder = await folders.make();
    const tuning = { segmentSpans: 10 };
    const ask = async (store: Parameters<typeof foundTraces>[0]) => ({
      found: await foundTraces(store, { limit: 100 }),
      byTag: await foundTraces(store, { limit: 100, attributes: [{ key: 'number', value: '17' }] }),
      services: await store.services(as('')),
      dependencies: await store.dependencies({}, as('')),
      counts: { ...(await store.counts()), bytes: 0 },
    });
    const before = await withStore({ folder, tuning }, async (store) => {
      for (let n = 1; n <= 25; n += 1) await store.write(otlpOf(traceOf(n)), as(''));
      return ask(store);
    });
    assert.equal(before.found.length, 25);
    assert.deepEqual(before.byTag, [17]);
    assert.equal(before.counts.spans, 75);
    assert.equal(before.counts.traces, 25);
    const after = await withStore({ folder, tuning }, ask);
    assert.deepEqual(after, before);
  });

  test('knows spans that are sent again, and counts their calls once', async () => {
    const folder = await folders.make();
    const batch = otlpOf(traceOf(1, 5), traceOf(2, 5));
    for (const segmentSpans of [100, 4]) {
      await withStore({ folder, tuning: { segmentSpans } }, async (store) => {
        assert.deepEqual(await store.write(batch, as('')), { accepted: 10, rejected: 0 });
        assert.equal((await store.counts()).spans, 10);
        const calls = (await store.dependencies({}, as(''))).map(({ callCount }) => callCount);
        assert.deepEqual(calls, [4n, 4n]);
      });
    }
  });

  test('links a child to a parent that comes after it was opened', async () => {
    const folder = await folders.make();
    const [parent, child] = traceOf(1, 2);
    assert(parent !== undefined && child !== undefined);
    await withStore({ folder }, (store) => store.write(otlpOf([{ ...child, service: 'back' }]), as('')));
    await withStore({ folder }, async (store) => {
      assert.deepEqual(await store.dependencies({}, as('')), []);
      await store.write(otlpOf([{ ...parent, service: 'front' }]), as(''));
      assert.deepEqual(await store.dependencies({}, as('')), [
        { parent: 'front', child: 'back', callCount: 1n },
      ]);
    });
  });
});

suite('a process that is killed in the middle of its work', () => {
  test('loses no span that it acknowledged, and leaves nothing half', async () => {
    const folder = await folders.make();
    let first = 1;
    // Twice, so that the second starts from what the first left.
    for (let round = 0; round < 2; round += 1) {
      const acknowledged = await writeUntilKilled(folder, first, 12);
      assert(acknowledged.length > 0);
      await withStore({ folder, tuning: { segmentSpans: 64 } }, async (store) => {
        for (const trace of acknowledged) assert.equal(await spanCount(store, trace), 8, `trace ${trace}`);
        const last = acknowledged.at(-1) as number;
        assert.deepEqual(
          await foundTraces(store, { limit: 9, attributes: [{ key: 'number', value: `${last}` }] }),
          [last],
        );
        // Commits are whole: of a trace that was not acknowledged there is all or nothing.
        const { spans, traces } = await store.counts();
        assert.equal(spans, traces * 8);
        const calls = await store.dependencies({}, as(''));
        assert.equal(
          calls.reduce((sum, { callCount }) => sum + callCount, 0n),
          BigInt(traces * 7),
        );
      });
      assertWhole(join(folder, 'spans.db'));
      first = (acknowledged.at(-1) as number) + 1000;
    }
  });
});

/** @returns the numbers of the traces whose write resolved */
async function writeUntilKilled(folder: string, first: number, batches: number): Promise<number[]> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'endless-writer.ts'), [folder, String(first)]);
  const acknowledged: number[] = [];
  child.on('message', (traces: number[]) => {
    acknowledged.push(...traces);
    if (acknowledged.length >= batches * 20) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
  return acknowledged;
}

function assertWhole(file: string): void {
  const database = new DatabaseSync(file);
  try {
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    const parts = database.prepare(
      'SELECT count(*) AS n FROM fragment f, counter c WHERE c.name = ? AND f.id < c.value AND NOT EXISTS (SELECT 1 FROM trace_part p WHERE p.trace = f.trace AND p.fragment = f.id)',
    );
    assert.equal(parts.get('fragment')?.n, 0, 'fragments of sealed segments that no trace has');
    const orphans = database.prepare(
      'SELECT count(*) AS n FROM trace_part p WHERE NOT EXISTS (SELECT 1 FROM fragment f WHERE f.id = p.fragment)',
    );
    assert.equal(orphans.get()?.n, 0, 'parts of traces without a fragment');
  } finally {
    database.close();
  }
}
