import assert from 'node:assert/strict';
import { type ActionValue, HookToolError } from '#lib/juju';
import type { HookOutcome, UnitState } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { answering, gatewayWorld, runCharm, source } from './worlds.ts';

const limitBytes = 128 * 1024;

/** Tools as processes, of which none takes a longer argument. */
const processes = answering((tools) => ({
  async actionSet(results: Readonly<Record<string, string>>) {
    const isTooLarge = Object.entries(results).some(
      (pair) => Buffer.byteLength(pair.join('=')) >= limitBytes,
    );
    const details = { code: 'TOO_LARGE', tool: 'action-set' } as const;
    if (isTooLarge) throw new HookToolError('an argument for action-set is too long', details);
    await tools.actionSet(results);
  },
}));

suite('charm: an action with a result of more than 128 KiB', () => {
  let grafana: EmbeddedGrafana;
  let given: UnitState;
  suiteSetup(async () => {
    grafana = await EmbeddedGrafana.start();
    for (let n = 0; n < 800; n += 1) {
      const name = `Nº ${n} ${'of many '.repeat(15)}`;
      grafana.seed({ name, type: 'loki', uid: `by-hand-${n}`, url: 'http://loki' });
    }
    given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo', units: { 0: '' } })]);
  });
  suiteTeardown(() => grafana.stop());

  function show(format: string, options = {}): Promise<HookOutcome> {
    const event = { kind: 'action', action: 'show-datasources', actionId: '1' } as const;
    const actionParameters: Record<string, ActionValue> = { format };
    return runCharm(event, { ...given, actionParameters }, options);
  }

  for (const format of ['text', 'json']) {
    test(`gives all of it where it can: ${format}`, async () => {
      const { action } = await show(format);
      assert.ok(Buffer.byteLength(String(action.results.datasources)) > limitBytes);
      assert.equal(action.results.total, '800');
      assert.equal(action.failure, null);
    });
  }

  test('text is cut where hook tools are processes, and says so', async () => {
    const whole = String((await show('text')).action.results.datasources).split('\n');
    const { action } = await show('text', { tools: processes });
    const lines = String(action.results.datasources).split('\n');
    assert.deepEqual(lines.slice(0, -1), whole.slice(0, lines.length - 1));
    assert.ok(lines.length > whole.length / 2);
    const left = whole.length - (lines.length - 1);
    assert.equal(lines.at(-1), `... ${left} more lines: a result can have 128 KiB on this unit`);
    assert.equal(action.results.total, '800');
    assert.equal(action.failure, null);
  });

  test('JSON is of no use when it is cut: the action fails, and says what to do', async () => {
    const { action } = await show('json', { tools: processes });
    assert.deepEqual(action.results, { total: '800' });
    assert.match(
      String(action.failure),
      /^datasources has \d+ KiB, and a result can have 128 KiB on this unit: use format=text, which is cut to that$/,
    );
  });
});
