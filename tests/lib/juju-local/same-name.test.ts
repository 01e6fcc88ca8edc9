import assert from 'node:assert/strict';
import { cleanUp, openModel, settled, shellCharm, temporaryFolder } from './helpers.ts';

/** Its install fails in a directory that is another unit's. */
const possessive = () =>
  shellCharm({
    name: 'x',
    dispatch: '[ "$hook" != install ] || { [ ! -e kept ]; touch kept; }; status-set active',
  });

suite('an application of a name that was there before', () => {
  teardown(cleanUp);

  test('in an earlier model with the same directory begins with nothing of it', async () => {
    const directory = await temporaryFolder();
    const charm = await possessive();
    for (let round = 0; round < 2; round += 1) {
      const watched = await openModel({ directory, retry: { limit: 1 } });
      await watched.model.deploy({ app: 'x', charm });
      await settled(watched);
      await watched.model.close();
    }
  });

  test('in this model, removed and deployed again at once, begins with nothing of the old one', async () => {
    const charm = await possessive();
    const gone: (() => void)[] = [];
    const watched = await openModel({
      retry: { limit: 1 },
      onActivity: (activity) => {
        if (activity.kind === 'model-changed' && activity.change === 'application-removed') gone.pop()?.();
      },
    });
    for (let round = 0; round < 10; round += 1) {
      await watched.model.deploy({ app: 'x', charm, units: 2 });
      await settled(watched);
      assert.equal(watched.model.snapshot().applications.x?.units['x/0']?.status.status, 'active');
      const removed = new Promise<void>((resolve) => gone.push(resolve));
      watched.model.removeApplication('x');
      await removed;
    }
  });
});
