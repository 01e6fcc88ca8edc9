import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadScenario, runScenario } from '#src/local';

let folder: string;
setup(async () => {
  folder = await mkdtemp(join(tmpdir(), 'foreign-explain-'));
});
teardown(() => rm(folder, { recursive: true, force: true }));

suite("another charm's own action called explain", () => {
  const actions: Record<string, [yaml: string, dispatch: string]> = {
    'that takes no format': ['explain: {description: d, additionalProperties: false}', 'exit 0'],
    'that answers with no JSON': [
      'explain: {params: {format: {type: string}}}',
      'action-set links=oops || true',
    ],
    'that answers with other JSON': [
      'explain: {params: {format: {type: string}}}',
      'action-set links=[1] || true',
    ],
  };
  for (const [what, [yaml, script]] of Object.entries(actions)) {
    test(`${what} says nothing about links, and does not end the run`, async () => {
      await writeFile(join(folder, 'metadata.yaml'), 'name: other\nsummary: s\ndescription: d\n');
      await writeFile(join(folder, 'actions.yaml'), yaml);
      const dispatch = `#!/bin/sh\n[ -z "$JUJU_ACTION_NAME" ] || ${script}\n`;
      await writeFile(join(folder, 'dispatch'), dispatch, { mode: 0o755 });
      await writeFile(join(folder, 's.yaml'), 'name: s\napplications: {other: {charm: .}}\n');
      const running = await runScenario(await loadScenario(join(folder, 's.yaml')));
      await running.close();
      assert.deepEqual([running.result.settled, running.result.links], [true, []]);
    });
  }

  test('that never runs, since its unit is in error from the first hook on, does not keep the run from ending', async () => {
    await writeFile(join(folder, 'metadata.yaml'), 'name: other\nsummary: s\ndescription: d\n');
    await writeFile(join(folder, 'actions.yaml'), 'explain: {params: {format: {type: string}}}');
    await writeFile(join(folder, 'dispatch'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await writeFile(join(folder, 's.yaml'), 'name: s\napplications: {other: {charm: .}}\n');
    const running = await runScenario(await loadScenario(join(folder, 's.yaml')));
    await running.close();
    assert.deepEqual([running.result.settled, running.result.links], [false, []]);
  });
});
