import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { anchor, blocks, exists, pages, prose, read, root } from './pages.ts';

suite('documentation', () => {
  test('every page that is promised is there', async () => {
    const found = await pages();
    for (const name of [
      'architecture',
      'scenarios',
      'writing-charms',
      'grafana-plugin',
      'operating',
      'deploy',
      'jaeger-storage',
    ]) {
      assert.ok(found.includes(`docs/${name}.md`), name);
    }
  });

  test('every relative link leads somewhere', async () => {
    for (const page of await pages()) {
      const text = prose(await read(page));
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = '', fragment] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        assert.ok(await exists(join(root, file)), `${page} links to ${target}`);
        if (fragment === undefined) continue;
        const headings = [...(await read(file)).matchAll(/^#+ (.+)$/gm)].map(([, one = '']) => anchor(one));
        assert.ok(headings.includes(fragment), `${page} links to ${target}`);
      }
    }
  });

  test('every path of this project that is named is there', async () => {
    const top = 'charm|src|lib|docs|tests|scenarios|examples|scripts|bench|deploy';
    const path = new RegExp(`^(?:\\./)?((?:${top})/[A-Za-z0-9._/-]*|[a-z]+\\.(?:yaml|json))$`);
    for (const page of await pages()) {
      for (const [, code = ''] of prose(await read(page)).matchAll(/`([^`\n]+)`/g)) {
        const [, named] = path.exec(code) ?? [];
        if (named === undefined || ofAnyProject.has(named)) continue;
        assert.ok(await exists(join(root, named)), `${page} names ${code}`);
      }
    }
  });

  test('no line of a drawing or a listing of output is wider than a terminal', async () => {
    for (const page of (await pages()).filter((name) => name.startsWith('docs/'))) {
      for (const { language, text } of blocks(await read(page))) {
        if (language !== 'text') continue;
        for (const line of text.split('\n')) assert.ok(line.length <= 80, `${page}: ${line}`);
      }
    }
  });
});

/** Files that any charm, any plugin, or a folder of traces may have, named as such. */
const ofAnyProject = new Set([
  ...['charmcraft.yaml', 'metadata.yaml', 'config.yaml', 'actions.yaml', 'server.json'],
  ...[
    'src/plugin.json',
    'plugin.json',
    'src/datasource.ts',
    'tests/dice.test.ts',
    'tsconfig.json',
    'src/backend.ts',
    'src/module.ts',
    'src/module.tsx',
    'src/img/logo.svg',
  ],
]);
