import assert from 'node:assert/strict';
import { transform } from 'esbuild';
import { bugs } from './bugs/index.ts';
import { patchedFile } from './plant.ts';

/** Without them it is no run of the simulation: `npm run sim:planted` is that. */
suite('bugs to plant', () => {
  for (const bug of bugs) {
    test(`${bug.name} fits the source, and can be read by Node`, async () => {
      assert.notEqual(bug.patches.length, 0);
      for (const { file, replace, by } of bug.patches) {
        assert.notEqual(replace, by);
        await transform(await patchedFile(file, bug), { loader: 'ts' });
      }
    });
  }

  test('each has a name of its own, which fits a table', () => {
    const names = bugs.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
    for (const name of names) assert.match(name, /^[a-z0-9-]{1,27}$/);
  });

  test('a patch that does not fit is an error', async () => {
    const bug = { name: 'x', breaks: '', patches: [{ file: 'dispatch', replace: 'not there', by: '' }] };
    await assert.rejects(patchedFile('dispatch', bug), /dispatch has 0 times/);
  });
});
