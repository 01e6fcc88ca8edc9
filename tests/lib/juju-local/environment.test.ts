import assert from 'node:assert/strict';
import { parseHookContext } from '#lib/juju';
import { cleanUp, openModel, shellCharm } from './helpers.ts';

suite("a hook's environment", () => {
  teardown(cleanUp);

  async function environments() {
    const watched = await openModel({ uuid: 'cdac5656-2423-4388-8f30-41854b4cca7d' });
    const dispatch = 'for name in $(env | cut -d= -f1); do eval "echo \\"$name=\\$$name\\""; done; pwd; cat';
    const charm = await shellCharm({
      name: 'x',
      provides: { a: 'i' },
      requires: { b: { interface: 'i' } },
      dispatch,
    });
    await watched.model.deploy({ app: 'one', charm });
    await watched.model.deploy({ app: 'two', charm });
    watched.model.relate('one:a', 'two:b');
    assert.ok((await watched.model.settle()).settled);
    return (hook: string) => {
      const said = watched.activities.flatMap((one) =>
        one.kind === 'log' && one.module === `unit.two/0.${hook}` ? [one.message] : [],
      );
      return Object.fromEntries(said.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    };
  }

  test('is built from scratch, with empty variables set', async () => {
    const of = await environments();
    const created = of('b-relation-created');
    assert.equal(created.JUJU_REMOTE_UNIT, '');
    assert.equal(created.JUJU_REMOTE_APP, 'one');
    assert.equal(created.JUJU_RELATION_ID, 'b:0');
    assert.equal(created.JUJU_DISPATCH_PATH, 'hooks/b-relation-created');
    assert.equal(created.JUJU_CHARM_DIR, created.CHARM_DIR);
    assert.equal(created.JUJU_MODEL_NAME, 'test');
    assert.ok(!('HOME' in created) && !('USER' in created));
    assert.ok(created.PATH?.startsWith(`${created.JUJU_CHARM_DIR?.replace(/charm$/, 'tools')}:`));
    assert.equal(of('b-relation-joined').JUJU_REMOTE_UNIT, 'one/0');
    assert.ok(!('JUJU_REMOTE_UNIT' in of('install')));
  });

  test('is what lib/juju reads', async () => {
    const of = await environments();
    const { event } = parseHookContext(of('b-relation-changed'));
    assert.deepEqual(event, {
      kind: 'relation-changed',
      endpoint: 'b',
      relationId: 0,
      remoteApp: 'one',
      remoteUnit: 'one/0',
    });
  });
});
