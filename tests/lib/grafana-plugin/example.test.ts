import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { datasource } from '../../../lib/grafana-plugin/example.ts';
import { startTestPlugin } from '../../../lib/grafana-plugin/testing/index.ts';

const folder = resolve(import.meta.dirname, '../../../lib/grafana-plugin');

suite('the example of grafana-plugin', () => {
  test('answers with a line as high as its settings say', async () => {
    await using plugin = await startTestPlugin(datasource);
    const answers = await plugin.query([{ refId: 'A', points: 3 }], { jsonData: { height: 6 } });
    const [frame] = answers.get('A')?.frames ?? [];
    assert.deepEqual(Array.from(frame?.fields[1]?.values ?? []), [0, 2, 4]);
    assert.deepEqual(await plugin.checkHealth(), { status: 'ok', message: 'the line is 1 high' });
  });

  test('stands in the README word for word', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const [, block] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
    assert.equal(block, await readFile(join(folder, 'example.ts'), 'utf8'));
  });
});
