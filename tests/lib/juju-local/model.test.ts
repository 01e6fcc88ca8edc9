import assert from 'node:assert/strict';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnitName } from '#lib/juju';
import { cleanUp, openModel, shellCharm, temporaryFolder, type Watched } from './helpers.ts';

const provides = { db: { interface: 'sql' } };

function database(dispatch = '') {
  return shellCharm({ name: 'db', provides, dispatch });
}
function website(dispatch = '') {
  return shellCharm({ name: 'web', requires: provides, dispatch });
}

async function settled({ model }: Watched): Promise<void> {
  const result = await model.settle({ timeoutMs: 20_000 });
  assert.deepEqual(result.failedHooks, []);
  assert.ok(result.settled);
}

function data(watched: Watched, relationId: number, of: string): Record<string, string> | undefined {
  const relation = watched.model.snapshot().relations.find(({ id }) => id === relationId);
  for (const { app, appData, unitsData } of relation?.ends ?? []) {
    if (app === of) return { ...appData };
    const bag = unitsData[of as UnitName];
    if (bag) return { ...bag };
  }
  return undefined;
}

/** Starts a pair of related applications that have settled. */
async function pair(db: string, web: string, units = 1): Promise<Watched> {
  const watched = await openModel();
  await watched.model.deploy({ app: 'db', charm: await database(db) });
  await watched.model.deploy({ app: 'web', charm: await website(web), units });
  watched.model.relate('db', 'web');
  await settled(watched);
  return watched;
}

suite('a local model: relations', () => {
  teardown(cleanUp);

  test('runs both ends through a whole life', async () => {
    const watched = await pair('', '');
    const whole = (joins: string[]) => [
      'install',
      'db-relation-created',
      'leader-elected',
      'config-changed',
      'start',
      ...joins,
    ];
    const join1 = ['db-relation-joined', 'db-relation-changed'];
    assert.deepEqual(watched.hooks('db/0'), whole(join1));
    assert.deepEqual(watched.hooks('web/0'), whole(join1));

    assert.deepEqual(watched.model.addUnit('web'), ['web/1']);
    await settled(watched);
    assert.deepEqual(watched.hooks('db/0'), join1);
    assert.deepEqual(watched.hooks('web/0'), []);
    assert.deepEqual(watched.hooks('web/1'), [
      'install',
      'db-relation-created',
      'leader-settings-changed',
      'config-changed',
      'start',
      ...join1,
    ]);

    watched.model.removeUnit('web/1');
    await settled(watched);
    assert.deepEqual(watched.hooks('web/1'), [
      'db-relation-departed',
      'db-relation-broken',
      'stop',
      'remove',
    ]);
    assert.deepEqual(watched.hooks('db/0'), ['db-relation-departed']);

    watched.model.removeRelation('db', 'web');
    await settled(watched);
    assert.deepEqual(watched.hooks('db/0'), ['db-relation-departed', 'db-relation-broken']);
    assert.deepEqual(watched.hooks('web/0'), ['db-relation-departed', 'db-relation-broken']);
    assert.deepEqual(watched.model.snapshot().relations, []);

    watched.model.removeApplication('web');
    await settled(watched);
    assert.deepEqual(watched.hooks('web/0'), ['stop', 'remove']);
    assert.deepEqual(Object.keys(watched.model.snapshot().applications), ['db']);
  });

  test('what a hook writes is seen by the other end, and an equal write wakes nobody', async () => {
    const watched = await pair(
      'case $hook in db-relation-*|update-status) for r in $(relation-ids db); do relation-set -r $r --app name=sales; relation-set -r $r host=h; done;; esac',
      'case $hook in db-relation-changed) relation-set seen="$(relation-get name "$JUJU_REMOTE_APP" --app) $(relation-get host db/0)";; esac',
    );
    assert.deepEqual(data(watched, 0, 'db'), { name: 'sales' });
    assert.equal(data(watched, 0, 'web/0')?.seen, 'sales h');
    watched.hooks('web/0');
    watched.model.fireUpdateStatus();
    await settled(watched);
    assert.deepEqual(watched.hooks('web/0'), ['update-status']);
  });

  test('many writes in a busy spell are one changed hook', async () => {
    const flag = join(await temporaryFolder(), 'go');
    const watched = await pair(
      'case $hook in update-status) relation-set -r db:0 n="$(date +%N)$$";; esac',
      `case $hook in config-changed) [ ! -e "${flag}.hold" ] || while [ ! -e "${flag}" ]; do sleep 0.01; done;; esac`,
    );
    watched.hooks('web/0');
    await writeFile(`${flag}.hold`, '');
    await watched.model.refresh('web');
    for (let n = 0; n < 3; n += 1) {
      watched.hooks('db/0');
      watched.model.fireUpdateStatus('db/0');
      while (!watched.hooks('db/0').includes('update-status')) await new Promise(setImmediate);
    }
    await writeFile(flag, '');
    await settled(watched);
    assert.deepEqual(watched.hooks('web/0'), ['upgrade-charm', 'config-changed', 'db-relation-changed']);
  });

  test('a unit reads and writes what Juju lets it, and sees its own writes', async () => {
    const script = `[ $hook = update-status ] || exit 0
      try() { "$@" 2>&1 || echo "exit $?"; }
      relation-set -r 0 mine=1
      try relation-get -r 0 mine web/1
      try relation-get -r 0 - web/1 --app
      try relation-set -r 0 --app no=way
      try relation-get -r 0 - web --app
      try relation-get -r 0 ingress-address db/0
      try relation-get -r 0 - other/0`;
    const watched = await pair('', script, 2);
    watched.model.fireUpdateStatus('web/1');
    await settled(watched);
    const said = watched.logs('web/1');
    assert.deepEqual(
      said.filter((line) => !line.startsWith('ERROR permission denied')),
      ['1', 'exit 1', 'ERROR cannot write relation settings', 'exit 1', 'exit 1', '10.1.0.1', 'exit 1'],
    );
  });

  test('relation-ids and relation-list tell of an end as it comes', async () => {
    const watched = await pair(
      '',
      'echo "$hook [$(relation-ids db)] [$(relation-list -r 0 2>/dev/null || :)]"',
    );
    watched.model.removeRelation(0);
    await settled(watched);
    assert.deepEqual(watched.logs('web/0').slice(-2), [
      'db-relation-departed [db:0] []',
      'db-relation-broken [] []',
    ]);
  });

  test('a leaving unit still sees its relations in broken', async () => {
    const watched = await pair('', 'echo "$hook [$(relation-ids db)] ${JUJU_DEPARTING_UNIT-}"');
    watched.model.removeUnit('web/0');
    await settled(watched);
    assert.deepEqual(watched.logs('web/0').slice(-4), [
      'db-relation-departed [db:0] web/0',
      'db-relation-broken [db:0] ',
      'stop [] ',
      'remove [] ',
    ]);
  });

  test('peers hear of each other, and all of them of the application bag, the leader too', async () => {
    const watched = await openModel();
    const charm = await shellCharm({
      name: 'ring',
      peers: { ring: { interface: 'ring' } },
      dispatch: 'case $hook in leader-elected) relation-set -r "$(relation-ids ring)" --app n=1;; esac',
    });
    await watched.model.deploy({ app: 'ring', charm, units: 2 });
    await settled(watched);
    for (const unit of ['ring/0', 'ring/1']) {
      const ring = watched.hooks(unit).filter((hook) => hook.startsWith('ring-'));
      assert.equal(ring.filter((hook) => hook === 'ring-relation-changed').length, 2, String(ring));
      assert.equal(ring.filter((hook) => hook === 'ring-relation-joined').length, 1);
    }
    watched.model.removeUnit('ring/1');
    await settled(watched);
    assert.deepEqual(watched.hooks('ring/1'), ['ring-relation-departed', 'stop', 'remove']);
    assert.deepEqual(watched.hooks('ring/0'), ['ring-relation-departed']);
  });

  test('an application with units goes as a whole', async () => {
    const watched = await pair('', '', 2);
    watched.hooks('db/0');
    watched.model.removeApplication('web');
    await settled(watched);
    assert.deepEqual(watched.hooks('db/0'), [
      'db-relation-departed',
      'db-relation-departed',
      'db-relation-broken',
    ]);
    assert.deepEqual(Object.keys(watched.model.snapshot().applications), ['db']);
  });
});

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
    const { chmod, mkdir, rm } = await import('node:fs/promises');
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

  test('close ends a hook that runs, and leaves nothing behind', async () => {
    const before = (await readdir(tmpdir())).filter((name) => name.startsWith('juju-local-')).length;
    const watched = await openModel();
    await watched.model.deploy({ app: 'db', charm: await database('sleep 600 & wait') });
    while (!watched.activities.some(({ kind }) => kind === 'hook-started')) await new Promise(setImmediate);
    assert.equal((await watched.model.settle({ timeoutMs: 10 })).settled, false);
    await watched.model.close();
    const after = (await readdir(tmpdir())).filter((name) => name.startsWith('juju-local-')).length;
    assert.ok(after <= before + 1);
    assert.throws(() => watched.model.addUnit('db'), /closed/);
  });
});
