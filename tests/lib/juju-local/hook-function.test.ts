import assert from 'node:assert/strict';
import { isHookToolError } from '#lib/juju';
import type { CharmFunction } from '#lib/juju-local';
import { cleanUp, database, openModel, settled } from './helpers.ts';

const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

suite('a charm that is a function', () => {
  teardown(cleanUp);

  /** A model with one unit of it. */
  async function deployed(run: CharmFunction, options: Parameters<typeof openModel>[0] = {}) {
    const watched = await openModel(options);
    await watched.model.deploy({ app: 'db', charm: await database('', { go: {} }), run });
    return watched;
  }

  test('and never ends does not keep its model from being closed: its signal is aborted', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const { model } = await deployed(async (_tools, _context, signal) => {
      started.resolve(signal);
      await new Promise(() => {});
    });
    const signal = await started.promise;
    const waiting = model.runAction('db/0', 'go');
    assert.equal(signal.aborted, false);
    await model.close();
    assert.equal(signal.aborted, true);
    assert.equal((await waiting).status, 'failed');
  });

  test('is ended when it takes too long, like a process, and its late words are refused', async () => {
    const late = Promise.withResolvers<unknown>();
    const { model, logs } = await deployed(
      async (tools, _context, signal) => {
        await never(signal).catch(() => {});
        await tools.statusSet('active', 'too late').catch(late.resolve);
        throw new Error('nobody hears this');
      },
      { hookTimeoutMs: 20, retry: { limit: 1 } },
    );
    const { settled: ok, failedHooks } = await model.settle();
    assert.equal(ok, false);
    assert.deepEqual(
      failedHooks.map(({ hook, exitCode }) => [hook, exitCode]),
      [['install', null]],
    );
    assert.ok(isHookToolError(await late.promise, 'FAILED'));
    assert.deepEqual(logs('db/0'), ['ended after 20 ms: it took too long']);
    assert.equal(model.snapshot().applications.db?.units['db/0']?.status.status, 'error');
  });

  test('that asks for a reboot now is ended, and its hook is run anew', async () => {
    let runs = 0;
    const watched = await deployed(async (tools, { event }, signal) => {
      if (event.kind !== 'update-status') return;
      runs += 1;
      if (runs > 1) return;
      await tools.jujuReboot({ now: true });
      await never(signal);
    });
    await settled(watched);
    watched.model.fireUpdateStatus();
    await settled(watched);
    assert.equal(runs, 2);
  });

  test('can not reach the model with a call that it did not await', async () => {
    const end = Promise.withResolvers<void>();
    const refused = Promise.withResolvers<unknown>();
    const watched = await deployed(async (tools, { event }) => {
      if (event.kind !== 'start') return;
      void end.promise.then(() => tools.statusSet('active', 'too late')).catch(refused.resolve);
    });
    await settled(watched);
    end.resolve();
    assert.ok(isHookToolError(await refused.promise, 'FAILED'));
    assert.equal(watched.model.snapshot().applications.db?.units['db/0']?.status.status, 'unknown');
  });

  test('that throws has failed with 1, with what it threw in the log', async () => {
    const { model, logs } = await deployed(() => Promise.reject(new Error('oh no')), { retry: { limit: 1 } });
    const { failedHooks } = await model.settle();
    assert.equal(failedHooks[0]?.exitCode, 1);
    assert.equal(logs('db/0')[0], 'Error: oh no');
  });
});
