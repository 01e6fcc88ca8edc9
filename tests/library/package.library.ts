import assert from 'node:assert/strict';
import { cp, glob, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import * as z from 'zod';
import { ownTarget } from '#lib/grafana-plugin/build';
import { projectFolder } from '#src/local';
import { suiteFolder } from '../src/pack/folder.ts';
import {
  compile,
  completeCharm,
  crosslink,
  firstLine,
  installConsumer,
  installNode,
  makeTarball,
  projectNode,
  run,
  type Tarball,
} from './consumer.ts';

const Source = z.object({ exports: z.record(z.string(), z.string()) });
const source = Source.parse(JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8')));
const libraries = Object.entries(source.exports).map(([name, door]) => ({
  name: join('crosslink', name),
  door,
}));

suite('the package of the libraries', function () {
  // npm gets what the package depends on, and a Node.
  this.timeout(300_000);
  const folder = suiteFolder();
  const consumer = () => join(folder(), 'consumer');
  const installed = (path: string) => readFile(join(consumer(), 'node_modules/crosslink', path), 'utf8');
  let tarball: Tarball;
  let oldest: string;

  suiteSetup(async () => {
    tarball = await makeTarball(join(folder(), 'tarball'));
    await installConsumer(consumer(), tarball.path);
    const { engines } = z
      .object({ engines: z.object({ node: z.string().startsWith('>=') }) })
      .parse(JSON.parse(await installed('package.json')));
    oldest = await installNode(join(folder(), 'oldest'), engines.node.slice(2));
  });

  test('holds JavaScript with declarations, what to read and the licence, and nothing else', async () => {
    const paths = tarball.files.map(({ path }) => path);
    const code = paths.filter((path) => /^(?:lib|src)\/[a-z0-9_/-]+(?:\.js|\.d\.ts)$/.test(path));
    const pages = libraries.map(({ door }) => join(dirname(door), 'README.md'));
    const written = await Array.fromAsync(glob(pages, { cwd: projectFolder }));
    assert.ok(written.includes('lib/juju/README.md'));
    assert.deepEqual(
      paths.filter((path) => !code.includes(path)).toSorted(),
      ['LICENSE', 'README.md', 'package.json', ...written].toSorted(),
    );
    const stems = (ending: string) => {
      return code.filter((path) => path.endsWith(ending)).map((path) => path.slice(0, -ending.length));
    };
    assert.deepEqual(stems('.js'), stems('.d.ts'));
    assert.deepEqual(
      code.filter((path) => /(?:^|\/)(?:example\.|tests?\/)|\.test\./.test(path)),
      [],
    );
    for (const { path, mode } of tarball.files) assert.equal(mode, 0o644, path);
  });

  test('is the same bytes when it is made again', async () => {
    const again = await makeTarball(join(folder(), 'again'));
    assert.equal(again.integrity, tarball.integrity);
  });

  test('names no path of the machine that it was made on', async () => {
    for (const { path } of tarball.files) assert.ok(!(await installed(path)).includes(projectFolder), path);
  });

  test('keeps the docstrings', async () => {
    const [docstring] =
      /\/\*\*(?:(?!\*\/).)*\*\/(?=\nexport function decodeDatabag)/s.exec(
        await readFile(join(projectFolder, 'lib/juju/databag.ts'), 'utf8'),
      ) ?? [];
    assert.ok(docstring);
    assert.ok((await installed('lib/juju/databag.d.ts')).includes(docstring));
  });

  for (const { name, door } of libraries) {
    test(`${name} can be imported, on the oldest Node that is promised`, async () => {
      const here: unknown = await import(join(projectFolder, door));
      assert.ok(typeof here === 'object' && here !== null);
      const print = `console.log(JSON.stringify(Object.keys(await import('${name}'))))`;
      const names = await run(consumer(), oldest, '--input-type=module', '-e', print);
      assert.deepEqual(JSON.parse(names), Object.keys(here));
    });
  }

  for (const path of ['crosslink', 'crosslink/juju/agent', 'crosslink/lib/juju/index.js']) {
    test(`${path} can't be imported`, async () => {
      const print = `await import('${path}').catch(({ code }) => console.log(code))`;
      const code = await run(consumer(), oldest, '--input-type=module', '-e', print);
      assert.equal(code.trim(), 'ERR_PACKAGE_PATH_NOT_EXPORTED');
    });
  }

  for (const [name, options] of [
    ['nodenext', { module: 'nodenext', allowImportingTsExtensions: true, noEmit: true }],
    [
      'bundler',
      { module: 'esnext', moduleResolution: 'bundler', allowImportingTsExtensions: true, noEmit: true },
    ],
  ] as const) {
    test(`a charm and every library pass the type checker, modules being ${name}`, async () => {
      const all = libraries.map(({ name }, index) => `export * as library${index} from '${name}';\n`);
      await writeFile(join(consumer(), 'every-library.ts'), all.join(''));
      const [, example] = /^```ts\n(.*?)^```$/ms.exec(await installed('README.md')) ?? [];
      assert.ok(example);
      await writeFile(join(consumer(), 'readme.ts'), example);
      await compile(consumer(), name, options);
    });
  }

  test('a charm in TypeScript runs in the local model', async () => {
    const printed = await run(consumer(), projectNode, 'docs/examples/hello-model.ts');
    assert.equal(printed, 'hello Juju\n');
  });

  test('a charm that was made JavaScript runs in the local model, both on the oldest Node', async () => {
    const out = join(consumer(), 'out');
    const options = { module: 'nodenext', target: 'es2022', rewriteRelativeImportExtensions: true };
    await compile(consumer(), 'out', { ...options, rootDir: consumer(), outDir: out });
    await completeCharm(consumer(), out, oldest);
    const printed = await run(out, oldest, 'docs/examples/hello-model.js');
    assert.equal(printed, 'hello Juju\n');
  });

  test('a plugin becomes an executable, which says its version and shakes hands with Grafana', async () => {
    const target = ownTarget() ?? 'linux_amd64';
    const out = join(folder(), 'dist');
    const plugin = join(consumer(), 'docs/examples/dice-datasource');
    await writeFile(join(plugin, 'package.json'), '{ "type": "module", "version": "3.2.1" }\n');
    await run(consumer(), crosslink, 'plugin', 'build', plugin, '--out', out, '--target', target);
    const executable = join(out, `gpx_dice_${target}`);
    assert.equal(await run(out, executable, '-version'), '3.2.1\n');
    const asked = { grafana_plugin_type: 'datasource', PLUGIN_PROTOCOL_VERSIONS: '2' };
    assert.match(await firstLine(executable, asked), /^1\|2\|unix\|\/.+\|grpc\|$/);
  });

  test("a plugin's test calls it over gRPC, on the oldest Node", async () => {
    await writeFile(
      join(consumer(), 'line.mjs'),
      `import { createFrame, numberField, perQuery } from 'crosslink/grafana-plugin';
      import { startTestPlugin } from 'crosslink/grafana-plugin/testing';
      import * as z from 'zod';
      const queryData = perQuery(z.object({ to: z.number() }), ({ model: { to } }) =>
        createFrame({ fields: [numberField('n', [to])] }));
      const plugin = await startTestPlugin({ id: 'acme-line-datasource', create: () => ({ queryData }) });
      const answers = await plugin.query([{ refId: 'A', to: 3 }, { refId: 'B', to: 'x' }]);
      console.log(answers.get('A').frames[0].fields[0].values[0], answers.get('B').error);
      await plugin.stop();`,
    );
    assert.equal(
      await run(consumer(), oldest, 'line.mjs'),
      '3 the query is wrong: to: Invalid input: expected number, received string\n',
    );
  });

  test("a charm's tests run in memory", async () => {
    const mocha = join(projectFolder, 'node_modules/mocha/bin/mocha.js');
    const args = ['--no-config', '--no-package', '--ui', 'tdd', '--reporter', 'json'];
    const printed = await run(consumer(), projectNode, mocha, ...args, 'docs/examples/website.test.ts');
    const { stats } = z
      .object({ stats: z.object({ passes: z.number(), failures: z.number() }) })
      .parse(JSON.parse(printed));
    assert.equal(stats.failures, 0);
    assert.ok(stats.passes > 0);
  });

  test('a charm that is one file holds only what it uses of zod, and runs on the oldest Node', async () => {
    const out = join(folder(), 'bundled');
    const { metafile } = await build({
      absWorkingDir: consumer(),
      entryPoints: ['examples/hello-charm/charm.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(out, 'examples/hello-charm/charm.js'),
      metafile: true,
      logLevel: 'silent',
    });
    const [output] = Object.values(metafile.outputs);
    const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    const locales = inputs.map(([path]) => path).filter((path) => path.includes('/locales/'));
    assert.ok(inputs.some(([path]) => path.includes('/zod/')));
    assert.deepEqual(locales, ['node_modules/zod/v4/locales/en.js']);
    await completeCharm(consumer(), out, oldest);
    await writeFile(join(out, 'package.json'), '{ "type": "module" }\n');
    // The model's own side stays where the package is.
    const model = join(consumer(), 'docs/bundled');
    await cp(join(consumer(), 'docs/examples/hello-model.ts'), join(model, 'hello-model.ts'));
    const text = await readFile(join(model, 'hello-model.ts'), 'utf8');
    await writeFile(
      join(model, 'hello-model.ts'),
      text.replace(/^const charm = .*$/m, `const charm = '${join(out, 'examples/hello-charm')}';`),
    );
    assert.equal(await run(consumer(), projectNode, 'docs/bundled/hello-model.ts'), 'hello Juju\n');
  });
});
