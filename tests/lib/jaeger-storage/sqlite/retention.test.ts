import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DatabaseReader } from '../../../../lib/jaeger-storage/sqlite/database-reader.ts';
import { DatabaseWriter } from '../../../../lib/jaeger-storage/sqlite/database-writer.ts';
import { openSqliteStore } from '../../../../lib/jaeger-storage/sqlite/open-store.ts';
import type { SqliteStore, SqliteStoreOptions } from '../../../../lib/jaeger-storage/sqlite/sqlite-store.ts';
import { TenantDatabases } from '../../../../lib/jaeger-storage/sqlite/tenant-databases.ts';
import type { StoreThreads } from '../../../../lib/jaeger-storage/sqlite/threads.ts';
import { as } from '../contract/fixtures.ts';
import { spansIn } from '../contract/read-back.ts';
import { collect, foundTraces, otlpOf, spanCount, traceOf, withStore } from './stores.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folders = temporaryFolders();
/** Its threads do for stores of others. */
let host: SqliteStore;

suiteSetup(async () => {
  host = await openSqliteStore({ folder: await folders.make() });
});
suiteTeardown(async () => {
  await host.close();
  await folders.removeAll();
});

const settings = {
  durability: 'process',
  retention: {},
  minFreeBytes: 0,
  segmentSpans: 1e9,
  segmentBytes: 1e9,
  maxPages: undefined,
} as const;

const padding = { attributes: { text: 'x'.repeat(2000) } };

suite('retention', () => {
  test('by size lets the oldest spans go while more are written', async () => {
    const folder = await folders.make();
    const maxBytes = 2 * 1024 * 1024;
    await withStore({ folder, retention: { maxBytes }, tuning: { segmentSpans: 100 } }, async (store) => {
      for (let n = 1; n <= 500; n += 1) await store.write(otlpOf(traceOf(n, 5, padding)), as(''));
      await store.expire();
      const { bytes, spans, traces, segments } = await store.counts();
      assert(bytes <= maxBytes, `${bytes} bytes`);
      assert(spans > 100 && spans < 2000 && segments > 0);
      assert.equal(spans, traces * 5);
      const found = await foundTraces(store, { limit: 1000 });
      assert.deepEqual(
        found,
        Array.from({ length: traces }, (_, n) => 500 - n),
        'the newest, and all of them',
      );
      assert.equal(await spanCount(store, 1), 0);
    });
    // Freed pages are used again.
    assert((await stat(join(folder, 'spans.db'))).size < 2 * maxBytes);
  });

  test('lets names, dependencies and counts go with the last span', async () => {
    const folder = await folders.make();
    const writer = new DatabaseWriter(join(folder, 'spans.db'), settings, () => undefined);
    const old = traceOf(1, 4, { service: 'old', name: 'old' });
    writer.write([otlpOf(old, traceOf(2, 4, { service: 'both', name: 'first' }))]);
    writer.sealIfOlder(Number.POSITIVE_INFINITY);
    writer.write([otlpOf(traceOf(3, 4, { service: 'both', name: 'second' }))]);
    writer.sealIfOlder(Number.POSITIVE_INFINITY);
    assert.equal(writer.expireOldest(0), false, 'none is that old');
    assert.equal(writer.expireOldest(), true);
    assert.deepEqual({ ...writer.counts(), bytes: 0 }, { spans: 4, traces: 1, segments: 1, bytes: 0 });
    // What is gone is new when it comes again.
    writer.write([otlpOf(old)]);
    assert.equal(writer.counts().spans, 8);
    writer.close();
    await withStore({ folder }, async (store) => {
      assert.deepEqual(await store.services(as('')), ['both', 'old']);
      assert.deepEqual(await store.operations({ service: 'both' }, as('')), [{ name: 'second', kind: '' }]);
      assert.equal(await spanCount(store, 1), 4);
      assert.equal(await spanCount(store, 2), 0);
    });
    const again = new DatabaseWriter(join(folder, 'spans.db'), settings, () => undefined);
    again.sealIfOlder(Number.POSITIVE_INFINITY);
    while (again.expireOldest());
    assert.deepEqual({ ...again.counts(), bytes: 0 }, { spans: 0, traces: 0, segments: 0, bytes: 0 });
    again.close();
    await withStore({ folder }, async (store) => {
      assert.deepEqual(await store.services(as('')), []);
      await store.write(otlpOf(traceOf(9)), as(''));
      assert.deepEqual(await foundTraces(store, { limit: 9 }), [9]);
    });
  });

  test('by age takes what came before, and seals what is open for that', async () => {
    const options = { folder: await folders.make(), retention: { maxAgeMs: 400 } };
    await withStore(options, async (store) => {
      await store.write(otlpOf(traceOf(1)), as(''));
      assert.equal(await spanCount(store, 1), 3);
      const until = Date.now() + 20_000;
      while ((await store.counts()).spans > 0 && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        await store.expire();
      }
      assert.equal(await spanCount(store, 1), 0);
      assert.deepEqual(await store.services(as('')), []);
    });
  });

  test('does not disturb reads: what is found is whole, or gone', async () => {
    const folder = await folders.make();
    const options = { folder, retention: { maxBytes: 1024 * 1024 }, tuning: { segmentSpans: 50 } };
    await withStore(options, async (store) => {
      let written = 0;
      const writing = (async () => {
        for (let n = 1; n <= 400; n += 1) {
          await store.write(otlpOf(traceOf(n, 5, padding)), as(''));
          written = n;
        }
      })();
      let reads = 0;
      while (written < 400) {
        for (const trace of await foundTraces(store, { limit: 3, service: 'service-1' })) {
          assert([0, 5].includes(await spanCount(store, trace)), `half of trace ${trace}`);
        }
        await collect(store.findTraces({ limit: 1000 }, as('')));
        reads += 1;
      }
      await writing;
      assert(reads > 0);
    });
  });

  test('of a trace that is being read is told its reader; read again, what is left is whole', async () => {
    const file = join(await folders.make(), 'spans.db');
    let reader: DatabaseReader | undefined;
    const writer = new DatabaseWriter(file, settings, (addition) => reader?.add(addition));
    reader = new DatabaseReader(file);
    try {
      const spans = traceOf(1, 6, { attributes: { text: 'x'.repeat(700_000) } });
      for (const span of spans) {
        writer.write([otlpOf([span])]);
        writer.sealIfOlder(Number.POSITIVE_INFINITY);
      }
      const id = Uint8Array.from({ length: 16 }, (_, n) => Number(n === 15));
      const parts = reader.trace(id);
      assert.equal(spansIn([...(parts.next().value?.spans ?? [])]).length, 2);
      // What has been given already may go.
      for (let n = 0; n < 2; n += 1) writer.expireOldest();
      assert.equal(spansIn([...(parts.next().value?.spans ?? [])]).length, 2);
      for (let n = 0; n < 3; n += 1) writer.expireOldest();
      assert.throws(() => parts.next(), { code: 'BUSY', message: /trace 0+1 expired while it was read/ });
      assert.equal([...reader.trace(id)].flatMap((part) => spansIn([...part.spans])).length, 1);
      writer.expireOldest();
      assert.deepEqual([...reader.trace(id)], []);
    } finally {
      reader.close();
      writer.close();
    }
  });

  const tenants = ['', 'a', 'B', 'c/d', 'x'.repeat(300)];

  async function withOldSpans(options: Partial<SqliteStoreOptions>): Promise<SqliteStoreOptions> {
    const folder = await folders.make();
    await withStore({ folder }, async (store) => {
      for (const tenant of tenants) await store.write(otlpOf(traceOf(1)), as(tenant));
    });
    // Older than allowed.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { folder, retention: { maxAgeMs: 10 }, ...options };
  }

  test('reaches all tenants that there are, though few may be open', async () => {
    const options = await withOldSpans({ maxOpenTenants: 1, sharedWith: host });
    await withStore(options, async (store) => {
      await store.expire();
      for (const tenant of tenants) assert.equal((await store.counts(tenant)).spans, 0, tenant);
    });
  });

  test('reaches tenants from whom nothing comes by itself', async () => {
    const options = await withOldSpans({ maxOpenTenants: 2, sharedWith: host, tuning: { sweepMs: 20 } });
    await withStore(options, async () => {
      const file = join(options.folder, 'tenants', 'a', 'spans.db');
      const database = new DatabaseSync(file, { readOnly: true });
      const isThere = database.prepare('SELECT count(*) AS n FROM fragment');
      const until = Date.now() + 20_000;
      while (isThere.get()?.n !== 0 && Date.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 10));
      assert.equal(isThere.get()?.n, 0);
      database.close();
    });
  });
});

suite('databases of tenants', () => {
  test('are visited one after the other, with no more open than allowed', async () => {
    const folder = await folders.make();
    const open = new Set<number>();
    let most = 0;
    const call = async (method: string, { database }: { database: number }) => {
      await new Promise(setImmediate);
      if (method === 'open') open.add(database);
      if (method === 'close') open.delete(database);
      most = Math.max(most, open.size);
      return true;
    };
    let last = 0;
    const threads = { writer: { call }, reader: { call }, nextDatabase: () => ++last };
    const databases = new TenantDatabases(threads as unknown as StoreThreads, folder, settings, 2);
    const busy = await databases.acquire('busy', true);
    const idle = await databases.acquire('idle', true);
    const use = async () => {
      await new Promise(setImmediate);
    };
    assert.equal(await databases.visit('other', use), false, 'all are being used');
    idle?.release();
    for (const name of ['other', 'another', 'busy']) assert.equal(await databases.visit(name, use), true);
    assert.equal(most, 2);
    assert.deepEqual([...open], [busy?.database]);
    // Whom somebody asked for meanwhile stays.
    await databases.visit('other', () => databases.with('other', false, use));
    assert.equal(open.size, 2);
    await databases.close();
    assert.equal(open.size, 0);
  });
});
