import assert from 'node:assert/strict';
import type { CharmFunction } from '#lib/juju-local';
import { cleanUp, database, openModel } from './helpers.ts';

suite('a model without its history', () => {
  teardown(cleanUp);

  test('has the same shape and ids, says nothing, and has no hook due', async () => {
    const charm = await database();
    const { model } = await openModel();
    const run: CharmFunction = async (tools) => {
      await tools.stateSet({ said: 'so' });
      await tools.statusSet('active', 'ready');
    };
    await model.deploy({ app: 'db', charm, units: 2, run });
    model.removeUnit('db/0');
    const uri = model.addSecret({ name: 's', content: { 'a-key': 'x' }, grantTo: ['db'] });
    await model.settle();
    const silent = model.withoutHistory({ run: () => run });
    try {
      const before = silent.snapshot().applications.db?.units;
      assert.deepEqual(Object.keys(before ?? {}), ['db/1']);
      assert.deepEqual(before?.['db/1']?.stored, {});
      assert.equal(before?.['db/1']?.leader, true);
      assert.deepEqual(await silent.settle(), { settled: true, hooks: 0, failedHooks: [] });
      silent.updateSecret(uri, { 'a-key': 'y' });
      silent.fireUpdateStatus();
      assert.equal((await silent.settle()).hooks, 1);
      assert.deepEqual(silent.snapshot().applications.db?.units['db/1']?.stored, { said: 'so' });
      assert.deepEqual(model.snapshot().applications.db?.units['db/1']?.stored, { said: 'so' });
    } finally {
      await silent.close();
    }
  });
});
