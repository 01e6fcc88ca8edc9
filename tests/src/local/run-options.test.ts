import assert from 'node:assert/strict';
import { grafanaClient } from '#src/grafana';
import { loadScenario, runScenario } from '#src/local';
import { run } from '../../../charm/main.ts';
import { converse } from '../../model/conversation.ts';

suite('running a scenario', () => {
  test('gives gateways the URL of what stands before a Grafana, and reports it', async () => {
    const loaded = await loadScenario('two-grafanas');
    const asked: string[] = [];
    const before = (url: string) => url.replace('127.0.0.1', 'localhost');
    const running = await converse(loaded, {
      grafanaUrl: async ({ name, url }) => {
        asked.push(name);
        return before(url);
      },
    });
    const { differences, grafanas } = running.result;
    await running.close();
    assert.deepEqual(differences, []);
    assert.deepEqual(asked, ['a', 'b']);
    for (const { url } of grafanas) assert.match(url, /^http:\/\/localhost:/);
  });

  test('goes on with a phase when whoever was told of it is done', async () => {
    const told: string[] = [];
    const running = await converse(await loadScenario('late-relations'), {
      onPhase: async ({ number, of }, model) => {
        const before = model.snapshot().relations.length;
        await new Promise((resolve) => setImmediate(resolve));
        told.push(`${number}/${of}: ${model.snapshot().relations.length - before}`);
      },
    });
    await running.close();
    assert.deepEqual(told, ['1/5: 0', '2/5: 0', '3/5: 0', '4/5: 0', '5/5: 0']);
  });

  test('runs hooks that failed again as often as it is told', async () => {
    let failures = 0;
    const running = await runScenario(await loadScenario('two-grafanas'), {
      retry: { baseMs: 1, limit: 7 },
      charm: async (tools, context) => {
        if (context.unit === 'tempo/0' && failures < 6) {
          failures += 1;
          throw new Error('not yet');
        }
        await run({ tools, context, grafanaClient });
      },
    });
    const { settled, failedHooks } = running.result;
    await running.close();
    assert.deepEqual([settled, failedHooks], [true, 6]);
  });
});
