import assert from 'node:assert/strict';
import type { HookEvent } from '#lib/juju';
import type { UnitState } from '#lib/juju/testing';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  answering,
  changedNothing,
  credentialsUri,
  datasourceWorld,
  exchange,
  gatewayWorld,
  grafanaSource,
  publishedIn,
  relationEvent,
  relationIn,
  runCharm,
  said,
  source,
  withoutRelation,
} from './worlds.ts';

/** The leader leaves, its application stays: it keeps its lease to the end, and its relations empty one by one. */
suite('charm: a leader that is removed while its application stays', () => {
  const { grafana } = grafanaPerTest();

  /** Departed once for each remote unit, then broken, for one relation after the other; then stop and remove. */
  async function leave(settled: UnitState): Promise<void> {
    let given = settled;
    for (const { id, endpoint, remoteApp, peer, remoteUnitsData } of settled.relations) {
      const fields = { endpoint, relationId: id, remoteApp };
      for (const unit of Object.keys(remoteUnitsData) as `${string}/${number}`[]) {
        const event: HookEvent = {
          kind: 'relation-departed',
          ...fields,
          remoteUnit: unit,
          departingUnit: given.unit,
        };
        await unchanged(event, given);
        given = patched(given, id, (one) => ({
          members: (one.members ?? []).filter((name) => name !== unit),
        }));
      }
      if (peer) continue;
      // Juju still lists the relation: it is not the relation that goes.
      given = patched(given, id, () => ({ members: [], listed: true }));
      await unchanged({ kind: 'relation-broken', ...fields }, given);
      given = { ...given, relations: given.relations.filter((one) => one.id !== id) };
    }
    for (const kind of ['stop', 'remove'] as const) await unchanged({ kind }, given);
  }

  function patched(
    given: UnitState,
    id: number,
    change: (one: UnitState['relations'][number]) => Partial<UnitState['relations'][number]>,
  ): UnitState {
    return {
      ...given,
      relations: given.relations.map((one) => {
        const members = one.members ?? (Object.keys(one.remoteUnitsData) as `${string}/${number}`[]);
        return one.id === id ? { ...one, ...change({ ...one, members }) } : one;
      }),
    };
  }

  async function unchanged(event: HookEvent, given: UnitState): Promise<void> {
    const before = grafana.datasources();
    const out = await runCharm(event, given);
    assert.ok(changedNothing(out), `${JSON.stringify(event)}: ${said(out)}`);
    assert.deepEqual(grafana.datasources(), before, JSON.stringify(event));
  }

  test('of a gateway: datasources and answers stay, for the leader after it', async () => {
    const { state } = await runCharm(
      'config-changed',
      gatewayWorld(grafana, [
        source('tempo', { units: { 0: 'http://t0', 1: 'http://t1' } }),
        source('loki', { app: 'http://loki', units: { 0: '' } }),
      ]),
    );
    assert.equal(grafana.datasources().length, 3);
    await leave(state);
  });

  test('of a datasource: what its peers were told stays', async () => {
    const answer = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 'tempo-1' };
    const { state } = await runCharm(
      'config-changed',
      datasourceWorld([grafanaSource('grafana', answer), exchange('mimir', [['prometheus', 'm', 'g1']])]),
    );
    const told = publishedIn(relationIn(state, 'receive-datasource').localAppData);
    assert.equal(told?.length, 1);
    await leave(state);
  });

  test('but a relation that is removed is cleaned up, also in the hook of a unit that leaves with it', async () => {
    // Given an application that is removed as a whole: relations and units go together
    const { state } = await runCharm(
      'config-changed',
      gatewayWorld(grafana, [source('tempo', { units: { 0: 'http://t0' } })]),
    );
    const tempo = relationIn(state, 'datasources');
    const departed: HookEvent = {
      kind: 'relation-departed',
      endpoint: 'datasources',
      relationId: tempo.id,
      remoteApp: 'tempo',
      remoteUnit: 'tempo/0',
      departingUnit: 'app/0',
    };
    await runCharm(departed, state);
    await runCharm(relationEvent('relation-broken', tempo), state);
    assert.deepEqual(grafana.datasources(), []);
  });

  suite('in a hook that is not about what has left already', () => {
    const dying = (status = 'dying') =>
      answering((tools) => ({
        async goalState() {
          const { units, relations } = await tools.goalState();
          return { units: { ...units, 'app/0': { status, since: '2024-01-01 00:00:00Z' } }, relations };
        },
      }));
    const events: readonly HookEvent[] = [
      { kind: 'action', action: 'reconcile', actionId: '1' },
      { kind: 'secret-changed', secretId: credentialsUri, label: '' },
      { kind: 'config-changed' },
      { kind: 'leader-elected' },
    ];

    /** A gateway after its own end of one of two relations has gone. */
    async function halfGone(): Promise<UnitState> {
      const { state } = await runCharm(
        'config-changed',
        gatewayWorld(grafana, [
          source('tempo', { app: 'http://tempo' }),
          source('loki', { units: { 0: 'http://l0', 1: 'http://l1' } }),
        ]),
      );
      return { ...withoutRelation(state, 'datasources', 'tempo'), actionParameters: null };
    }
    const about = (event: HookEvent, given: UnitState): UnitState =>
      event.kind === 'action' ? { ...given, actionParameters: {} } : given;

    for (const event of events) {
      const name = event.kind === 'action' ? event.action : event.kind;
      test(`of a gateway: ${name} takes nothing away`, async () => {
        const given = await halfGone();
        const before = grafana.datasources();
        const out = await runCharm(event, about(event, given), { tools: dying() });
        assert.deepEqual(grafana.datasources(), before);
        assert.ok(changedNothing(out), said(out));
      });

      test(`but ${name} of a leader that stays does`, async () => {
        const given = await halfGone();
        await runCharm(event, about(event, given), { tools: dying('active') });
        assert.equal(grafana.datasources().length, 2);
      });
    }

    test('of a gateway: another unit departs from what is left', async () => {
      const given = await halfGone();
      const loki = relationIn(given, 'datasources', 'loki');
      await runCharm(relationEvent('relation-departed', loki, 'loki/1'), given, { tools: dying() });
      assert.equal(grafana.datasources().length, 3);
    });

    test('of a gateway: one of its relations is removed, and only what is of that one goes', async () => {
      const three = gatewayWorld(grafana, [
        source('tempo', { app: 'http://tempo' }),
        source('loki', { units: { 0: 'http://l0', 1: 'http://l1' } }),
      ]);
      const { state } = await runCharm('config-changed', three);
      const tempo = relationIn(state, 'datasources', 'tempo');
      const withoutLoki = withoutRelation(state, 'datasources', 'loki');
      const given = {
        ...withoutLoki,
        relations: withoutLoki.relations.map((one) =>
          one.id === tempo.id ? { ...one, members: [], listed: false } : one,
        ),
      };
      await runCharm(relationEvent('relation-broken', tempo), given, { tools: dying() });
      assert.deepEqual(
        grafana.datasources().map(({ type, url }) => [type, url]),
        [
          ['tempo', 'http://l0'],
          ['tempo', 'http://l1'],
        ],
      );
    });

    test('of a gateway: another relation with the same application is removed, and takes nothing along', async () => {
      const { state } = await runCharm(
        'config-changed',
        gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' }), exchange('tempo', [])]),
      );
      const given = withoutRelation(state, 'datasources', 'tempo');
      const other = relationIn(given, 'receive-datasource', 'tempo');
      await runCharm(relationEvent('relation-broken', other), given, { tools: dying() });
      assert.equal(grafana.datasources().length, 1);
    });

    test('of a datasource: its peers keep what they were told', async () => {
      const answer = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 'tempo-1' };
      const { state } = await runCharm(
        'config-changed',
        datasourceWorld([grafanaSource('grafana', answer), exchange('mimir', [['prometheus', 'm', 'g1']])]),
      );
      const given = withoutRelation(state, 'grafana-source');
      const out = await runCharm('config-changed', given, { tools: dying() });
      assert.equal(publishedIn(relationIn(out.state, 'receive-datasource').localAppData)?.length, 1);
    });

    test('the action says where to run it', async () => {
      const event = { kind: 'action', action: 'reconcile', actionId: '1' } as const;
      const out = await runCharm(event, about(event, await halfGone()), { tools: dying() });
      assert.equal(
        out.action.failure,
        'app/0 is being removed: run reconcile on the unit that leads after it',
      );
    });

    test('goal-state is not asked when nothing is taken away', async () => {
      const asked: string[] = [];
      const counting = answering((tools) => ({
        goalState: async () => {
          asked.push('goal-state');
          return tools.goalState();
        },
      }));
      const first = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo', units: { 0: '' } })]);
      const { state } = await runCharm('config-changed', first, { tools: counting });
      for (const hook of ['update-status', 'config-changed', 'datasources-relation-changed']) {
        await runCharm(hook, state, { tools: counting });
      }
      assert.deepEqual(asked, []);
    });
  });
});
