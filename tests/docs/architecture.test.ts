import assert from 'node:assert/strict';
import { glob } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { firstColumn, read, root } from './pages.ts';

suite('docs/architecture.md', () => {
  const rooms = async () => firstColumn(await read('docs/architecture.md'), '## The house');

  test('names every room of the house and no others', async () => {
    const folders = ['charm/'];
    for await (const entry of glob(['charm/*', 'src/*', 'lib/*'], { cwd: root, withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(`${relative(root, join(entry.parentPath, entry.name))}/`);
    }
    assert.deepEqual((await rooms()).toSorted(), folders.toSorted());
  });

  test('names every room above those that it imports from', async () => {
    const inOrder = (await rooms()).filter((room) => room !== 'charm/actions/');
    const roomOf = (path: string) => inOrder.findIndex((room) => path.startsWith(room));
    let seen = 0;
    for await (const file of glob('{charm,src,lib}/**/*.ts', { cwd: root })) {
      for (const [, specifier = ''] of (await read(file)).matchAll(
        /(?:from|import)\s*\(?\s*'([#.][^']+)'/g,
      )) {
        const target = specifier.startsWith('#') ? specifier.slice(1) : join(dirname(file), specifier);
        const [from, to] = [roomOf(file), roomOf(`${target}/`)];
        assert.ok(from <= to, `${file} imports ${target}`);
        seen += 1;
      }
    }
    assert.ok(seen > 0);
  });
});
