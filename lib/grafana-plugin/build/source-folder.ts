import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type DistFile, filesIn } from './dist-folder.ts';
import { isMissing, PluginBuildError } from './errors.ts';
import type { PluginJson } from './plugin-json.ts';

/** Where the parts of a plugin's source lie. */
export interface Source {
  /** The one that was named: README and others may lie here. */
  readonly root: string;
  /** That of plugin.json: `src` of the root where that has one, else the root. */
  readonly folder: string;
  /** Absolute; undefined where there is none. */
  readonly backend: string | undefined;
  readonly frontend: string | undefined;
}

/** @throws {PluginBuildError} there is no plugin.json */
export async function findSource(root: string): Promise<Source> {
  const file = await firstFile(root, ['src/plugin.json', 'plugin.json']);
  if (file === undefined) {
    throw new PluginBuildError(`no plugin in ${shown(root)}: it has neither src/plugin.json nor plugin.json`);
  }
  const folder = dirname(file);
  const [backend, frontend] = await Promise.all([
    firstFile(folder, ['backend.ts', 'backend.js']),
    firstFile(folder, ['module.ts', 'module.tsx', 'module.js']),
  ]);
  return { root, folder, backend, frontend };
}

/** How messages call a file: from the current folder. */
export function shown(path: string): string {
  return relative(process.cwd(), path) || '.';
}

/** Folders that Grafana's own tool copies too. */
const copied = ['img', 'static', 'dashboards', 'libs'];
const documents = ['README.md', 'CHANGELOG.md', 'LICENSE', 'query_help.md'];

/**
 * What goes into dist/ as it is: images, dashboards and documents.
 * @param fill - for the README's placeholders
 * @throws {PluginBuildError} plugin.json names a file that is not there
 */
export async function assets(
  source: Source,
  plugin: PluginJson,
  fill: (text: string) => string,
): Promise<DistFile[]> {
  const files: DistFile[] = [];
  for (const name of copied) {
    for (const path of await filesIn(join(source.folder, name))) {
      files.push({ path: `${name}/${path}`, content: [await readFile(join(source.folder, name, path))] });
    }
  }
  for (const name of documents) {
    const file = (await firstFile(source.folder, [name])) ?? (await firstFile(source.root, [name]));
    if (file === undefined) continue;
    const content = await readFile(file);
    files.push({
      path: name,
      content: [name === 'README.md' ? Buffer.from(fill(content.toString())) : content],
    });
  }
  const here = new Set(files.map(({ path }) => path));
  const missing = named(plugin).filter(([, path]) => !here.has(path));
  if (missing.length > 0) {
    throw new PluginBuildError(
      missing.map(([key, path]) => {
        const file = shown(join(source.folder, 'plugin.json'));
        return `${file}: ${key} names ${path}, which is not in ${shown(source.folder)}; only ${copied.join(', ')} are copied`;
      }),
    );
  }
  return files;
}

/** Key and path of what plugin.json says is there. */
function named({ info, includes = [] }: PluginJson): [key: string, path: string][] {
  const paths: [string, string | undefined][] = [
    ['info.logos.small', info.logos.small],
    ['info.logos.large', info.logos.large],
    ...(info.screenshots ?? []).map(({ path }, i): [string, string | undefined] => [
      `info.screenshots.${i}.path`,
      path,
    ]),
    ...includes.map(({ type, path }, i): [string, string | undefined] => {
      return [`includes.${i}.path`, type === 'dashboard' ? path : undefined];
    }),
  ];
  return paths.flatMap(([key, path]) => {
    // Logos and screenshots may be anywhere on the web, or of Grafana's own.
    const isFile = path !== undefined && !/^(?:https?:)?\/\//.test(path) && !path.startsWith('public/');
    return isFile ? [[key, path.replace(/^\.?\//, '')] as [string, string]] : [];
  });
}

async function firstFile(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const file = join(folder, name);
    const found = await stat(file).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (found?.isFile()) return file;
  }
  return undefined;
}
