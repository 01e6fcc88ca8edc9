import assert from 'node:assert/strict';
import type { GoalState } from '#lib/juju';
import type { CharmFunction } from '#lib/juju-local';
import { cleanUp, openModel, shellCharm } from './helpers.ts';

suite('goal-state', () => {
  teardown(cleanUp);

  test('names units before their joined hooks have run, those that leave as dying, and not those that left', async () => {
    // Given an application that asks in each hook, and a database of two units
    const { model } = await openModel();
    const asked: { hook: string; database: GoalState['relations'][string] | undefined }[] = [];
    const run: CharmFunction = async (tools, { event }) => {
      const { relations } = await tools.goalState();
      asked.push({ hook: event.kind, database: relations.db });
    };
    const web = await shellCharm({
      name: 'web',
      requires: { db: { interface: 'sql' } },
      peers: { ring: { interface: 'ring' } },
    });
    const db = await shellCharm({ name: 'db', provides: { sql: { interface: 'sql' } } });
    await model.deploy({ app: 'db', charm: db, units: 2 });
    await model.deploy({ app: 'web', charm: web, units: 0, run });
    model.relate('web:db', 'db:sql');
    await model.settle();
    const units = () => Object.keys(asked.at(-1)?.database ?? {}).toSorted();
    // When its first unit comes
    model.addUnit('web');
    await model.settle();
    // Then the first hook names both already, whether they have joined or not
    assert.equal(asked[0]?.hook, 'install');
    assert.deepEqual(Object.keys(asked[0]?.database ?? {}).toSorted(), ['db', 'db/0', 'db/1']);
    // When one of them leaves
    model.removeUnit('db/1');
    await model.settle();
    // Then it is dying while it does, and gone after it
    const departed = asked.find(({ hook }) => hook === 'relation-departed');
    assert.ok([undefined, 'dying'].includes(departed?.database?.['db/1']?.status));
    model.fireUpdateStatus();
    await model.settle();
    assert.deepEqual(units(), ['db', 'db/0']);
  });
});
