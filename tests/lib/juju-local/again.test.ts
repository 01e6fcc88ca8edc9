import assert from 'node:assert/strict';
import type { CharmFunction } from '#lib/juju-local';
import { cleanUp, database, openModel, pair } from './helpers.ts';

suite('a relation that is removed', () => {
  teardown(cleanUp);

  test('can not be made again before its last hook has run, as Juju has it', async () => {
    const { model } = await pair('', '');
    model.removeRelation('db', 'web');
    assert.throws(() => model.relate('db', 'web'), /is dying, but not yet removed/);
    await model.settle();
    model.relate('db', 'web');
  });
});

suite('a unit that is restarted while it restarts', () => {
  teardown(cleanUp);

  test('goes through it again, and does not take a stop of its pod for its last', async () => {
    const watched = await openModel();
    const { model } = watched;
    let again = true;
    const run: CharmFunction = async (_tools, { event }) => {
      if (event.kind !== 'stop' || !again) return;
      again = false;
      model.restart('db/0', { pod: true });
    };
    await model.deploy({ app: 'db', charm: await database(), run });
    await model.settle();
    watched.hooks('db/0');
    model.restart('db/0', { pod: true });
    await model.settle();
    const once = ['stop', 'upgrade-charm', 'config-changed', 'start'];
    assert.deepEqual(watched.hooks('db/0'), ['stop', ...once, ...once.slice(1)]);
    model.fireUpdateStatus();
    await model.settle();
    assert.deepEqual(watched.hooks('db/0'), ['update-status']);
  });
});
