import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { UnitName } from '#lib/juju';
import type { Exchange } from './connection.ts';
import { Killer } from './killer.ts';

suite('a killer', () => {
  let clock: sinon.SinonFakeTimers;
  let killed: string[];

  setup(() => {
    clock = sinon.useFakeTimers();
    killed = [];
  });
  teardown(() => clock.restore());

  function killer(share: number, random: () => number): Killer {
    const killer = new Killer(random, share);
    killer.model = { killHook: (unit) => killed.push(unit) > 0 };
    return killer;
  }

  function start(killer: Killer, unit: UnitName, action = false): void {
    killer.activity({ kind: 'hook-started', unit, hook: 'start', action, attempt: 1 });
  }

  function end(killer: Killer, unit: UnitName, result: 'ok' | 'terminated', socket = 0): void {
    const toolCalls = { socket, processes: 0 };
    const hook = { hook: 'start', action: false, attempt: 1, exitCode: null, durationMs: 100 };
    killer.activity({ kind: 'hook-ended', unit, ...hook, result, toolCalls });
  }

  test('kills its share of hooks while they run, and tells what they had done', () => {
    // For each hook: whether; whether early; how far in.
    const numbers = [0.1, 0.9, 0.5, 0.1, 0.9, 0.5, 0.9];
    const killing = killer(0.25, () => numbers.shift() ?? 1);
    for (const unit of ['a/0', 'b/0', 'c/0'] as const) start(killing, unit);
    clock.tick(1000);
    assert.deepEqual(killed, ['a/0', 'b/0']);
    end(killing, 'a/0', 'terminated');
    end(killing, 'b/0', 'terminated', 3);
    end(killing, 'c/0', 'ok', 3);
    assert.deepEqual(Object.fromEntries(killing.kills), {
      'before it asked for anything': 1,
      'at its agent': 1,
    });
    assert.deepEqual(killing.unexplained, []);
  });

  test('leaves actions alone, hooks that have ended, and all once it has stopped', () => {
    const killing = killer(1, () => 0.5);
    start(killing, 'a/0', true);
    start(killing, 'b/0');
    end(killing, 'b/0', 'ok');
    start(killing, 'c/0');
    killing.stop();
    start(killing, 'd/0');
    clock.tick(1000);
    assert.deepEqual(killed, []);
  });

  test('aims at the hook of the gateway that is writing', () => {
    const write: Exchange = { method: 'POST', path: '/api/datasources', state: 'asked' };
    // Not by chance; at the write.
    const numbers = [0.9, 0.9, 0.1, 0.5];
    const killing = killer(0.25, () => numbers.shift() ?? 1);
    start(killing, 'grafana/0');
    start(killing, 'tempo/0');
    killing.atGrafana('grafana', { method: 'GET', path: '/api/datasources', state: 'answered' });
    killing.atGrafana('grafana', write);
    clock.tick(5);
    assert.deepEqual(killed, ['grafana/0']);
    end(killing, 'grafana/0', 'terminated', 9);
    assert.deepEqual(Object.fromEntries(killing.kills), { 'writing to Grafana': 1 });
  });

  test('tells of hooks that something else has ended', () => {
    const killing = killer(0, () => 0.5);
    start(killing, 'a/0');
    end(killing, 'a/0', 'terminated');
    assert.deepEqual(killing.unexplained, ['a/0 start: something else ended it']);
  });
});
