import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nothing } from '../../../../src/grafana/embedded/bind.ts';
import type { Command, Row } from '../../../../src/grafana/embedded/store.ts';
import { Store } from '../../../../src/grafana/embedded/store.ts';
import { gatesOf } from '../../../../src/grafana/embedded/version.ts';

const versions = ['9.4.0', '10.4.0', '11.6.0', '12.1.0', '12.3.0', '13.1.0'];

function newStore(version = '12.1.0'): Store {
  let made = 0;
  return new Store(gatesOf(version), () => `made-${made++}`);
}

function command(fields: Partial<Command>): Command {
  return { ...nothing, type: 'tempo', access: 'proxy', url: 'http://tempo', ...fields };
}

function added(store: Store, fields: Partial<Command>): Row {
  const row = store.add(command(fields));
  assert.ok(typeof row !== 'string', String(row));
  return row;
}

suite('store of the embedded Grafana', () => {
  // Names and uids that collide often, in letters of either case.
  const anyName = fc.constantFrom('a', 'A', 'b', 'B', 'ä', 'Ä', 'tempo', 'Tempo-1');
  const anyUid = fc.constantFrom('', 'u1', 'u2', 'U1', 'made-0', 'made-1', 'no good');
  const anyCommand = fc
    .record({
      name: anyName,
      uid: anyUid,
      isDefault: fc.boolean(),
      version: fc.integer({ min: 0, max: 9 }),
      url: fc.constantFrom('', 'http://x'),
    })
    .map(command);
  const anyWrite = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), command: anyCommand }),
    fc.record({ kind: fc.constant('update' as const), command: anyCommand, at: fc.nat(5) }),
    fc.record({ kind: fc.constant('remove' as const), at: fc.nat(5) }),
  );
  const anyHistory = fc.record({
    version: fc.constantFrom(...versions),
    writes: fc.array(anyWrite, { maxLength: 30 }),
  });

  /** Calls `check` after each write with what was there before. */
  function replay(
    {
      version,
      writes,
    }: { version: string; writes: (typeof anyWrite extends fc.Arbitrary<infer T> ? T : never)[] },
    check: (store: Store, before: Row[]) => void,
  ): void {
    const store = newStore(version);
    for (const write of writes) {
      const before = store.list();
      if (write.kind === 'add') {
        store.add(write.command);
      } else {
        const row = before[write.at % Math.max(1, before.length)];
        if (row === undefined) continue;
        if (write.kind === 'update') store.update(row, write.command);
        else store.remove(row);
      }
      check(store, before);
    }
  }

  test('no two datasources share a name, a uid or an id, whatever is written', () => {
    fc.assert(
      fc.property(anyHistory, (history) =>
        replay(history, (store) => {
          const rows = store.list();
          for (const key of ['name', 'uid', 'id'] as const) {
            assert.equal(new Set(rows.map((row) => row[key])).size, rows.length, key);
          }
        }),
      ),
    );
  });

  test('at most one datasource is the default', () => {
    fc.assert(
      fc.property(anyHistory, (history) =>
        replay(history, (store) => assert.ok(store.list().filter((row) => row.isDefault).length <= 1)),
      ),
    );
  });

  test('an id is never used again', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        let last = 0;
        replay(history, (store, before) => {
          const known = new Set(before.map((row) => row.id));
          for (const { id } of store.list().filter((row) => !known.has(row.id))) {
            assert.ok(id > last);
            last = id;
          }
        });
      }),
    );
  });

  test('the list is in the order of lower-cased names', () => {
    fc.assert(
      fc.property(anyHistory, (history) =>
        replay(history, (store) => {
          const names = store.list().map((row) => Buffer.from(row.name.toLowerCase()));
          assert.deepEqual(names, names.toSorted(Buffer.compare));
        }),
      ),
    );
  });

  test('the list is in the order of bytes, whatever letters names are of', () => {
    const anyText = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '\uffee', '\u{1f600}', '\u{10ffff}') });
    fc.assert(
      fc.property(fc.uniqueArray(anyText.filter(Boolean)), (texts) => {
        const store = newStore('9.4.0');
        for (const name of texts) added(store, { name });
        const bytes = store.list().map((row) => Buffer.from(row.name));
        assert.deepEqual(bytes, bytes.toSorted(Buffer.compare));
      }),
    );
  });

  test('each datasource is found by its id, uid and name of now, and none by what was', () => {
    fc.assert(
      fc.property(anyHistory, (history) =>
        replay(history, (store, before) => {
          const rows = store.list();
          for (const { id, uid, name } of [...before, ...rows]) {
            assert.equal(
              store.find({ id }),
              rows.find((row) => row.id === id),
            );
            assert.equal(
              store.find({ uid }),
              rows.find((row) => row.uid === uid),
            );
            assert.equal(
              store.find({ name }),
              rows.find((row) => row.name === name),
            );
          }
        }),
      ),
    );
  });

  test('a write changes no version but that of its own datasource', () => {
    fc.assert(
      fc.property(anyHistory, (history) =>
        replay(history, (store, before) => {
          const changed = before.filter(({ id, version }) => {
            const now = store.find({ id });
            return now !== undefined && now.version !== version;
          });
          assert.ok(changed.length <= 1);
        }),
      ),
    );
  });

  test('an update is accepted if and only if its version is 0 or not below the stored one, and counts on', () => {
    const anyVersion = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(
        fc.constantFrom(...versions),
        fc.array(anyVersion, { maxLength: 20 }),
        (version, wanted) => {
          const store = newStore(version);
          let row = added(store, { name: 'a', uid: 'u' });
          for (const each of wanted) {
            const result = store.update(row, command({ name: 'a', uid: 'u', version: each }));
            if (each !== 0 && each < row.version) {
              assert.equal(result, 'VERSION_STALE');
              assert.equal(store.find({ uid: 'u' }), row);
            } else {
              assert.ok(typeof result !== 'string');
              assert.equal(result.version, each + 1);
              row = result;
            }
          }
        },
      ),
    );
  });

  test('read, modify, write always succeeds and raises the version by one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), (times) => {
        const store = newStore();
        let row = added(store, { name: 'a', uid: 'u' });
        for (let n = 1; n <= times; n++) {
          const result = store.update(row, command({ name: 'a', version: row.version }));
          assert.ok(typeof result !== 'string');
          row = result;
        }
        assert.equal(row.version, times + 1);
      }),
    );
  });

  test('the default flag is taken from read-only datasources too, and their version stays', () => {
    const store = newStore();
    const seed = { ...command({ name: 'file', uid: 'file' }), isDefault: true, version: 7, readOnly: true };
    store.seed(seed);
    added(store, { name: 'api', isDefault: true });
    const { isDefault, version, readOnly } = store.find({ uid: 'file' }) ?? {};
    assert.deepEqual({ isDefault, version, readOnly }, { isDefault: false, version: 7, readOnly: true });
  });

  test('the first datasource becomes the default from 10.2 on', () => {
    assert.equal(added(newStore('10.1.0'), { name: 'a' }).isDefault, false);
    assert.equal(added(newStore('10.2.0'), { name: 'a' }).isDefault, true);
  });

  test('a datasource without a name gets one of its type, counted without regard to case', () => {
    const store = newStore();
    assert.equal(added(store, {}).name, 'tempo');
    assert.equal(added(store, { name: 'TEMPO-1' }).name, 'TEMPO-1');
    assert.equal(added(store, {}).name, 'tempo-2');
  });

  test('an old uid of a form that is no longer allowed can be kept, not repeated', () => {
    const store = newStore('12.1.0');
    const row = store.seed({ ...command({ name: 'a', uid: 'old uid' }), readOnly: false });
    assert.equal(store.update(row, command({ name: 'a', uid: 'old uid' })), 'UID_INVALID');
    const kept = store.update(row, command({ name: 'a' }));
    assert.equal(typeof kept !== 'string' && kept.uid, 'old uid');
  });

  test('a change of uid is a rename before 12.2 and refused after', () => {
    for (const [version, expected] of [
      ['12.1.0', 'other'],
      ['12.2.0', 'UID_CHANGED'],
    ] as const) {
      const store = newStore(version);
      const row = added(store, { name: 'a', uid: 'u' });
      const result = store.update(row, command({ name: 'a', uid: 'other' }));
      assert.equal(typeof result === 'string' ? result : result.uid, expected);
    }
  });

  test('a change to a taken uid is refused', () => {
    const store = newStore('11.0.0');
    added(store, { name: 'b', uid: 'taken' });
    assert.equal(
      store.update(added(store, { name: 'a', uid: 'u' }), command({ name: 'a', uid: 'taken' })),
      'UID_TAKEN',
    );
  });

  test('team headers are neither set nor lost by an update', () => {
    const store = newStore('12.1.0');
    const seeded = command({ name: 'a', uid: 'u', jsonData: { teamHttpHeaders: 1, a: 1 } });
    const kept = store.update(
      store.seed({ ...seeded, readOnly: false }),
      command({ name: 'a', jsonData: { b: 2, teamHttpHeaders: 9 } }),
    );
    assert.deepEqual(typeof kept !== 'string' && kept.jsonData, { b: 2, teamHttpHeaders: 1 });
  });
});
