import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanUp, database, openModel, settled, temporaryFolder } from './helpers.ts';

/** A FIFO that ends when the last process that holds it open for writing has ended. */
async function leash() {
  const path = join(await temporaryFolder(), 'leash');
  await promisify(execFile)('mkfifo', [path]);
  const stream = createReadStream(path).resume();
  return { path, held: once(stream, 'open'), released: once(stream, 'end') };
}

suite('closing a local model', () => {
  teardown(cleanUp);

  test('ends a hook that runs, and what it started', async () => {
    const { path, held, released } = await leash();
    const watched = await openModel();
    await watched.model.deploy({ app: 'db', charm: await database(`pwd; sleep 600 9>"${path}" & wait`) });
    await held;
    assert.equal((await watched.model.settle({ timeoutMs: 1 })).settled, false);
    await watched.model.close();
    await released;
    const [folder = ''] = watched.logs('db/0');
    assert.ok(folder.endsWith('charm'), folder);
    assert.ok(!existsSync(folder));
    assert.throws(() => watched.model.addUnit('db'), /closed/);
    assert.throws(() => watched.model.restart('db/0'), /closed/);
  });

  test('ends what a hook left in the background, even when it holds no output open', async () => {
    const { path, held, released } = await leash();
    const watched = await openModel();
    const dispatch = `[ $hook != install ] || sleep 600 >/dev/null 2>&1 9>"${path}" &`;
    await watched.model.deploy({ app: 'db', charm: await database(dispatch) });
    await settled(watched);
    await held;
    await watched.model.close();
    await released;
  });

  test('answers actions that wait, and those that run', async () => {
    const { path, held, released } = await leash();
    const watched = await openModel();
    const charm = await database(`[ $hook != install ] || exec sleep 600 9>"${path}"`, { go: {} });
    await watched.model.deploy({ app: 'db', charm });
    await held;
    const waiting = watched.model.runAction('db/0', 'go');
    await watched.model.close();
    await released;
    assert.equal((await waiting).status, 'failed');
  });
});
