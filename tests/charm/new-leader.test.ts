import assert from 'node:assert/strict';
import { type HookTools, toolError } from '#lib/juju';
import type { RelationState, UnitState } from '#lib/juju/testing';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  answering,
  changedNothing,
  relationEvent,
  relationIn,
  runCharm,
  said,
  source,
  withRelation,
} from './worlds.ts';

/** What Juju calls an application that consumes an offer. */
const consumer = 'remote-0123456789abcdef0123456789abcdef';

/** `goal-state` as Juju gives it: without applications of other models. */
const ofThisModel = answering((tools: HookTools) => ({
  async goalState() {
    const { units, relations } = await tools.goalState();
    const here = Object.entries(relations).map(([endpoint, entries]) => [
      endpoint,
      Object.fromEntries(Object.entries(entries).filter(([name]) => !name.startsWith('remote-'))),
    ]);
    return { units, relations: Object.fromEntries(here) };
  },
}));

/** A unit can lead before its own joined hooks have run: then Juju lists no remote unit to it. */
suite('charm: a leader that is new to a relation', () => {
  const { grafana, held, settled } = grafanaPerTest();

  const units = { 0: 'http://t0', 1: 'http://t1' };
  const answer = (given: UnitState) => relationIn(given, 'datasources').localAppData;
  const seenBy = (given: UnitState, members: RelationState['members'] = []): UnitState =>
    withRelation({ ...given, unit: 'app/1' }, relationIn(given, 'datasources'), { members });

  for (const [what, remoteApp] of [
    ['in the same model', 'tempo'],
    ['across models, of which goal-state says nothing', consumer],
  ] as const) {
    test(`keeps what was answered: ${what}`, async () => {
      const given = await settled([source(remoteApp, { data: { application: 'tempo' }, units })]);
      const before = grafana.datasources();
      for (const members of [[], [`${remoteApp}/0`]] as const) {
        for (const hook of ['leader-elected', 'config-changed', 'datasources-relation-created']) {
          const out = await runCharm(hook, seenBy(given, members), { tools: ofThisModel });
          assert.deepEqual(grafana.datasources(), before, hook);
          assert.deepEqual(answer(out.state), answer(given), hook);
        }
      }
    });
  }

  test('deletes nothing that may be of units which have yet to join a relation that was made again', async () => {
    // Given a relation that was removed while Grafana was away, and one of the same two applications since
    const given = await settled([source('tempo', { units })]);
    const before = grafana.datasources();
    const again = withRelation(given, relationIn(given, 'datasources'), { localAppData: {}, members: [] });
    // When the leader hears of it, and of one unit
    await runCharm('datasources-relation-created', again);
    assert.deepEqual(grafana.datasources(), before);
    const joining = relationIn(again, 'datasources');
    await runCharm(relationEvent('relation-joined', joining, 'tempo/0'), {
      ...withRelation(again, joining, { members: ['tempo/0'] }),
    });
    assert.deepEqual(held(), ['http://t0', 'http://t1']);
    // Then what nobody claims goes once all have joined, or Juju has no other hook to run
    const joined = withRelation(again, joining, {
      members: ['tempo/0', 'tempo/1'],
      remoteUnitsData: { ...joining.remoteUnitsData, 'tempo/1': {} },
    });
    await runCharm('config-changed', joined);
    assert.deepEqual(held(), ['http://t0']);
    await settled([source('tempo', { units })]);
    await runCharm('update-status', withRelation(again, joining, { members: ['tempo/0'] }));
    assert.deepEqual(held(), ['http://t0']);
  });

  test('takes no unit for gone because Juju fails to tell of it', async () => {
    const given = await settled([source('tempo', { units })]);
    const failing = answering((tools) => ({
      relationGet: async (member) => {
        if (member.of === 'tempo/1') throw toolError('relation-get', 1, 'connection is shut down');
        return tools.relationGet(member);
      },
    }));
    await assert.rejects(runCharm('leader-elected', seenBy(given), { tools: failing }), /is shut down/);
    assert.deepEqual(held().toSorted(), ['http://t0', 'http://t1']);
  });

  test('takes away what a unit of another model leaves behind when it departs', async () => {
    const given = await settled([source(consumer, { data: { application: 'tempo' }, units })]);
    const event = relationEvent('relation-departed', relationIn(given, 'datasources'), `${consumer}/1`);
    await runCharm(event, seenBy(given, [`${consumer}/0`]), { tools: ofThisModel });
    assert.deepEqual(held(), ['http://t0']);
  });

  test('takes away in update-status what departed from another model before it led: no joined hook is due then', async () => {
    const given = await settled([source(consumer, { data: { application: 'tempo' }, units })]);
    const seen = seenBy(given, [`${consumer}/0`]);
    const out = await runCharm('update-status', seen, { tools: ofThisModel });
    assert.deepEqual(held(), ['http://t0']);
    const again = await runCharm('update-status', out.state, { tools: ofThisModel });
    assert.ok(changedNothing(again), said(again));
  });
});
