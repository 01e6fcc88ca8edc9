import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const folder = new URL('../../../../lib/grafana-plugin/frame/', import.meta.url);

suite("the README's example of frames", () => {
  test('is example.ts', async () => {
    const [readme, example] = await Promise.all(
      ['README.md', 'example.ts'].map((name) => readFile(new URL(name, folder), 'utf8')),
    );
    assert.ok(readme?.includes(`\`\`\`ts\n${example}\`\`\``));
  });

  test('runs', async () => {
    const { shown } = await import('../../../../lib/grafana-plugin/frame/example.ts');
    assert.deepEqual(shown, [
      ['time: time', 'load: float64', 'state: nullable enum'],
      ['time', 'requests a', 'requests b'],
      '{"data":{"values":[[0,60000],[3,4],[5,5]]}}',
    ]);
  });
});
