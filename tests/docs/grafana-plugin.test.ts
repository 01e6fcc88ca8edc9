import assert from 'node:assert/strict';
import { blocks, read } from './pages.ts';

suite('docs/grafana-plugin.md', () => {
  test('shows the files of its plugin as they are built and tested', async () => {
    const texts = blocks(await read('docs/grafana-plugin.md')).map(({ text }) => text);
    for (const file of [
      'src/plugin.json',
      'src/datasource.ts',
      'src/backend.ts',
      'src/module.tsx',
      'tests/dice.test.ts',
      'tsconfig.json',
    ]) {
      assert.ok(texts.includes(await read(`docs/examples/dice-datasource/${file}`)), file);
    }
  });

  test('its test passes', async () => {
    await import('../../docs/examples/dice-datasource/tests/dice.test.ts');
  });
});
