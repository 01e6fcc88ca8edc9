import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { ElfImage } from '#lib/elf';
import { type Bundle, bundleBackend } from './backend-bundle.ts';
import { assertDist, type DistFile, writeDist } from './dist-folder.ts';
import { PluginBuildError, why } from './errors.ts';
import { bundleFrontend } from './frontend-bundle.ts';
import { findLibc } from './libc.ts';
import { thirdPartyLicenses } from './licenses.ts';
import { linkExecutable } from './link-executable.ts';
import type { PluginJson } from './plugin-json.ts';
import { readPluginJson } from './read-plugin-json.ts';
import { seaBlob } from './sea-blob.ts';
import { assets, findSource, type Source, shown } from './source-folder.ts';
import { libraryFolder, type Target } from './targets.ts';
import { libatomic } from './without-libatomic.ts';

/** The Node that runs a plugin. */
export interface Runtime {
  /** The executable, of the same version as the Node that builds. */
  readonly node: Buffer;
  /** Of Node and all that is in it. */
  readonly license: string;
}

export interface BuildOptions {
  /** With src/plugin.json, or plugin.json. Absolute. */
  readonly folder: string;
  /** Absolute; `dist` in the folder when left out. */
  readonly out?: string;
  /** Executables for these; those without a backend have none. */
  readonly targets: readonly Target[];
  /** @defaultValue true */
  readonly minify?: boolean;
  /** Whether the C library goes along, so that the plugin starts on Alpine too. */
  readonly withLibc?: boolean;
  readonly runtime: (target: Target) => Promise<Runtime>;
  /** Stands for now in what is built. */
  readonly builtAt: Date;
}

export interface BuiltPlugin {
  readonly plugin: PluginJson;
  readonly out: string;
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
}

/**
 * Makes dist/ of a Grafana plugin. The same sources, built at the same time, give the same bytes.
 * @throws {PluginBuildError} with everything about the sources that has to be mended
 */
export async function buildPlugin(options: BuildOptions): Promise<BuiltPlugin> {
  const { folder, out = join(folder, 'dist'), minify = true, builtAt } = options;
  const source = await findSource(folder);
  if (`${source.folder}/`.startsWith(`${out}/`)) {
    throw new PluginBuildError(
      `${shown(out)} holds the plugin's sources, which would be lost; give another folder with --out`,
    );
  }
  await assertDist(out, shown(out));
  const file = join(source.folder, 'plugin.json');
  const { plugin, text, fill } = await readPluginJson(file, shown(file), builtAt);
  assertParts(plugin, source);

  const built = { id: plugin.id, version: plugin.info.version, time: builtAt.toISOString() };
  const [copies, frontend, backend] = await Promise.all([
    assets(source, plugin, fill),
    source.frontend === undefined ? undefined : bundleFrontend(folder, source.frontend, minify),
    source.backend === undefined || !plugin.backend
      ? undefined
      : bundleBackend(folder, source.backend, built, minify),
  ]);
  const files: DistFile[] = [{ path: 'plugin.json', content: [Buffer.from(text)] }, ...copies];
  for (const [path, content] of frontend?.files ?? []) files.push({ path, content: [content] });
  const licenses = new Map<string, string>();
  if (backend !== undefined && plugin.executable !== undefined) {
    for (const target of options.targets) {
      files.push(...(await executable(target, plugin.executable, backend, options, licenses)));
    }
  }
  const metafiles: Metafile[] = [frontend?.metafile, backend?.metafile].filter((one) => one !== undefined);
  const third = await thirdPartyLicenses(folder, metafiles, licenses);
  if (third !== '') files.push({ path: 'LICENSE.third-party', content: [Buffer.from(third)] });

  await writeDist(out, shown(out), files);
  const sizes = files.map(({ path, content }) => ({
    path,
    sizeBytes: content.reduce((sum, part) => sum + part.length, 0),
  }));
  return { plugin, out, files: sizes };
}

/** @throws {PluginBuildError} plugin.json and the files beside it don't say the same */
function assertParts(plugin: PluginJson, { folder, backend, frontend }: Source): void {
  const problems: string[] = [];
  if (plugin.backend && backend === undefined) {
    problems.push(
      `plugin.json says that there is a backend; it begins in ${shown(join(folder, 'backend.ts'))}, which is not there`,
    );
  }
  if (!plugin.backend && backend !== undefined) {
    problems.push(
      `${shown(backend)} is there, but plugin.json does not say "backend": true; add it, with "executable"`,
    );
  }
  if (frontend === undefined && plugin.type !== 'datasource') {
    problems.push(
      `a plugin of type ${plugin.type} needs a frontend: ${shown(join(folder, 'module.tsx'))} is not there`,
    );
  }
  if (problems.length > 0) throw new PluginBuildError(problems);
}

async function executable(
  target: Target,
  name: string,
  backend: Bundle,
  { runtime, withLibc = false }: BuildOptions,
  licenses: Map<string, string>,
): Promise<DistFile[]> {
  const { node, license } = await runtime(target);
  const version = `/release/${process.version}/`;
  if (!node.includes(version, 0, 'latin1')) {
    throw new PluginBuildError(
      `the Node for ${target} is not ${process.version}, which builds; they have to be the same`,
    );
  }
  licenses.set('Node.js', license);
  const image = new ElfImage(node);
  const libc = withLibc
    ? await findLibc(
        target,
        image.needed.filter((library) => library !== libatomic),
      )
    : new Map<string, Buffer>();
  if (withLibc) licenses.set('The GNU C Library, libstdc++ and libgcc', libcLicense);
  const blob = await seaBlob(backend.code, target);
  const libraries = [...libc].map(([library, content]): DistFile => {
    return { path: `${libraryFolder(target)}/${library}`, content: [content] };
  });
  try {
    const content = linkExecutable({ target, node, blob, bringsLibc: withLibc });
    return [{ path: `${name}_${target}`, content, executable: true }, ...libraries];
  } catch (error) {
    throw new Error(`the Node for ${target} can't become a plugin: ${why(error)}`, { cause: error });
  }
}

const libcLicense = `The files in the folders lib_* come unchanged from the Linux distribution that this plugin was built on, which also
offers their sources. The GNU C Library is under the GNU Lesser General Public License, version 2.1 or later:
https://www.gnu.org/licenses/old-licenses/lgpl-2.1.html. libstdc++ and libgcc are under the GNU General Public License,
version 3 or later, with the GCC Runtime Library Exception: https://www.gnu.org/licenses/gcc-exception-3.1.html. They
may be exchanged for other builds of the same libraries.`;
