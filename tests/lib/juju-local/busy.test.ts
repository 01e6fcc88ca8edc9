import assert from 'node:assert/strict';
import { cleanUp, database, openModel, settled } from './helpers.ts';

suite('how busy a local model is', () => {
  teardown(cleanUp);

  test('is told as it changes: all units at first, and none when it has settled', async () => {
    const watched = await openModel({ concurrency: 1 });
    const busy = () => watched.activities.flatMap((one) => (one.kind === 'busy' ? [one.units] : []));
    await watched.model.deploy({ app: 'db', charm: await database(), units: 3 });
    await settled(watched);
    assert.equal(Math.max(...busy()), 3);
    assert.equal(busy().at(-1), 0);
    watched.model.fireUpdateStatus('db/1');
    await settled(watched);
    assert.deepEqual(busy().slice(-2), [1, 0]);
  });

  test('counts a unit that waits to run a hook again, and none that stays in error', async () => {
    const watched = await openModel({ retry: { baseMs: 1, limit: 3 } });
    await watched.model.deploy({ app: 'db', charm: await database('exit 1') });
    assert.equal((await watched.model.settle()).settled, false);
    const busy = watched.activities.flatMap((one) => (one.kind === 'busy' ? [one.units] : []));
    assert.deepEqual(busy, [1, 0]);
  });
});
