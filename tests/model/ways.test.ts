import assert from 'node:assert/strict';
import { type Activity, loadScenario } from '#src/local';
import { Ways } from './ways.ts';

suite('the ways that hooks take to their agents', () => {
  const ended = (unit: `${string}/${number}`, socket: number, processes: number): Activity => {
    const toolCalls = { socket, processes };
    const hook = {
      hook: 'start',
      action: false,
      attempt: 1,
      result: 'ok',
      exitCode: 0,
      durationMs: 1,
    } as const;
    return { kind: 'hook-ended', unit, ...hook, toolCalls };
  };

  async function after(...activities: Activity[]) {
    const ways = new Ways(await loadScenario('legacy'));
    for (const activity of activities) ways.activity(activity);
    return ways;
  }

  test('are as wanted when all calls came by one, whatever other charms do', async () => {
    const ways = await after(ended('tempo/0', 3, 0), ended('tempo/0', 0, 0), ended('old-grafana/0', 0, 9));
    assert.deepEqual(ways.problems('file'), []);
    assert.deepEqual(ways.problems('abstract'), []);
    assert.deepEqual(ways.problems('none'), [
      'no call of a hook tool came by processes',
      '3 calls of hook tools came by socket',
    ]);
  });

  test('are not as wanted when a hook fell back in silence', async () => {
    const ways = await after(ended('tempo/0', 3, 0), ended('tempo/0', 0, 2));
    assert.deepEqual(ways.problems('file'), ['2 calls of hook tools came by processes']);
    assert.deepEqual(ways.problems('none'), ['3 calls of hook tools came by socket']);
  });

  test('are not as wanted when nobody called at all', async () => {
    const ways = await after();
    assert.deepEqual(ways.problems('file'), ['no call of a hook tool came by socket']);
    assert.deepEqual(ways.problems('none'), ['no call of a hook tool came by processes']);
  });
});
