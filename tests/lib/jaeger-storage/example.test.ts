import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { example } from '../../../lib/jaeger-storage/example.ts';

const folder = join(import.meta.dirname, '../../../lib/jaeger-storage');

suite('the example of lib/jaeger-storage', () => {
  test('reads what it has sent', async () => {
    assert.deepEqual(await example(), ['shop: buy, 10 ms']);
  });

  test('stands in the README word for word', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const [, block] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    assert.equal(block, await readFile(join(folder, 'example.ts'), 'utf8'));
  });
});
