import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ElfImage } from '#lib/elf';
import { isMissing, PluginBuildError } from './errors.ts';
import { type Target, targets } from './targets.ts';

/** Where Linux distributions keep glibc: their own, that of a second architecture, and that for cross compilers. */
const places: Readonly<Record<Target, { readonly folders: readonly string[]; readonly packages: string }>> = {
  linux_amd64: {
    folders: [
      '/lib/x86_64-linux-gnu',
      '/usr/lib/x86_64-linux-gnu',
      '/usr/x86_64-linux-gnu/lib',
      '/lib64',
      '/usr/lib64',
      '/usr/lib',
    ],
    packages: 'libc6-amd64-cross and libstdc++6-amd64-cross',
  },
  linux_arm64: {
    folders: [
      '/lib/aarch64-linux-gnu',
      '/usr/lib/aarch64-linux-gnu',
      '/usr/aarch64-linux-gnu/lib',
      '/lib64',
      '/usr/lib64',
      '/usr/lib',
    ],
    packages: 'libc6-arm64-cross and libstdc++6-arm64-cross',
  },
};

/**
 * Finds glibc and what else Node needs on this machine, so that it can go along with a plugin.
 * @param needed - file names, as the executable asks for them; what those need is found too
 * @returns file name to content, sorted by name
 * @throws {PluginBuildError} a library is not here, or too old to stand alone
 */
export async function findLibc(
  target: Target,
  needed: readonly string[],
  folders: readonly string[] = places[target].folders,
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const wanted = [...needed, targets[target].loader];
  for (const name of wanted) {
    if (found.has(name)) continue;
    const library = await find(name, target, folders);
    if (library === undefined) {
      const packages = places[target].packages;
      throw new PluginBuildError(
        `${name} for ${target} is not on this machine, and --with-libc takes it from there; ` +
          `install ${packages} (so called on Debian and Ubuntu), or build without ${target}`,
      );
    }
    found.set(name, library);
    wanted.push(...new ElfImage(library).needed);
  }
  // From here on it looks up names of hosts by itself, and not through libraries that it opens when it needs them.
  if (found.get('libc.so.6')?.includes('GLIBC_2.34\0', 0, 'latin1') === false) {
    throw new PluginBuildError(`the C library for ${target} is older than 2.34; build on a newer Linux`);
  }
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function find(name: string, target: Target, folders: readonly string[]): Promise<Buffer | undefined> {
  for (const folder of folders) {
    try {
      const library = await readFile(join(folder, name));
      if (new ElfImage(library).machine === targets[target].elfMachine) return library;
    } catch (error) {
      // A file that is no library is passed over too: linkers keep scripts under such names.
      if (!isMissing(error) && error instanceof Error && 'code' in error) throw error;
    }
  }
  return undefined;
}
