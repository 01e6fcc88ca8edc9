import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, pluginFolders, pluginJson } from './plugin-folder.ts';

suite('building a plugin', () => {
  const folders = pluginFolders();

  test('dist/ holds plugin.json, the frontend with its source map, images and documents', async () => {
    const folder = await folders.make({
      'README.md': '# Weather',
      'src/CHANGELOG.md': '# 1.2.3',
      LICENSE: 'Apache-2.0',
      'src/img/sub/two.svg': '<svg/>',
      'src/dashboards/one.json': '{}',
      'src/other.ts': 'not used',
    });
    const { files } = await build(folder);
    const expected = [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dashboards/one.json',
      'img/logo.svg',
      'img/sub/two.svg',
      'module.js',
      'module.js.map',
      'plugin.json',
    ];
    assert.deepEqual(files.map(({ path }) => path).toSorted(), expected);
    for (const { path, sizeBytes } of files)
      assert.equal((await stat(join(folder, 'dist', path))).size, sizeBytes, path);
  });

  test('a plugin may lie in the folder itself, without src', async () => {
    const folder = await folders.make({
      'src/plugin.json': undefined,
      'plugin.json': JSON.stringify(pluginJson()),
      'img/logo.svg': '<svg/>',
      'module.tsx': 'export const plugin = <b/>;',
    });
    const { files } = await build(folder);
    assert.deepEqual(
      files.map(({ path }) => path),
      ['plugin.json', 'img/logo.svg', 'module.js', 'module.js.map'],
    );
  });

  test('the second build removes what the first one left and the sources no longer have, in the same folder', async () => {
    const folder = await folders.make({ 'src/img/old.svg': '<svg/>', 'src/static/a/b.txt': 'b' });
    const { out } = await build(folder);
    const { ino } = await stat(out);
    const again = await folders.make();
    await build(again, out);
    assert.equal((await stat(out)).ino, ino);
    assert.deepEqual((await readdir(out)).toSorted(), ['img', 'module.js', 'module.js.map', 'plugin.json']);
    assert.deepEqual(await readdir(join(out, 'img')), ['logo.svg']);
  });

  test('the same sources give the same bytes, in whatever folder they lie', async () => {
    const files = {
      'src/module.ts': `import { add } from './add.ts';\nexport const plugin = add(1);`,
      'src/add.ts': 'export const add = (a: number) => a + 1;',
    };
    const [one, two] = [await folders.make(files), await folders.make(files)];
    await build(one);
    await build(two);
    for (const name of ['module.js', 'module.js.map']) {
      assert.equal(
        await readFile(join(one, 'dist', name), 'utf8'),
        await readFile(join(two, 'dist', name), 'utf8'),
      );
    }
  });

  test('a link is replaced by what it leads to', async () => {
    const folder = await folders.make({ 'README.md': 'read me' });
    await symlink(join(folder, 'README.md'), join(folder, 'src/img/linked.md'));
    const { out } = await build(folder);
    assert.equal((await stat(join(out, 'img/linked.md'))).isFile(), true);
    assert.equal(await readFile(join(out, 'img/linked.md'), 'utf8'), 'read me');
  });

  suite('says what to do when', () => {
    const backend = { backend: true, executable: 'gpx_weather' };
    for (const [what, files, message] of [
      [
        'there is no plugin',
        { 'src/plugin.json': undefined },
        /^no plugin in .*: it has neither src\/plugin\.json nor plugin\.json$/,
      ],
      [
        'there is no backend to the words of plugin.json',
        { 'src/plugin.json': JSON.stringify(pluginJson(backend)) },
        /^plugin\.json says that there is a backend; it begins in .*src\/backend\.ts, which is not there$/,
      ],
      [
        'plugin.json does not know of the backend',
        { 'src/backend.ts': '' },
        /src\/backend\.ts is there, but plugin\.json does not say "backend": true; add it, with "executable"$/,
      ],
      [
        'a logo is not there',
        { 'src/img/logo.svg': undefined },
        /plugin\.json: info\.logos\.small names img\/logo\.svg, which is not in .*src; only img, static, dashboards, libs are copied/,
      ],
      [
        'the frontend does not compile',
        { 'src/module.ts': 'let x = ;' },
        /^src\/module\.ts:1: Unexpected ";"$/,
      ],
      [
        'the frontend imports what is not installed',
        { 'src/module.ts': `import 'not-there';` },
        /^src\/module\.ts:1: Could not resolve "not-there"; is it installed in this folder\?$/,
      ],
      [
        'the frontend imports a file that is not there',
        { 'src/module.ts': `import './not-there.ts';` },
        /^src\/module\.ts:1: Could not resolve "\.\/not-there\.ts"$/,
      ],
      [
        'the frontend imports CSS',
        { 'src/module.ts': `import './a.css';`, 'src/a.css': 'a { color: red }' },
        /^the frontend imports CSS, which Grafana does not load; use @emotion\/css$/,
      ],
    ] as const) {
      test(what, async () => {
        const folder = await folders.make(files);
        await assert.rejects(build(folder), { name: 'PluginBuildError', message });
      });
    }

    test('the output folder holds something else', async () => {
      const folder = await folders.make();
      const out = await folders.make({ 'src/plugin.json': undefined });
      await assert.rejects(build(folder, out), {
        message: /holds other things than a plugin; empty it, or give another folder with --out$/,
      });
      assert.deepEqual(await readdir(out), ['src']);
    });

    test('the output folder is that of the sources', async () => {
      const folder = await folders.make({ 'plugin.json': JSON.stringify(pluginJson()) });
      await assert.rejects(build(folder, folder), {
        message: /holds (?:the|a) plugin's sources, which would be lost/,
      });
      await assert.rejects(build(folder, join(folder, 'src')), {
        message: /holds (?:the|a) plugin's sources, which would be lost/,
      });
      assert.ok((await readdir(join(folder, 'src'))).includes('module.ts'));
    });

    test('the output folder is that of the sources of another plugin', async () => {
      const [folder, other] = [await folders.make(), await folders.make()];
      await assert.rejects(build(folder, join(other, 'src')), {
        message: /holds a plugin's sources, which would be lost/,
      });
      assert.ok((await readdir(join(other, 'src'))).includes('module.ts'));
    });

    test('the output folder is a file', async () => {
      const folder = await folders.make({ dist: 'a file' });
      await assert.rejects(build(folder), {
        message: /dist can't be written to: .*give another folder with --out$/,
      });
    });

    test('the output folder can not be written to', async function () {
      if (process.getuid?.() === 0) {
        console.log('skipped: root can write to every folder');
        this.skip();
      }
      const folder = await folders.make();
      await mkdir(join(folder, 'dist'));
      await chmod(join(folder, 'dist'), 0o500);
      await assert.rejects(build(folder), { message: /dist can't be written to: / });
    });
  });

  test('nothing is written when something is wrong', async () => {
    const folder = await folders.make();
    const { out } = await build(folder);
    await writeFile(join(folder, 'src/module.ts'), 'let x = ;');
    const before = await readFile(join(out, 'module.js'), 'utf8');
    await assert.rejects(build(folder));
    assert.equal(await readFile(join(out, 'module.js'), 'utf8'), before);
  });
});
