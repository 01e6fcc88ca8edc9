import assert from 'node:assert/strict';
import type { UnitState } from '#lib/juju/testing';
import { type GrafanaClientOptions, grafanaClient } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { settledIn } from './gateway-grafana.ts';
import { changedNothing, relationIn, runCharm, source, sourceData, withRelation } from './worlds.ts';

/** A hook holds the machine's lock: other charms wait for as long as it takes. */
suite('charm: a gateway ends its hook in time', () => {
  const count = 30;
  let grafana: EmbeddedGrafana;
  let nowMs: number;
  let changed: UnitState;

  // Given a gateway to whose Grafana each of thirty datasources is to be written
  setup(async () => {
    grafana = await EmbeddedGrafana.start();
    nowMs = Date.UTC(2026, 0, 1);
    const units = Object.fromEntries(Array.from({ length: count }, (_, n) => [n, `http://t${n}`]));
    const given = await settledIn(grafana, [source('tempo', { units })]);
    changed = withRelation(given, relationIn(given, 'datasources'), {
      remoteAppData: { grafana_source_data: sourceData('tempo', { extra_fields: { a: 1 } }) },
    });
  });
  teardown(() => grafana.stop());

  /** Of which pauses take no time but by the clock. */
  const client = (options: GrafanaClientOptions) =>
    grafanaClient({
      ...options,
      clock: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
      },
    });
  const done = () =>
    grafana.datasources().filter(({ jsonData }) => (jsonData as { a?: number }).a === 1).length;

  async function healed(given: UnitState): Promise<void> {
    grafana.behave();
    const out = await runCharm('update-status', given);
    assert.deepEqual([done(), out.state.unitStatus.status], [count, 'active']);
    grafana.clearRequests();
    assert.ok(changedNothing(await runCharm('update-status', out.state)));
    assert.deepEqual(grafana.writes, []);
  }

  for (const method of ['GET', 'PUT']) {
    test(`when there were too many calls: ${method}`, async () => {
      const headers = { 'retry-after': '5' };
      grafana.misbehave({
        match: { method, path: '/api/datasources/uid/' },
        answer: { status: 429, headers, body: '{"message":"slow down"}' },
      });
      const startMs = nowMs;
      const out = await runCharm('update-status', changed, { client });
      assert.ok(nowMs - startMs <= 10_000, `it paused for ${nowMs - startMs} ms`);
      const { status, message } = out.state.unitStatus;
      assert.deepEqual([status, message], ['waiting', 'wait for Grafana: it answered 429']);
      await healed(out.state);
    });
  }

  test('when Grafana is slow: it goes on where it stopped', async () => {
    grafana.misbehave({
      before: () => {
        nowMs += 9_900;
      },
    });
    const startMs = nowMs;
    const out = await runCharm('update-status', changed, { client });
    assert.ok(nowMs - startMs <= 70_000, `it took ${nowMs - startMs} ms`);
    assert.ok(done() > 0 && done() < count, `${done()} of ${count}`);
    const { status, message } = out.state.unitStatus;
    assert.equal(status, 'waiting');
    assert.match(message, /^wait for the next hook to go on, or find out why Grafana is slow: .* 60 s/);
    // And the next hook gets further
    const before = done();
    const next = await runCharm('update-status', out.state, { client });
    assert.ok(done() > before);
    await healed(next.state);
  });
});
