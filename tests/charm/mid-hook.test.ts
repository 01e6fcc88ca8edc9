import assert from 'node:assert/strict';
import { type HookContext, type HookTools, toolError } from '#lib/juju';
import { MemoryHookTools, type UnitState } from '#lib/juju/testing';
import { run } from '../../charm/main.ts';
import { grafanaPerTest } from './gateway-grafana.ts';
import { exchange, gatewayWorld, grafanaSource, impatient, runCharm, source } from './worlds.ts';

function contextOf({ unit, modelName, modelUuid }: UnitState): HookContext {
  return {
    unit,
    app: 'app',
    unitNumber: 0,
    modelName,
    modelUuid,
    charmDir: '/charm',
    jujuVersion: '3.6.2',
    contextId: 'app/0-update-status-0',
    apiAddresses: [],
    event: { kind: 'update-status' },
  };
}

/** Things that happen while a hook runs: before its `n`th call of a hook tool the world becomes another. */
suite('charm: while a hook runs', () => {
  const { grafana } = grafanaPerTest();

  const busy = () =>
    gatewayWorld(
      grafana,
      [
        source('loki', { app: 'http://loki' }),
        source('prom', { units: { 0: 'http://p0', 1: 'http://p1' } }),
        grafanaSource('grafana', { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 't' }),
        exchange('mimir', [['prometheus', 'm', 'g1']]),
        exchange('other', [['loki', 'l', 'g1']], { endpoint: 'send-datasource' }),
      ],
      { config: { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo' } },
    );

  /** The tools of a world, counted; `before` runs ahead of each call. */
  function counted(
    tools: HookTools,
    before: (n: number, method: string, argument: unknown) => void,
  ): HookTools {
    let calls = 0;
    return new Proxy(tools, {
      get(target, property) {
        const method = Reflect.get(target, property);
        if (typeof method !== 'function') return method;
        return async (...given: unknown[]) => {
          calls += 1;
          before(calls, String(property), given[0]);
          return method.apply(target, given);
        };
      },
    });
  }

  async function callsOf(given: UnitState): Promise<number> {
    let calls = 0;
    await runCharm('update-status', given, {
      tools: (tools) =>
        counted(tools, (n) => {
          calls = n;
        }),
    });
    return calls;
  }

  for (const [what, settled] of [
    ['that has much to do', false],
    ['that has nothing to do', true],
  ] as const) {
    test(`leadership is lost, at any moment of a hook ${what}: it ends well, and deletes nothing`, async () => {
      // Given a gateway whose datasources are in Grafana
      const { state } = await runCharm('config-changed', busy());
      const given = settled ? state : busy();
      const before = grafana.datasources().map(({ uid }) => uid);
      assert.equal(before.length, 3);
      for (let n = 1, last = await callsOf(given); n <= last; n += 1) {
        // When leadership goes before this call
        let leads = true;
        const tools = new MemoryHookTools(given, {
          event: { kind: 'update-status' },
          effects: { isLeader: () => leads },
        });
        const watched = counted(tools, (call) => {
          leads = call < n;
        });
        await run({ context: contextOf(given), tools: watched, grafanaClient: impatient });
        // Then all datasources are still there
        assert.deepEqual(
          grafana.datasources().map(({ uid }) => uid),
          before,
          `lost before call ${n}`,
        );
      }
    });
  }

  test('leadership is lost while it is read what only a leader may: the unit acts as the follower that it is', async () => {
    // Given a gateway with a source that has just gone, which a leader would delete
    const given = busy();
    let leads = true;
    const statuses: string[] = [];
    const tools = new MemoryHookTools(given, {
      event: { kind: 'update-status' },
      effects: { isLeader: () => leads, statusSet: ({ message }) => void statuses.push(message) },
    });
    const watched = counted(tools, (_, method) => {
      if (method === 'relationGet') leads = false;
    });
    // When
    await run({ context: contextOf(given), tools: watched, grafanaClient: impatient });
    // Then it neither wrote to Grafana nor for the application
    assert.deepEqual(grafana.writes, []);
    assert.deepEqual(
      tools.changes().relationSettings.filter(({ bag }) => bag === 'app'),
      [],
    );
    assert.equal(statuses.length, 1);
  });

  for (const text of ['invalid value "N" for option -r: relation not found', 'permission denied']) {
    test(`a relation is removed, at any moment: the hook ends well and does the rest (${text})`, async () => {
      const relationIds = busy().relations.map(({ id }) => id);
      for (const id of relationIds) {
        const last = await callsOf(busy());
        for (let n = 1; n <= last; n += 1) {
          const given = busy();
          const tools = (plain: HookTools) =>
            counted(plain, (call, method, argument) => {
              const of = argument as { relationId?: number } | number | undefined;
              const isAboutIt = (typeof of === 'object' ? of.relationId : of) === id;
              if (call < n || !method.startsWith('relation') || !isAboutIt) return;
              throw toolError(method, text.startsWith('invalid') ? 2 : 1, text.replace('N', String(id)));
            });
          const out = await runCharm('update-status', given, { tools });
          // The others are as they would be without it
          for (const other of out.state.relations.filter((one) => one.id !== id && !one.peer)) {
            assert.notDeepEqual(
              { ...other.localAppData, ...other.localUnitData },
              {},
              `relation ${other.id} when ${id} goes before call ${n}`,
            );
          }
        }
      }
    });
  }

  test('what is no expected trouble fails the hook, so that its stack is in the log', async () => {
    const tools = (plain: HookTools) =>
      counted(plain, (_, method) => {
        if (method === 'relationSet') throw toolError('relation-set', 1, 'the agent is on fire');
      });
    await assert.rejects(runCharm('update-status', busy(), { tools }), /on fire/);
  });
});
