import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { openSqliteStore } from '../../../../lib/jaeger-storage/sqlite/open-store.ts';
import {
  applicationId,
  type Migration,
  migrate,
  migrations,
} from '../../../../lib/jaeger-storage/sqlite/schema.ts';
import type { SqliteStore } from '../../../../lib/jaeger-storage/sqlite/sqlite-store.ts';
import { as, NOON } from '../contract/fixtures.ts';
import { foundTraces, otlpOf, spanCount, traceOf, withStore } from './stores.ts';
import { temporaryFolders } from './temporary-folder.ts';

const folders = temporaryFolders();
suiteTeardown(() => folders.removeAll());

/** Fails as the error of that code, whose message says so. */
const failure = (code: string, message: RegExp) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, code, String(error));
  assert.match((error as Error).message, message);
  return true;
};

suite('a folder of a store', () => {
  test('belongs to one store at a time, and is free after it', async () => {
    const folder = await folders.make();
    await withStore({ folder }, async (store) => {
      await assert.rejects(
        openSqliteStore({ folder }),
        failure('BUSY', /is in use .* give this one another folder/),
      );
      await assert.rejects(openSqliteStore({ folder, sharedWith: store }), failure('BUSY', /in use/));
      await store.write(otlpOf(traceOf(1)), as(''));
    });
    await withStore({ folder }, async (store) => assert.equal(await spanCount(store, 1), 3));
  });

  test('that is no absolute path is refused', async () => {
    await assert.rejects(openSqliteStore({ folder: 'here' }), failure('INVALID', /absolute path/));
  });

  test('whose file is of another program is refused, and left as it is', async () => {
    const folder = await folders.make();
    const file = join(folder, 'spans.db');
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE notes (text)');
    other.close();
    const before = await readFile(file);
    await assert.rejects(openSqliteStore({ folder }), failure('FAILED', /database of another program/));
    assert.deepEqual(await readFile(file), before);
  });

  test('whose file is no database is refused, and left as it is', async () => {
    const folder = await folders.make();
    const file = join(folder, 'spans.db');
    await writeFile(file, 'not a database, but long enough to be looked at as one\n'.repeat(100));
    await assert.rejects(
      openSqliteStore({ folder }),
      failure('FAILED', /is no SQLite database: move it away/),
    );
    assert.match(await readFile(file, 'utf8'), /^not a database/);
  });

  test('whose file is newer than the program is refused, and left as it is', async () => {
    const folder = await folders.make();
    const file = join(folder, 'spans.db');
    const newer = new DatabaseSync(file);
    newer.exec(
      `CREATE TABLE spans (text); PRAGMA user_version = 99; PRAGMA application_id = ${applicationId}`,
    );
    newer.close();
    const before = await readFile(file);
    await assert.rejects(openSqliteStore({ folder }), failure('FAILED', /newer version \(schema 99/));
    assert.deepEqual(await readFile(file), before);
  });

  test('whose file is damaged says so, and does not make up spans', async () => {
    const folder = await folders.make();
    await withStore({ folder, tuning: { segmentSpans: 8 } }, async (store) => {
      for (let n = 1; n < 100; n += 1) await store.write(otlpOf(traceOf(n)), as(''));
    });
    const file = join(folder, 'spans.db');
    const bytes = await readFile(file);
    bytes.fill(0xa5, 4096 * 3);
    await writeFile(file, bytes);
    const use = withStore({ folder }, async (store) => {
      for (let n = 1; n < 100; n += 1) assert.equal(await spanCount(store, n), 3);
    });
    await assert.rejects(use, failure('FAILED', /is damaged .* put a backup in its place/));
  });
});

suite('migrations', () => {
  /** A schema of a made-up earlier version, which had other names. */
  const older: Migration = (database) => database.exec('CREATE TABLE old_name (value)');
  const rename: Migration = (database) => database.exec('ALTER TABLE old_name RENAME TO new_name');
  const open = () => new DatabaseSync(':memory:');
  const version = (database: DatabaseSync) => database.prepare('PRAGMA user_version').get()?.user_version;

  test('take a file of an older version to the present one, with what is in it', () => {
    const database = open();
    migrate(database, 'a file', [older]);
    database.exec('INSERT INTO old_name VALUES (7)');
    migrate(database, 'a file', [older, rename]);
    assert.equal(version(database), 2);
    assert.equal(database.prepare('SELECT value FROM new_name').get()?.value, 7);
    migrate(database, 'a file', [older, rename]);
  });

  test('that fail leave the file as it was', () => {
    const database = open();
    migrate(database, 'a file', [older]);
    const broken: Migration = (db) => {
      rename(db);
      db.exec('no SQL');
    };
    assert.throws(() => migrate(database, 'a file', [older, broken]));
    assert.equal(version(database), 1);
    database.exec('SELECT value FROM old_name');
  });

  test('make a new file of the version that the program knows', () => {
    const database = open();
    migrate(database, 'a file');
    assert.equal(version(database), migrations.length);
  });
});

suite('a disk that is full', () => {
  /** Writes until there is no room. @returns the traces that were acknowledged */
  async function fill(store: SqliteStore): Promise<number[]> {
    const written: number[] = [];
    for (let n = 1; n < 2000; n += 1) {
      try {
        await store.write(
          otlpOf(traceOf(n, 5, { attributes: { number: String(n), big: 'x'.repeat(500) } })),
          as(''),
        );
        written.push(n);
      } catch (error) {
        failure('FULL', /no room to write .*: free some disk space/)(error);
        return written;
      }
    }
    assert.fail('it never filled up');
  }

  test('refuses the batch, keeps what it acknowledged, and goes on when there is room', async () => {
    const folder = await folders.make();
    const written = await withStore(
      { folder, tuning: { maxPages: 120, segmentSpans: 20 } },
      async (store) => {
        const all = await fill(store);
        assert(all.length > 3);
        // It is up: reads work, and the next batch is refused in the same way.
        assert.equal(await spanCount(store, all.at(-1) as number), 5);
        const next = store.write(otlpOf(traceOf(5000, 100)), as(''));
        await assert.rejects(next, failure('FULL', /no room/));
        assert.equal((await store.counts()).spans, all.length * 5);
        assert.deepEqual(
          (await foundTraces(store, { limit: 5000 })).sort((a, b) => a - b),
          all,
        );
        return all;
      },
    );
    await withStore({ folder }, async (store) => {
      await store.write(otlpOf(traceOf(6000)), as(''));
      assert.deepEqual(
        (await foundTraces(store, { limit: 5000 })).sort((a, b) => a - b),
        [...written, 6000],
      );
      const calls = await store.dependencies({}, as(''));
      assert.equal(
        calls.reduce((sum, { callCount }) => sum + callCount, 0n),
        BigInt(written.length * 4 + 2),
      );
    });
  });

  test('refuses of the writes of one commit only what does not fit', async () => {
    const tuning = { maxPages: 120 };
    await withStore({ folder: await folders.make(), tuning }, async (store) => {
      await store.write(otlpOf(traceOf(1)), as(''));
      const sized = (trace: number, bytes: number) =>
        store.write(otlpOf(traceOf(trace, 1, { attributes: { text: 'x'.repeat(bytes) } })), as(''));
      // In one turn of the event loop, so in one commit.
      const outcomes = await Promise.allSettled([
        sized(2, 10),
        sized(3, 700_000),
        sized(4, 20_000),
        sized(5, 900_000),
        sized(6, 800_000),
        sized(7, 10),
      ]);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'rejected', 'fulfilled'],
      );
      for (const one of outcomes) {
        if (one.status === 'rejected')
          failure('FULL', /no room to write .*: free some disk space/)(one.reason);
      }
      assert.deepEqual((await foundTraces(store, { limit: 9 })).toSorted(), [1, 2, 4, 7]);
      assert.equal((await store.counts()).spans, 6);
    });
  });

  test('for real: refuses what does not fit, also of tenants that are new, and goes on when there is room', async function () {
    const folder = await folders.make();
    const run = promisify(execFile);
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
    } catch {
      // Only root may.
      this.skip();
    }
    try {
      await withStore({ folder, minFreeBytes: 0, tuning: { segmentSpans: 20 } }, async (store) => {
        await writeFile(join(folder, 'filler'), new Uint8Array(2 ** 20));
        const all = await fill(store);
        assert(all.length > 3);
        // To the last page.
        await writeFile(join(folder, 'rest'), new Uint8Array(2 ** 23)).catch(() => undefined);
        await assert.rejects(store.write(otlpOf(traceOf(1)), as('new')), failure('FULL', /no room to write/));
        assert.equal(await spanCount(store, all.at(-1) as number), 5);
        await rm(join(folder, 'filler'));
        await store.write(otlpOf(traceOf(1)), as('new'));
        assert.equal((await store.counts('new')).spans, 3);
        assert.deepEqual(
          (await foundTraces(store, { limit: 5000 })).sort((a, b) => a - b),
          all,
        );
      });
    } finally {
      await run('umount', [folder]);
    }
  });

  test('below the reserve refuses writes before it is too late', async () => {
    await withStore(
      { folder: await folders.make(), minFreeBytes: Number.MAX_SAFE_INTEGER },
      async (store) => {
        await assert.rejects(
          store.write(otlpOf(traceOf(1)), as('')),
          failure('FULL', /are free on the disk of/),
        );
      },
    );
  });

  test('below the reserve lets the oldest spans go where a limit allows it', async () => {
    const options = {
      minFreeBytes: Number.MAX_SAFE_INTEGER,
      retention: { maxAgeMs: 1e9 },
      tuning: { segmentSpans: 6 },
    };
    await withStore({ folder: await folders.make(), ...options }, async (store) => {
      for (let n = 1; n < 30; n += 1) await store.write(otlpOf(traceOf(n)), as(''));
      assert.equal(await spanCount(store, 1), 0);
      assert((await store.counts()).spans < 30);
    });
  });
});

suite('more than can be written', () => {
  test('is refused, and what was taken is written', async () => {
    const batch = otlpOf(traceOf(1, 50));
    const maxQueuedBytes = batch.bytes.length * 3;
    await withStore({ folder: await folders.make(), maxQueuedBytes }, async (store) => {
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) => store.write(otlpOf(traceOf(n + 1, 50)), as(''))),
      );
      const refused = results.filter(({ status }) => status === 'rejected');
      assert(refused.length > 0 && refused.length < 10);
      for (const one of refused)
        failure('BUSY', /send them again later/)((one as PromiseRejectedResult).reason);
      assert.equal((await store.counts()).spans, (10 - refused.length) * 50);
      assert.equal((await store.counts()).queuedBytes, 0);
    });
  });

  test('one batch that is larger than the queue is taken alone', async () => {
    await withStore({ folder: await folders.make(), maxQueuedBytes: 10 }, async (store) => {
      assert.equal((await store.write(otlpOf(traceOf(1, 20)), as(''))).accepted, 20);
    });
  });
});

suite('backup', () => {
  test('copies what there is while more is written, and the copy is a store', async () => {
    const [folder, copy] = [await folders.make(), await folders.make()];
    await withStore({ folder, tuning: { segmentSpans: 32 } }, async (store) => {
      for (let n = 1; n <= 200; n += 1) await store.write(otlpOf(traceOf(n)), as(''));
      let isDone = false;
      const writing = (async () => {
        let n = 200;
        while (!isDone) await store.write(otlpOf(traceOf(++n)), as(''));
        return n;
      })();
      await store.backup(join(copy, 'spans.db'));
      isDone = true;
      assert.equal(await spanCount(store, await writing), 3);
      await assert.rejects(store.backup(join(copy, 'spans.db')), failure('INVALID', /is there already/));
    });
    await withStore({ folder: copy }, async (store) => {
      const { spans, traces } = await store.counts();
      assert(traces >= 200);
      assert.equal(spans, traces * 3);
      assert.equal((await foundTraces(store, { limit: 10_000 })).length, traces);
      assert.equal(await spanCount(store, 200), 3);
    });
  });

  test('of a tenant that never wrote is refused', async () => {
    await withStore({ folder: await folders.make() }, async (store) => {
      await assert.rejects(
        store.backup(join(await folders.make(), 'copy.db')),
        failure('INVALID', /nothing to back up/),
      );
    });
  });
});

suite('tenants', () => {
  test('have a database each, of which few are open, and names that lead nowhere', async () => {
    const folder = await folders.make();
    const tenants = ['', 'a', 'A', '../up', 'a/b', '.', 'ü', 'x'.repeat(300), 'CON', '%41'];
    await withStore({ folder, maxOpenTenants: 2 }, async (store) => {
      for (const [n, tenant] of tenants.entries()) await store.write(otlpOf(traceOf(n + 1)), as(tenant));
      const found = await Promise.all(tenants.map((tenant) => store.findTraceIds({ limit: 9 }, as(tenant))));
      for (const [n, ids] of found.entries())
        assert.deepEqual(
          ids.map(({ traceId }) => traceId.at(-1)),
          [n + 1],
        );
      assert.deepEqual(await store.services(as('nobody')), []);
      assert.deepEqual(await store.findTraceIds({ limit: 1, startMin: NOON }, as('nobody')), []);
    });
    await assert.rejects(stat(join(folder, '..', 'up')));
    await mkdir(join(folder, 'tenants'), { recursive: true });
    await assert.rejects(stat(join(folder, 'tenants', 'nobody')), 'reading makes no file');
  });
});
