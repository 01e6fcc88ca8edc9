import assert from 'node:assert/strict';
import { projectFolder } from '#src/local';
import { judge, loadCharm } from '#src/simulation';
import { regressions } from './regressions.ts';

suite('what the simulation found once', () => {
  for (const { what, plan } of regressions) {
    test(what, async () => {
      const { problems } = await judge(plan, await loadCharm(projectFolder));
      assert.deepEqual(problems, []);
    });
  }
});
