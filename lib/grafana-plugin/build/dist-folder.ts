import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isMissing, PluginBuildError, why } from './errors.ts';

/** A file of dist/. */
export interface DistFile {
  /** From dist/, with slashes. */
  readonly path: string;
  /** One after another. */
  readonly content: readonly Uint8Array[];
  readonly executable?: boolean;
}

/**
 * Makes sure that a folder is dist/ of a plugin, or will be: what else it holds would be lost.
 * @throws {PluginBuildError}
 */
export async function assertDist(folder: string, shown: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new PluginBuildError(`${shown} can't be written to: ${why(error)}; give another folder with --out`);
  });
  if (names.length > 0 && !names.includes('plugin.json')) {
    throw new PluginBuildError(
      `${shown} holds other things than a plugin; empty it, or give another folder with --out`,
    );
  }
  const isSource = /^(?:src|package\.json|node_modules|.*\.tsx?)$/;
  if (names.some((name) => isSource.test(name))) {
    throw new PluginBuildError(
      `${shown} holds a plugin's sources, which would be lost; give another folder with --out`,
    );
  }
}

/**
 * Makes dist/ hold these files and no others. The folder stays the same one, since a container may have it mounted, and
 * each file is exchanged as a whole, since Grafana may be running it.
 * @throws {PluginBuildError} it can't be written to
 */
export async function writeDist(folder: string, shown: string, files: readonly DistFile[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const before = await filesIn(folder);
    for (const file of files) await writeWhole(join(folder, file.path), file);
    const kept = new Set(files.map(({ path }) => path));
    for (const path of before) if (!kept.has(path)) await rm(join(folder, path));
    for (const name of await readdir(folder)) {
      if (!files.some(({ path }) => path === name || path.startsWith(`${name}/`))) {
        await rm(join(folder, name), { recursive: true });
      }
    }
  } catch (error) {
    throw new PluginBuildError(`${shown} can't be written to: ${why(error)}`, { cause: error });
  }
}

async function writeWhole(path: string, { content, executable = false }: DistFile): Promise<void> {
  const unfinished = `${path}.${process.pid}.unfinished`;
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(unfinished, 'w', executable ? 0o755 : 0o644);
    try {
      for (const part of content) await file.writeFile(part);
      await file.chmod(executable ? 0o755 : 0o644);
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** All files below a folder, as paths from it; none when it is not there. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    // What a link leads to is what Grafana would read; it would not follow it out of dist/.
    if (entry.isFile() || (entry.isSymbolicLink() && (await stat(path)).isFile()))
      files.push(relative(folder, path));
  }
  return files.toSorted();
}
