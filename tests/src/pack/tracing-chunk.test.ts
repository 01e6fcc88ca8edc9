import assert from 'node:assert/strict';
import { bundle } from '../../../src/pack/bundle.ts';

/** The files that Node loads before the first line of `main.mjs` runs, with their texts. */
function loadedAtStart(files: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, string> {
  const loaded = new Map<string, string>();
  const load = (name: string): void => {
    if (loaded.has(name)) return;
    const text = Buffer.from(files.get(name) ?? assert.fail(`no file ${name}`)).toString();
    loaded.set(name, text);
    // Not `import(...)`, which is for later.
    for (const [, imported = ''] of text.matchAll(/^(?:import|export|\})[^;(]*?"\.\/([^"]+)";$/gm))
      load(imported);
  };
  load('main.mjs');
  return loaded;
}

suite('bundle of the charm', () => {
  test('has the OpenTelemetry SDK in it, and loads no more than the API at the start of a hook', async function () {
    this.timeout(20_000);
    const { files, packages } = await bundle();
    for (const name of ['api', 'sdk-trace', 'otlp-transformer', 'context-async-hooks', 'resources']) {
      assert.ok(packages.includes(`@opentelemetry/${name}`), name);
    }
    const atStart = [...loadedAtStart(files).values()].join('');
    const packageOf = /node_modules\/(@opentelemetry\/[a-z-]+)\//g;
    const loaded = new Set([...atStart.matchAll(packageOf)].map(([, name]) => name));
    assert.deepEqual([...loaded], ['@opentelemetry/api']);
    const all = [...files.values()].map((content) => Buffer.from(content).toString()).join('');
    assert.ok(
      all.includes('node_modules/@opentelemetry/sdk-trace/'),
      'is the check looking in the right place?',
    );
  });
});
