import assert from 'node:assert/strict';
import type { CharmFunction } from '#lib/juju-local';
import { cleanUp, database, openModel } from './helpers.ts';

const turn = () => new Promise(setImmediate);

suite('a hook that is killed', () => {
  teardown(cleanUp);

  test('is run again, and what it had written is lost', async () => {
    const watched = await openModel();
    let runs = 0;
    const run: CharmFunction = async (tools, { event }, signal) => {
      if (event.kind !== 'install') return;
      runs += 1;
      if (runs > 1) return;
      await tools.stateSet({ half: 'done' });
      watched.model.killHook('db/0');
      assert.equal(signal.aborted, true);
      await new Promise(() => {});
    };
    await watched.model.deploy({ app: 'db', charm: await database(), run });
    const { settled } = await watched.model.settle();
    assert.equal(settled, true);
    assert.equal(runs, 2);
    assert.deepEqual(watched.model.snapshot().applications.db?.units['db/0']?.stored, {});
  });

  test('is run again and its changes stay, when it is the agent that dies after the commit', async () => {
    const watched = await openModel();
    let runs = 0;
    const run: CharmFunction = async (tools, { event }) => {
      if (event.kind !== 'install') return;
      runs += 1;
      if (runs === 1) watched.model.killHook('db/0', { afterCommit: true });
      const { count = '0' } = await tools.stateGet();
      await tools.stateSet({ count: String(Number(count) + 1) });
    };
    await watched.model.deploy({ app: 'db', charm: await database(), run });
    const { settled } = await watched.model.settle();
    assert.equal(settled, true);
    assert.deepEqual(watched.model.snapshot().applications.db?.units['db/0']?.stored, { count: '2' });
  });

  test('is a real process with all that it started, too', async () => {
    const watched = await openModel();
    const dispatch =
      '[ "$hook" = start ] && [ ! -e once ] && { touch once; juju-log waiting; sleep 60; }; true';
    const killing = Promise.withResolvers<boolean>();
    const { model } = watched;
    await model.deploy({ app: 'db', charm: await database(dispatch) });
    while (!watched.logs('db/0').includes('waiting')) await turn();
    killing.resolve(model.killHook('db/0'));
    assert.equal(await killing.promise, true);
    const { settled } = await model.settle();
    assert.equal(settled, true);
    assert.equal(model.killHook('db/0'), false);
  });
});
