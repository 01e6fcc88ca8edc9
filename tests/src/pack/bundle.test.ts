import assert from 'node:assert/strict';
import { bundle } from '../../../src/pack/bundle.ts';

/** `import ... from "./chunk.mjs"`, and not `import("./chunk.mjs")`, as esbuild prints them. */
const staticImport = /^(?:import|export)\b[^;"'()]*"([^"]+)";$/gm;

suite('bundle of the packed charm', () => {
  /** Source files and modules of Node that every hook loads, whatever it is about. */
  async function loadedByAll(): Promise<{ sources: string[]; builtins: string[] }> {
    const { files } = await bundle();
    const chunks = new Map<string, string>();
    const builtins = new Set<string>();
    const follow = (name: string): void => {
      const text = Buffer.from(files.get(name) ?? assert.fail(`no ${name}`)).toString();
      chunks.set(name, text);
      for (const [, target = ''] of text.matchAll(staticImport)) {
        if (!target.startsWith('./')) builtins.add(target);
        else if (!chunks.has(target.slice(2))) follow(target.slice(2));
      }
    };
    follow('main.mjs');
    const sources = [...chunks.values()].flatMap((text) =>
      [...text.matchAll(/^\/\/ ((?:charm|src|lib|node_modules)\/\S+)$/gm)].map(([, path = '']) => path),
    );
    return { sources, builtins: [...builtins].toSorted() };
  }

  test('a hook loads nothing that its event may not need', async () => {
    const { sources, builtins } = await loadedByAll();
    assert.ok(sources.includes('charm/observe.ts'), 'the names of source files stand in the bundle');
    const onDemand = [
      /^src\/grafana\/(?!(?:errors|unchanged)\.ts)[^/]+$/, // the client, for the leader of a gateway
      /^charm\/(gateway|credentials|secure-json-data)\.ts$/,
      /^charm\/actions\//,
      /^lib\/juju\/run-tool\.ts$/, // processes, without the agent's socket
      /^node_modules\/(?!zod\/|@opentelemetry\/api\/)/,
    ];
    assert.deepEqual(
      sources.filter((path) => onDemand.some((one) => one.test(path))),
      [],
    );
    assert.deepEqual(builtins, ['node:net', 'node:path']);
  });

  test('node-fetch comes without what is for other versions of Node', async () => {
    const { packages } = await bundle();
    assert.ok(packages.includes('node-fetch'));
    assert.ok(!packages.includes('web-streams-polyfill'));
  });

  test('node-fetch loads of Node what it needs for a request to http, and nothing by import', async () => {
    const { files } = await bundle();
    const [chunk, ...more] = [...files.values()]
      .map((content) => Buffer.from(content).toString())
      .filter((text) => /^\/\/ node_modules\/node-fetch\/src\/index\.js$/m.test(text));
    assert.ok(chunk !== undefined && more.length === 0, 'node-fetch is in one chunk');
    const imported = [...chunk.matchAll(staticImport)].map(([, target = '']) => target);
    assert.deepEqual(
      imported.filter((target) => !target.startsWith('./')),
      [],
    );
    for (const [, statement] of chunk.matchAll(/^(.*getBuiltinModule\("node:(?:https|zlib)"\).*)$/gm)) {
      assert.match(statement ?? '', /=> process\.getBuiltinModule/);
    }
  });
});
