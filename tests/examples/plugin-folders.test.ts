import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startTestPlugin } from 'crosslink/grafana-plugin/testing';
import { parse } from 'yaml';
import * as z from 'zod';
import { PluginJson } from '#lib/grafana-plugin/build';
import { projectFolder } from '#src/local';
import { datasource as basic } from '../../examples/basic-datasource/src/datasource.ts';
import { datasource as http } from '../../examples/http-datasource/src/datasource.ts';
import { datasource as streaming } from '../../examples/streaming-datasource/src/datasource.ts';
import { build } from '../lib/grafana-plugin/build/plugin-folder.ts';
import { serve } from '../lib/grafana-plugin/http/loopback.ts';

/** What somebody puts into Grafana's provisioning/datasources. */
const Provisioning = z.object({
  datasources: z.tuple([
    z.object({
      type: z.string(),
      url: z.url().optional(),
      jsonData: z.record(z.string(), z.unknown()),
      secureJsonData: z.record(z.string(), z.string()).optional(),
    }),
  ]),
});

/** Starts one as the others are: what TypeScript knows of their settings differs. */
const examples = [
  { name: 'basic', id: basic.id, start: () => startTestPlugin(basic) },
  { name: 'streaming', id: streaming.id, start: () => startTestPlugin(streaming) },
  { name: 'http', id: http.id, start: () => startTestPlugin(http) },
];

for (const { name, id, start } of examples) {
  suite(`examples/${name}-datasource: the folder`, () => {
    const folder = join(projectFolder, `examples/${name}-datasource`);
    let page: string;
    suiteSetup(async () => {
      page = await readFile(join(folder, 'README.md'), 'utf8');
    });
    const blocks = (language: string) =>
      [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, of, text = '']) =>
        of === language ? [text] : [],
      );

    test('is built into what Grafana loads', async () => {
      const out = await mkdtemp(join(tmpdir(), 'crosslink-example-test-'));
      try {
        const { plugin, files } = await build(folder, join(out, 'dist'));
        assert.equal(plugin.id, id);
        assert.equal(plugin.executable, `gpx_${name}`);
        const paths = new Set(files.map(({ path }) => path));
        for (const path of ['plugin.json', 'module.js', 'README.md', 'img/logo.svg']) {
          assert.ok(paths.has(path), `${path} is not among ${[...paths].join(', ')}`);
        }
        const built = JSON.parse(await readFile(join(out, 'dist/plugin.json'), 'utf8'));
        assert.deepEqual(PluginJson.parse(built), plugin);
        assert.doesNotMatch(await readFile(join(out, 'dist/README.md'), 'utf8'), /%[A-Z_]+%/);
      } finally {
        await rm(out, { recursive: true, force: true });
      }
    });

    test('backend.ts answers the Grafana that starts it', async () => {
      const child = spawn(process.execPath, [join(folder, 'src/backend.ts')], {
        env: { grafana_plugin_type: 'datasource', PLUGIN_PROTOCOL_VERSIONS: '2', TMPDIR: tmpdir() },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const exited = once(child, 'exit');
      try {
        const [line] = await once(createInterface(child.stdout), 'line');
        assert.match(String(line), /^1\|2\|unix\|\/\S+\|grpc\|$/);
        child.kill('SIGTERM');
        assert.deepEqual(await exited, [0, null]);
      } finally {
        child.kill('SIGKILL');
      }
    });

    test('README.md shows the code as it is', async () => {
      const sources = [];
      for await (const file of glob('src/*.{ts,tsx}', { cwd: folder })) {
        sources.push(flush(await readFile(join(folder, file), 'utf8')));
      }
      const shown = [...blocks('ts'), ...blocks('tsx')];
      assert.ok(shown.length >= 2);
      for (const block of shown) {
        assert.ok(
          sources.some((source) => source.includes(flush(block))),
          `in no file of src:\n${block}`,
        );
      }
    });

    test('README.md names each file, and this plugin wherever it names one', async () => {
      const named = [...page.matchAll(/^\| `(src\/[^`]+)` \|/gm)].map(([, path]) => path);
      const there = [];
      for await (const file of glob('src/*.*', { cwd: folder })) there.push(file);
      assert.deepEqual(named.toSorted(), there.toSorted());
      const ids = [...page.matchAll(/crosslink-\w+-datasource/g)].map(([found]) => found);
      assert.deepEqual([...new Set(ids)], [id]);
      const folders = [...page.matchAll(/examples\/([\w-]+-datasource)/g)].map(([, found]) => found);
      assert.deepEqual([...new Set(folders)], [`${name}-datasource`]);
    });

    test('README.md sets up a datasource that works', async () => {
      const [text = ''] = blocks('yaml');
      const [{ type, ...settings }] = Provisioning.parse(parse(text)).datasources;
      assert.equal(type, id);
      const server = await serve();
      const plugin = await start();
      try {
        const { jsonData, secureJsonData = {} } = settings;
        // The server that a README names is not there while tests run.
        const health = await plugin.checkHealth({ url: server.url, jsonData, secureJsonData });
        assert.equal(health.status, 'ok', health.message);
      } finally {
        await plugin.stop();
        server.close();
      }
    });
  });
}

/** Without indentation, which a part of a file has and a page has not. */
function flush(code: string): string {
  return code.replaceAll(/^ +/gm, '');
}
