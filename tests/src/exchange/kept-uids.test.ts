import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SourceRelation, View } from '#src/exchange';
import { datasourceUid, type Topology } from '#src/grafana/provisioner';
import { decide } from '../../../src/exchange/decide.ts';
import { keptUids } from '../../../src/exchange/kept-uids.ts';
import { applied, gateway, source, U, view, written } from './builders.ts';

const topology = (application: string, unitNumber?: number): Topology => ({
  model: 'cos',
  modelUuid: U,
  application,
  unitNumber,
});
const uidOf = (application: string, unitNumber?: number) => datasourceUid(topology(application, unitNumber));

/** What a gateway's own hook leaves behind, and then finds with other sources. */
function then(seen: View, ...sources: SourceRelation[]): View {
  return { ...applied(seen, decide(seen)), sources };
}
const see = (...sources: SourceRelation[]) => {
  return view({ gateway, sources, peer: { relationId: 0, appData: { leader: 'tempo/0' } } });
};

suite('an application that changes its form', () => {
  test('from units to a single one keeps the UID of its first unit, and nothing is made anew', () => {
    const before = see(source('tempo', { units: { 0: 'http://t', 1: 'http://t' } }));
    const after = then(before, source('tempo', { app: 'http://t' }));
    const intent = decide(after);
    assert.equal(written(intent, 30).app_datasource_uid, uidOf('tempo', 0));
    assert.deepEqual(
      intent.provision.map((step) => [step.kind, step.kind === 'delete' ? step.uid : step.desired.uid]),
      [['delete', uidOf('tempo', 1)]],
    );
  });

  test('and back again is under its own UID still', () => {
    const units = see(source('tempo', { units: { 0: 'http://t' } }));
    const single = then(units, source('tempo', { app: 'http://t' }));
    const back = then(single, source('tempo', { units: { 0: 'http://t' } }));
    assert.equal(written(decide(back), 30).datasource_uids, `{"tempo/0": "${uidOf('tempo', 0)}"}`);
    assert.deepEqual(decide(back).provision, []);
  });

  test('from a single one to units hands its UID to the first of them', () => {
    const before = see(source('tempo', { app: 'http://t' }));
    const after = then(before, source('tempo', { units: { 0: 'http://t0', 1: 'http://t1' } }));
    assert.equal(
      written(decide(after), 30).datasource_uids,
      `{"tempo/0": "${uidOf('tempo')}", "tempo/1": "${uidOf('tempo', 1)}"}`,
    );
  });

  test('takes over nothing of another application', () => {
    const mimir = source('mimir', { relationId: 31, units: { 0: 'http://m0' } });
    const after = then(see(mimir), mimir, source('tempo', { app: 'http://m0' }));
    assert.equal(written(decide(after), 30).app_datasource_uid, uidOf('tempo'));
  });

  test('a second look changes nothing', () => {
    const before = see(source('tempo', { units: { 0: 'http://t', 1: 'http://t' } }));
    const after = then(before, source('tempo', { app: 'http://t' }));
    const settled = decide(applied(after, decide(after)));
    assert.deepEqual([settled.provision, settled.databags], [[], []]);
  });
});

suite('the UIDs to use', () => {
  const long = 'tempo-with-a-name-of-forty-characters-at';
  const anyTopology = fc.record({
    model: fc.constant('cos'),
    modelUuid: fc.constantFrom('u', 'v'),
    // The last two have one start, since there is no room in a UID for the rest.
    application: fc.constantFrom('tempo', 'mimir', `${long}-a`, `${long}-b`),
    unitNumber: fc.option(fc.nat({ max: 12 }), { nil: undefined }),
  });
  const distinct = fc.uniqueArray(anyTopology, { selector: datasourceUid, maxLength: 8 });
  const uids = (before: readonly Topology[]) => new Set(before.map(datasourceUid));

  test('are those of the topology where nothing was there before', () => {
    fc.assert(
      fc.property(distinct, (wanted) => {
        for (const [own, used] of keptUids(wanted, new Set())) assert.equal(used, own);
      }),
    );
  });

  const firsts: [what: string, application: string, before: number[]][] = [
    ['a name that there is room for', 'tempo', [12, 3, 100_000]],
    ['a name that is cut shorter the longer the number is', `${long}-a`, [100_000, 12, 3]],
    ['a name that ends in a number', 'tempo-7', [10, 9]],
  ];
  for (const [what, application, before] of firsts) {
    test(`of an application with ${what}: that of its first unit`, () => {
      const others = ['mimir', `${long}-b`, 'tempo-7-9'].flatMap((other) => [uidOf(other), uidOf(other, 1)]);
      const held = new Set([...others, ...before.map((number) => uidOf(application, number))]);
      assert.deepEqual(
        [...keptUids([topology(application)], held)],
        [[uidOf(application), uidOf(application, Math.min(...before))]],
      );
    });
  }

  test('are not those of another application whose name has the same start', () => {
    const held = new Set([uidOf(`${long}-b`, 0), uidOf(`${long}-b`, 10)]);
    const own = uidOf(`${long}-a`);
    assert.deepEqual([...keptUids([topology(`${long}-a`)], held)], [[own, own]]);
  });

  test('are one for each datasource, whatever was there before', () => {
    fc.assert(
      fc.property(distinct, distinct, (wanted, before) => {
        const used = [...keptUids(wanted, uids(before)).values()];
        assert.equal(used.length, wanted.length);
        assert.equal(new Set(used).size, used.length);
      }),
    );
  });

  test('do not depend on the order of what is wanted, nor of what was there', () => {
    fc.assert(
      fc.property(distinct, distinct, (wanted, before) => {
        const one = [...keptUids(wanted, uids(before))].toSorted();
        const other = [...keptUids(wanted.toReversed(), uids(before.toReversed()))].toSorted();
        assert.deepEqual(other, one);
      }),
    );
  });

  test('are the same at the next look, when they are what is there', () => {
    fc.assert(
      fc.property(distinct, distinct, (wanted, before) => {
        const first = keptUids(wanted, uids(before));
        assert.deepEqual(keptUids(wanted, new Set(first.values())), first);
      }),
    );
  });
});
