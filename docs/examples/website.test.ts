import assert from 'node:assert/strict';
import { noChanges, type RelationDraft, relation, runHook, state } from 'crosslink/juju/testing';
import { website } from './website.ts';

const secret = {
  id: '9m4e2mr0ui3e8a215n4g',
  owner: { kind: 'application', name: 'pg' },
  revisions: [{ revision: 1, content: { username: 'web', password: 'hush' } }],
  granted: true,
} as const;

/** A unit of the website that is related to a database, which has said `remoteAppData`. */
function related(remoteAppData: RelationDraft['remoteAppData'] = {}, { leader = true, granted = true } = {}) {
  const database = relation({
    endpoint: 'database',
    remoteApp: 'pg',
    remoteAppData,
    remoteUnitsData: { 'pg/0': {} },
  });
  return state({ unit: 'web/0', leader, relations: [database], secrets: [{ ...secret, granted }] });
}

const said = { endpoints: '["10.0.0.7:5432"]', 'secret-user': `secret:${secret.id}` };

suite('a website', () => {
  test('says what it lacks when it is not related', async () => {
    const { state: after } = await runHook(website, 'config-changed', state());
    assert.deepEqual(after.unitStatus, { status: 'blocked', message: 'integrate database with a database' });
  });

  test('asks for a database when it leads, and only once', async () => {
    const first = await runHook(website, 'database-relation-created', related());
    assert.deepEqual(first.relation('database').localAppData, { database: 'web' });
    const second = await runHook(website, 'update-status', first.state);
    assert.deepEqual(second.changes, noChanges);
  });

  test('leaves the application databag to the leader', async () => {
    const out = await runHook(website, 'database-relation-created', related({}, { leader: false }));
    assert.deepEqual(out.relation('database').localAppData, {});
  });

  test('is active once the database has answered', async () => {
    const { state: after } = await runHook(website, 'database-relation-changed', related(said));
    assert.deepEqual(after.unitStatus, { status: 'active', message: 'web at 10.0.0.7:5432' });
  });

  for (const [what, given] of [
    ['has not answered', related()],
    ['publishes what is no JSON', related({ ...said, endpoints: '["10.0.' })],
    ['has not granted its secret', related(said, { granted: false })],
  ] as const) {
    test(`waits while the database ${what}`, async () => {
      const { state: after } = await runHook(website, 'database-relation-changed', given);
      assert.equal(after.unitStatus.status, 'waiting');
    });
  }
});
