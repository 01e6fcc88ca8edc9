import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cleanUp,
  data,
  database,
  nextActivity,
  openModel,
  pair,
  settled,
  shellCharm,
  temporaryFolder,
  website,
} from './helpers.ts';

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

  test('a relation that goes before a unit has heard of it goes nevertheless', async () => {
    const watched = await openModel();
    let wake = () => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let slow = false;
    const run = async () => (slow ? asleep : undefined);
    await watched.model.deploy({ app: 'db', charm: await database(), run });
    await watched.model.deploy({ app: 'web', charm: await website(), run: async () => {} });
    await settled(watched);
    slow = true;
    watched.model.fireUpdateStatus('db/0');
    await nextActivity(watched, 'hook-started');
    watched.hooks('db/0');
    watched.model.relate('db', 'web');
    await nextActivity(watched, 'hook-started');
    watched.model.removeRelation(0);
    wake();
    await settled(watched);
    assert.deepEqual(watched.hooks('db/0'), ['update-status']);
    assert.deepEqual(watched.model.snapshot().relations, []);
  });

  test('ports are closed by the endpoint', async () => {
    const watched = await openModel();
    const ports = () => watched.model.snapshot().applications.db?.units['db/0']?.ports;
    const steps = `case $hook in
        install) open-port 80 --endpoints db;;
        start) open-port 80 --endpoints web; open-port 90;;
        update-status) close-port 80 --endpoints db;;
        config-changed) ;;
        upgrade-charm) close-port 80; close-port 90;;
      esac`;
    await watched.model.deploy({ app: 'db', charm: await database(steps) });
    await settled(watched);
    const both = { protocol: 'tcp', from: 80, to: 80, endpoints: ['db', 'web'] };
    assert.deepEqual(ports(), [both, { protocol: 'tcp', from: 90, to: 90 }]);
    watched.model.fireUpdateStatus();
    await settled(watched);
    assert.deepEqual(ports(), [
      { ...both, endpoints: ['web'] },
      { protocol: 'tcp', from: 90, to: 90 },
    ]);
    await watched.model.refresh('db');
    await settled(watched);
    assert.deepEqual(ports(), []);
  });

  test('the network of a binding is known for bindings of the charm only', async () => {
    const watched = await openModel();
    const ask = 'for b in db juju-info no-such; do network-get $b --bind-address 2>&1 || echo $?; done';
    await watched.model.deploy({ app: 'db', charm: await database(`[ $hook != start ] || { ${ask}; }`) });
    await settled(watched);
    assert.deepEqual(watched.logs('db/0'), [
      '10.1.0.1',
      '10.1.0.1',
      'ERROR no network config found for binding "no-such"',
      '1',
    ]);
  });

  test('an empty line can be logged', async () => {
    const watched = await openModel();
    await watched.model.deploy({ app: 'db', charm: await database("[ $hook != start ] || juju-log ''") });
    await settled(watched);
    assert.deepEqual(watched.logs('db/0'), ['']);
  });
});
