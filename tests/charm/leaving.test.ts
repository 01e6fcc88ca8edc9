import assert from 'node:assert/strict';
import type { HookEvent } from '#lib/juju';
import type { UnitState } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import {
  changedNothing,
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
} from './worlds.ts';

/** The leader leaves, its application stays: it keeps its lease to the end, and its relations empty one by one. */
suite('charm: a leader that is removed while its application stays', () => {
  let grafana: EmbeddedGrafana;
  setup(async () => {
    grafana = await EmbeddedGrafana.start();
  });
  teardown(() => grafana.stop());

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
});
