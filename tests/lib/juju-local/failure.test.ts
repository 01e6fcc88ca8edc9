import assert from 'node:assert/strict';
import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanUp, data, database, openModel, pair, settled, temporaryFolder } from './helpers.ts';

suite('a local model: failure and leadership', () => {
  teardown(cleanUp);

  test('a failed hook flushes nothing, puts the unit in error, and is run again', async () => {
    const folder = await temporaryFolder();
    const watched = await pair(
      `case $hook in update-status) relation-set -r 0 n=1; status-set active "tried"; [ -e "${folder}/ok" ] || { echo oops >&2; exit 3; };; esac`,
      '',
    );
    watched.hooks('db/0');
    watched.model.fireUpdateStatus('db/0');
    const failed = await watched.model.settle();
    assert.equal(failed.settled, false);
    assert.deepEqual(failed.failedHooks, [
      { unit: 'db/0', hook: 'update-status', exitCode: 3, stderrTail: 'oops', attempts: 2, recovered: false },
    ]);
    assert.deepEqual(watched.hooks('db/0'), ['!update-status', '!update-status']);
    assert.equal(data(watched, 0, 'db/0')?.n, undefined);
    const status = () => watched.model.snapshot().applications.db?.units['db/0']?.status;
    assert.deepEqual(status(), { status: 'error', message: 'hook failed: "update-status"' });

    await writeFile(join(folder, 'ok'), '');
    watched.model.resolve('db/0');
    const resolved = await watched.model.settle();
    assert.ok(resolved.settled);
    assert.deepEqual(status(), { status: 'active', message: 'tried' });
    assert.equal(data(watched, 0, 'db/0')?.n, '1');
    assert.deepEqual((await watched.model.settle()).failedHooks, []);
  });

  test('a hook resolved without a retry counts as done', async () => {
    const watched = await openModel();
    await watched.model.deploy({ app: 'db', charm: await database('[ $hook != install ]') });
    assert.equal((await watched.model.settle()).settled, false);
    watched.model.resolve('db/0', { retry: false });
    assert.ok((await watched.model.settle()).settled);
    assert.deepEqual(watched.hooks('db/0'), [
      '!install',
      '!install',
      'leader-elected',
      'config-changed',
      'start',
    ]);
    assert.throws(() => watched.model.resolve('db/0'), /unit 'db\/0' is not in error/);
  });

  test('a dispatch that is not executable fails; none at all falls back to hooks, or is skipped', async () => {
    const watched = await openModel({ retry: { limit: 1 } });
    const broken = await database();
    await chmod(join(broken, 'dispatch'), 0o644);
    const old = await database();
    await rm(join(old, 'dispatch'));
    await mkdir(join(old, 'hooks'));
    await writeFile(join(old, 'hooks', 'start'), '#!/bin/sh\necho "here $JUJU_HOOK_NAME"', { mode: 0o755 });
    await watched.model.deploy({ app: 'broken', charm: broken });
    await watched.model.deploy({ app: 'old', charm: old });
    const { failedHooks } = await watched.model.settle();
    assert.deepEqual(
      failedHooks.map(({ unit, hook, exitCode }) => [unit, hook, exitCode]),
      [['broken/0', 'install', null]],
    );
    assert.deepEqual(watched.logs('old/0'), ['here start']);
  });

  test('a write for the application fails the hook when leadership is lost before its end', async () => {
    const folder = await temporaryFolder();
    const watched = await pair(
      '',
      `[ $hook = update-status ] && is-leader --format=json | grep -q true || exit 0
       relation-set -r 0 --app n=1; touch "${folder}/written"; while [ ! -e "${folder}/go" ]; do sleep 0.01; done`,
      2,
    );
    watched.hooks('web/0');
    watched.hooks('web/1');
    watched.model.fireUpdateStatus('web/0');
    while (!(await stat(join(folder, 'written')).catch(() => null))) await new Promise(setImmediate);
    watched.model.setLeader('web/1');
    await writeFile(join(folder, 'go'), '');
    const { settled: ok, failedHooks } = await watched.model.settle();
    assert.ok(failedHooks[0]?.recovered);
    assert.equal(ok, true);
    assert.deepEqual(data(watched, 0, 'web'), {});
    assert.deepEqual(watched.hooks('web/0'), ['!update-status', 'update-status', 'leader-settings-changed']);
    assert.deepEqual(watched.hooks('web/1'), ['leader-elected']);
  });

  test('leadership passes on when the leader is removed', async () => {
    const watched = await pair('', '', 2);
    watched.hooks('web/1');
    watched.model.removeUnit('web/0');
    await settled(watched);
    assert.deepEqual(watched.hooks('web/1'), ['leader-elected']);
    assert.equal(watched.model.snapshot().applications.web?.units['web/1']?.leader, true);
  });

  test('a hook that takes too long is ended', async () => {
    const watched = await openModel({ hookTimeoutMs: 50, retry: { limit: 1 } });
    await watched.model.deploy({ app: 'db', charm: await database('exec sleep 60') });
    const { settled: ok, failedHooks } = await watched.model.settle();
    assert.equal(ok, false);
    assert.equal(failedHooks[0]?.exitCode, null);
  });

  test('a reboot runs start again; one that is urgent ends the hook and runs it anew', async () => {
    const watched = await openModel();
    const charm = await database(
      'case $hook in update-status) if [ -e again ]; then juju-reboot; else touch again; juju-reboot --now; sleep 60; fi;; esac',
    );
    await watched.model.deploy({ app: 'db', charm });
    await settled(watched);
    watched.hooks('db/0');
    watched.model.fireUpdateStatus();
    await settled(watched);
    assert.deepEqual(watched.hooks('db/0'), ['update-status', 'update-status', 'start']);
  });

  test('units run side by side', async () => {
    const folder = await temporaryFolder();
    const watched = await openModel({ concurrency: 2 });
    // Each waits for the other: one after the other they would never end.
    const meet = `[ $hook = install ] || exit 0
      n=\${JUJU_UNIT_NAME##*/}; touch "${folder}/$n"; while [ ! -e "${folder}/$((1 - n))" ]; do sleep 0.01; done`;
    await watched.model.deploy({ app: 'db', charm: await database(meet), units: 2 });
    await settled(watched);
  });
});
