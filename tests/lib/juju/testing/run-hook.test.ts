import assert from 'node:assert/strict';
import type { HookTools } from '#lib/juju';
import { noChanges, relation, runHook, type StateDraft, state } from '#lib/juju/testing';

suite('state', () => {
  const impossible: readonly [string, StateDraft, RegExp][] = [
    [
      'two relations with one id',
      { relations: [relation({ id: 1, endpoint: 'a' }), relation({ id: 1, endpoint: 'b' })] },
      /two relations with the id 1/,
    ],
    [
      'a peer relation with another application',
      { relations: [relation({ endpoint: 'p', peer: true, remoteApp: 'other' })] },
      /its remote application is app/,
    ],
    [
      'members of several applications',
      {
        relations: [
          relation({ endpoint: 'a', remoteApp: 'pg', remoteUnitsData: { 'pg/0': {}, 'my/0': {} } }),
        ],
      },
      /my\/0 is no unit/,
    ],
    [
      'a member without a databag',
      { relations: [relation({ endpoint: 'a', members: ['remote/0'] })] },
      /member without a databag: remote\/0/,
    ],
    [
      'this unit among its peers',
      { relations: [relation({ endpoint: 'p', peer: true, remoteUnitsData: { 'app/0': {} } })] },
      /this unit itself/,
    ],
    [
      'an empty value',
      { relations: [relation({ endpoint: 'a', localUnitData: { k: '' } })] },
      /deletes such a key/,
    ],
    [
      'a secret id that is none',
      { secrets: [{ id: 'x', owner: { kind: 'model' }, revisions: [], granted: true }] },
      /no bare secret id/,
    ],
    ['a unit that is none', { unit: 'app/-1' as 'app/1' }, /no unit name/],
  ];
  for (const [what, draft, message] of impossible) {
    test(`refuses ${what}`, () => assert.throws(() => state(draft), { name: 'TypeError', message }));
  }

  test('numbers relations that have no id of their own', () => {
    const drafts = [
      relation({ endpoint: 'a' }),
      relation({ id: 1, endpoint: 'b' }),
      relation({ endpoint: 'c' }),
    ];
    assert.deepEqual(
      state({ relations: drafts }).relations.map(({ id }) => id),
      [2, 1, 3],
    );
  });
});

suite('runHook', () => {
  const given = state({
    leader: true,
    relations: [relation({ endpoint: 'db', remoteApp: 'pg', remoteUnitsData: { 'pg/0': {}, 'pg/1': {} } })],
  });

  test('what a hook did shows in the state after it', async () => {
    const out = await runHook(
      async (tools, { app }) => {
        await tools.relationSet({ relationId: 1, app: true, data: { name: app } });
        await tools.secretAdd({ password: 'x' }, { label: 'made' });
        await tools.stateSet({ seen: 'yes' });
        await tools.openPort({ protocol: 'tcp', from: 80 });
        await tools.statusSet('active', 'up');
        await tools.applicationVersionSet('2');
        await tools.jujuLog('INFO', 'hi');
      },
      'db-relation-changed',
      given,
    );
    assert.deepEqual(out.relation('db').localAppData, { name: 'app' });
    assert.deepEqual(out.state.secrets[0]?.label, 'made');
    assert.deepEqual(out.state.stored, { seen: 'yes' });
    assert.deepEqual(out.state.openedPorts, [{ protocol: 'tcp', from: 80, to: 80 }]);
    assert.deepEqual(out.state.unitStatus, { status: 'active', message: 'up' });
    assert.equal(out.state.workloadVersion, '2');
    assert.deepEqual(out.logs, [{ level: 'INFO', message: 'db:1: hi' }]);
    const again = await runHook(async () => {}, 'update-status', out.state);
    assert.deepEqual(again.changes, noChanges);
    assert.deepEqual(again.state, out.state);
  });

  test('a departing unit is in no list any more, but its databag can be read', async () => {
    await runHook(
      async (tools, { event }) => {
        assert.deepEqual(event.kind === 'relation-departed' && event.departingUnit, 'pg/1');
        assert.deepEqual(await tools.relationList(1), ['pg/0']);
        assert.deepEqual(await tools.relationGet({ relationId: 1, of: 'pg/1' }), {});
      },
      'db-relation-departed',
      given,
    );
  });

  test('a broken relation is in no list any more, but its application is known', async () => {
    await runHook(
      async (tools) => {
        assert.deepEqual(await tools.relationIds('db'), []);
        assert.equal(await tools.relationListApp(1), 'pg');
      },
      'db-relation-broken',
      given,
    );
  });

  test('an action answers', async () => {
    const charm = async (tools: HookTools) => {
      const { who } = await tools.actionGet();
      await tools.actionLog('thinking');
      await tools.actionSet({ 'answer.to': String(who) });
    };
    const event = { kind: 'action', action: 'ask', actionId: '1' } as const;
    const { action } = await runHook(charm, event, { ...given, actionParameters: { who: 'me' } });
    assert.deepEqual(action, { results: { answer: { to: 'me' } }, failure: null, logs: ['thinking'] });
  });

  for (const hook of ['nowhere-relation-changed', 'secret-changed', 'cache-relation-joined']) {
    test(`${hook} can't be run here`, () =>
      assert.rejects(
        runHook(async () => {}, hook, given),
        TypeError,
      ));
  }

  test('a charm that throws fails the hook', () =>
    assert.rejects(
      runHook(async () => Promise.reject(new Error('bug')), 'install', given),
      { message: 'bug' },
    ));
});
