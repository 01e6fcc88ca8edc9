import assert from 'node:assert/strict';
import { cleanUp, openModel, shellCharm } from './helpers.ts';

suite('secrets in a local model', () => {
  teardown(cleanUp);

  test("an operator's secret is read once granted, and its consumers hear of new revisions", async () => {
    const watched = await openModel();
    const charm = await shellCharm({
      name: 'x',
      options: { token: { type: 'secret' } },
      dispatch: `uri=$(config-get token)
        case $hook in
          update-status) secret-get "$uri" token --label mine 2>&1 || echo "exit $?";;
          secret-changed) echo "$JUJU_SECRET_ID $JUJU_SECRET_LABEL"; secret-get "$uri" token; secret-get "$uri" token --refresh; secret-get "$uri" token;;
        esac`,
    });
    const uri = watched.model.addSecret({ name: 'api', content: { token: 'one' } });
    await watched.model.deploy({ app: 'x', charm, config: { token: uri } });
    const act = async (change: () => void) => {
      const before = watched.logs('x/0').length;
      watched.hooks('x/0');
      change();
      assert.ok((await watched.model.settle()).settled);
      return { said: watched.logs('x/0').slice(before), hooks: watched.hooks('x/0') };
    };
    await watched.model.settle();
    const denied = await act(() => watched.model.fireUpdateStatus());
    assert.deepEqual(denied.said, ['ERROR permission denied', 'exit 1']);
    watched.model.grantSecret('api', 'x');
    assert.deepEqual((await act(() => watched.model.fireUpdateStatus())).said, ['one']);
    assert.deepEqual((await act(() => watched.model.updateSecret(uri, { token: 'one' }))).hooks, []);
    const updated = await act(() => {
      watched.model.updateSecret(uri, { token: 'two' });
      watched.model.updateSecret(uri, { token: 'three' });
    });
    assert.deepEqual(updated, { hooks: ['secret-changed'], said: [`${uri} mine`, 'one', 'three', 'three'] });
  });

  test('whose first look was a peek is told of new revisions, and reads the old one until it moves on', async () => {
    const watched = await openModel();
    const charm = await shellCharm({
      name: 'x',
      options: { token: { type: 'secret' } },
      dispatch: `uri=$(config-get token)
        case $hook in
          update-status) secret-get "$uri" token --peek;;
          secret-changed) secret-get "$uri" token; secret-get "$uri" token --refresh;;
        esac`,
    });
    const uri = watched.model.addSecret({ name: 'api', content: { token: 'one' } });
    await watched.model.deploy({ app: 'x', charm, config: { token: uri } });
    watched.model.grantSecret('api', 'x');
    await watched.model.settle();
    watched.model.fireUpdateStatus();
    await watched.model.settle();
    watched.model.updateSecret(uri, { token: 'two' });
    assert.ok((await watched.model.settle()).settled);
    assert.deepEqual(watched.logs('x/0'), ['one', 'one', 'two']);
  });

  test('an owner who reads its own secret holds on to what it read, and is told of its own changes', async () => {
    const watched = await openModel();
    const charm = await shellCharm({
      name: 'x',
      dispatch: `case $hook in
          leader-elected) secret-add --label own password=one;;
          start) secret-get --label own password;;
          update-status) secret-set "$(secret-ids)" password=two;;
          secret-changed) secret-get --label own password; secret-get --label own password --refresh;;
          secret-remove) echo "$JUJU_SECRET_REVISION is free"; secret-remove "$JUJU_SECRET_ID" --revision "$JUJU_SECRET_REVISION";;
        esac`,
    });
    await watched.model.deploy({ app: 'x', charm });
    assert.ok((await watched.model.settle()).settled);
    watched.hooks('x/0');
    const before = watched.logs('x/0').length;
    watched.model.fireUpdateStatus();
    assert.ok((await watched.model.settle()).settled);
    assert.deepEqual(watched.hooks('x/0'), ['update-status', 'secret-changed', 'secret-remove']);
    assert.deepEqual(watched.logs('x/0').slice(before), ['one', 'two', '1 is free']);
  });

  test("a charm's secret goes over a relation, and its owner hears when an old revision is free", async () => {
    const watched = await openModel();
    const provides = { db: { interface: 'sql' } };
    const db = await shellCharm({
      name: 'db',
      provides,
      dispatch: `case $hook in
          db-relation-created) uri=$(secret-add --label pw password=one); secret-grant "$uri" -r "$JUJU_RELATION_ID"; relation-set --app uri="$uri";;
          update-status) secret-set "$(secret-ids)" password=two;;
          secret-remove) echo "$JUJU_SECRET_LABEL $JUJU_SECRET_REVISION"; secret-remove "$JUJU_SECRET_ID" --revision "$JUJU_SECRET_REVISION";;
        esac`,
    });
    const web = await shellCharm({
      name: 'web',
      requires: provides,
      dispatch: `case $hook in
          db-relation-changed) uri=$(relation-get uri "$JUJU_REMOTE_APP" --app); [ -z "$uri" ] || secret-get "$uri" password;;
          secret-changed) secret-get "$JUJU_SECRET_ID" password --refresh;;
          db-relation-broken) uri=$(relation-get uri "$JUJU_REMOTE_APP" --app); secret-get "$uri" password;;
          update-status) secret-ids; echo none;;
        esac`,
    });
    await watched.model.deploy({ app: 'db', charm: db });
    await watched.model.deploy({ app: 'web', charm: web });
    const id = watched.model.relate('db', 'web');
    assert.ok((await watched.model.settle()).settled);
    assert.ok(watched.logs('web/0').every((line) => line === 'one'));
    watched.hooks('web/0');
    watched.hooks('db/0');
    watched.model.fireUpdateStatus('db/0');
    assert.ok((await watched.model.settle()).settled);
    assert.deepEqual(watched.hooks('web/0'), ['secret-changed']);
    assert.equal(watched.logs('web/0').at(-1), 'two');
    assert.deepEqual(watched.hooks('db/0'), ['update-status', 'secret-remove']);
    assert.equal(watched.logs('db/0').at(-1), 'pw 1');
    watched.model.removeRelation(id);
    assert.ok((await watched.model.settle()).settled);
    assert.equal(watched.logs('web/0').at(-1), 'two');
  });
});
