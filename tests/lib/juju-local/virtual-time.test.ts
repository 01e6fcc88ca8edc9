import assert from 'node:assert/strict';
import { type CharmFunction, type Clock, readCharm } from '#lib/juju-local';
import { cleanUp, database, openModel } from './helpers.ts';

/** Time that stands still until it is told to go on. */
function standingClock(): { clock: Clock; pass(ms: number): void } {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    clock: {
      now: () => now,
      after: (ms, run) => {
        const timer = { at: now + ms, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((one) => one !== timer);
        };
      },
    },
    pass(ms) {
      now += ms;
      for (const { run } of timers.filter(({ at }) => at <= now)) run();
      timers = timers.filter(({ at }) => at > now);
    },
  };
}

const turn = () => new Promise(setImmediate);

suite('a model on a clock of the caller', () => {
  teardown(cleanUp);

  test('runs a failed hook again when that clock says so, and not before', async () => {
    const { clock, pass } = standingClock();
    let runs = 0;
    const run: CharmFunction = async () => {
      runs += 1;
      if (runs === 1) throw new Error('once');
    };
    const { model } = await openModel({ clock, retry: { baseMs: 1000, limit: 9 } });
    await model.deploy({ app: 'db', charm: await database(), run });
    await turn();
    assert.equal(runs, 1);
    pass(999);
    await turn();
    assert.equal(runs, 1);
    pass(1);
    await turn();
    assert.ok(runs > 1);
  });

  test('ends a hook that takes too long by that clock', async () => {
    const { clock, pass } = standingClock();
    const watched = await openModel({ clock, hookTimeoutMs: 60_000, retry: { limit: 1 } });
    await watched.model.deploy({ app: 'db', charm: await database(), run: () => new Promise(() => {}) });
    await turn();
    pass(60_000);
    await turn();
    assert.deepEqual(watched.hooks('db/0'), ['!install']);
  });
});

suite('a model with a seed', () => {
  teardown(cleanUp);

  test('gives its secrets and its hooks the same ids each time', async () => {
    const ids = async (seed: number) => {
      const contexts: string[] = [];
      const { model } = await openModel({ seed });
      await model.deploy({
        app: 'db',
        charm: await database(),
        run: async (_tools, { contextId }) => void contexts.push(contextId),
      });
      const secret = model.addSecret({ name: 's', content: { 'a-key': 'x' } });
      await model.settle();
      return [secret, ...contexts];
    };
    assert.deepEqual(await ids(7), await ids(7));
    assert.notDeepEqual(await ids(7), await ids(8));
  });

  test('takes a charm that was read before', async () => {
    const charm = await readCharm(await database());
    const { model } = await openModel();
    await model.deploy({ app: 'db', charm, run: async () => {} });
    await model.refresh('db', { charm });
    const { settled, failedHooks } = await model.settle();
    assert.deepEqual([settled, failedHooks], [true, []]);
  });
});

suite('a hook that is killed', () => {
  teardown(cleanUp);

  test('is run again, and what it had written is lost', async () => {
    const watched = await openModel();
    let runs = 0;
    const run: CharmFunction = async (tools, { event }, signal) => {
      if (event.kind !== 'install') return;
      runs += 1;
      if (runs > 1) return;
      await tools.stateSet({ half: 'done' });
      watched.model.killHook('db/0');
      assert.equal(signal.aborted, true);
      await new Promise(() => {});
    };
    await watched.model.deploy({ app: 'db', charm: await database(), run });
    const { settled } = await watched.model.settle();
    assert.equal(settled, true);
    assert.equal(runs, 2);
    assert.deepEqual(watched.model.snapshot().applications.db?.units['db/0']?.stored, {});
  });

  test('is run again and its changes stay, when it is the agent that dies after the commit', async () => {
    const watched = await openModel();
    let runs = 0;
    const run: CharmFunction = async (tools, { event }) => {
      if (event.kind !== 'install') return;
      runs += 1;
      if (runs === 1) watched.model.killHook('db/0', { afterCommit: true });
      const { count = '0' } = await tools.stateGet();
      await tools.stateSet({ count: String(Number(count) + 1) });
    };
    await watched.model.deploy({ app: 'db', charm: await database(), run });
    const { settled } = await watched.model.settle();
    assert.equal(settled, true);
    assert.deepEqual(watched.model.snapshot().applications.db?.units['db/0']?.stored, { count: '2' });
  });

  test('is a real process with all that it started, too', async () => {
    const watched = await openModel();
    const dispatch =
      '[ "$hook" = start ] && [ ! -e once ] && { touch once; juju-log waiting; sleep 60; }; true';
    const killing = Promise.withResolvers<boolean>();
    const { model } = watched;
    await model.deploy({ app: 'db', charm: await database(dispatch) });
    while (!watched.logs('db/0').includes('waiting')) await turn();
    killing.resolve(model.killHook('db/0'));
    assert.equal(await killing.promise, true);
    const { settled } = await model.settle();
    assert.equal(settled, true);
    assert.equal(model.killHook('db/0'), false);
  });
});

suite('a unit that is restarted while it restarts', () => {
  teardown(cleanUp);

  test('goes through it again, and does not take a stop of its pod for its last', async () => {
    const watched = await openModel();
    const { model } = watched;
    let again = true;
    const run: CharmFunction = async (_tools, { event }) => {
      if (event.kind !== 'stop' || !again) return;
      again = false;
      model.restart('db/0', { pod: true });
    };
    await model.deploy({ app: 'db', charm: await database(), run });
    await model.settle();
    watched.hooks('db/0');
    model.restart('db/0', { pod: true });
    await model.settle();
    const once = ['stop', 'upgrade-charm', 'config-changed', 'start'];
    assert.deepEqual(watched.hooks('db/0'), ['stop', ...once, ...once.slice(1)]);
    model.fireUpdateStatus();
    await model.settle();
    assert.deepEqual(watched.hooks('db/0'), ['update-status']);
  });
});

suite('a model without its history', () => {
  teardown(cleanUp);

  test('has the same shape and ids, says nothing, and has no hook due', async () => {
    const charm = await database();
    const { model } = await openModel();
    const run: CharmFunction = async (tools) => {
      await tools.stateSet({ said: 'so' });
      await tools.statusSet('active', 'ready');
    };
    await model.deploy({ app: 'db', charm, units: 2, run });
    model.removeUnit('db/0');
    const uri = model.addSecret({ name: 's', content: { 'a-key': 'x' }, grantTo: ['db'] });
    await model.settle();
    const silent = model.withoutHistory({ run: () => run });
    try {
      const before = silent.snapshot().applications.db?.units;
      assert.deepEqual(Object.keys(before ?? {}), ['db/1']);
      assert.deepEqual(before?.['db/1']?.stored, {});
      assert.equal(before?.['db/1']?.leader, true);
      assert.deepEqual(await silent.settle(), { settled: true, hooks: 0, failedHooks: [] });
      silent.updateSecret(uri, { 'a-key': 'y' });
      silent.fireUpdateStatus();
      assert.equal((await silent.settle()).hooks, 1);
      assert.deepEqual(silent.snapshot().applications.db?.units['db/1']?.stored, { said: 'so' });
      assert.deepEqual(model.snapshot().applications.db?.units['db/1']?.stored, { said: 'so' });
    } finally {
      await silent.close();
    }
  });
});
