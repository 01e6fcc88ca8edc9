import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildPlugin } from '#lib/grafana-plugin/build';

/** plugin.json of a datasource without a backend, with some keys given. */
export function pluginJson(keys: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: 'acme-weather-datasource',
    type: 'datasource',
    name: 'Weather',
    info: {
      version: '1.2.3',
      updated: '2026-03-01',
      keywords: ['weather'],
      logos: { small: 'img/logo.svg', large: 'img/logo.svg' },
    },
    dependencies: { grafanaDependency: '>=10.4.0' },
    ...keys,
  };
}

const logo = '<svg xmlns="http://www.w3.org/2000/svg"/>';

export const builtAt = new Date('2026-03-02T04:05:06.789Z');

/** A folder for each test that asks for one, all gone after the suite. Call it inside of a suite. */
export function pluginFolders() {
  const made: string[] = [];
  suiteTeardown(async () => {
    for (const folder of made) await rm(folder, { recursive: true, force: true });
  });
  return {
    /** @param files - path to text, beside a plugin.json and its logo; undefined leaves one of those out */
    async make(files: Readonly<Record<string, string | undefined>> = {}): Promise<string> {
      const folder = await mkdtemp(join(tmpdir(), 'crosslink-plugin-test-'));
      made.push(folder);
      const all = {
        'src/plugin.json': JSON.stringify(pluginJson()),
        'src/img/logo.svg': logo,
        'src/module.ts': 'export const plugin = 1;',
        ...files,
      };
      for (const [path, text] of Object.entries(all)) {
        if (text === undefined) continue;
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      return folder;
    },
  };
}

/** Builds what needs no executable. */
export function build(folder: string, out?: string) {
  return buildPlugin({
    folder,
    ...(out === undefined ? {} : { out }),
    targets: [],
    runtime: () => Promise.reject(new Error('no Node is needed for this')),
    builtAt,
  });
}
