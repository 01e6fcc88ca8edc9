import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { example } from '../../../lib/juju-local/example.ts';

const folder = join(import.meta.dirname, '../../../lib/juju-local');

suite('the example of lib/juju-local', () => {
  test('relates two charms', async () => {
    const { message, databag } = await example();
    assert.equal(message, 'using sql://10.1.0.1');
    assert.deepEqual(databag, { url: 'sql://10.1.0.1' });
  });

  test('stands in the README word for word', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const [, block] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    assert.equal(block, await readFile(join(folder, 'example.ts'), 'utf8'));
  });
});
