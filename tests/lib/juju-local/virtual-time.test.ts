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
