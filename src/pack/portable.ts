import { ElfImage } from '#lib/elf';
import { type Architecture, architectures } from './architecture.ts';
import { bases } from './bases.ts';

/** What every Ubuntu has from its first minute: the C library in all its parts, and what apt itself needs. */
const everywhere = [
  /^ld-linux-/,
  /^lib(?:c|m|dl|pthread|rt)\.so\.\d+$/,
  /^libstdc\+\+\.so\.6$/,
  /^libgcc_s\.so\.1$/,
];

/** Comes with the charm, as far as Node needs it: libatomic/libatomic.c. */
const ownLibrary = 'libatomic.so.1';
const ownFunctions = ['__atomic_compare_exchange'];

/**
 * Makes sure that a Node starts on a machine of any of the {@link bases} with nothing installed on it.
 * @throws {Error} with every reason why not; then a newer Node needs more than the last one, and something has to be
 * done
 */
export function assertPortable(node: Buffer, architecture: Architecture): void {
  const elf = new ElfImage(node);
  const wanted = architectures[architecture].elfMachine;
  if (elf.machine !== wanted) throw new Error(`it is for machine ${elf.machine}, not ${wanted}`);
  const names = elf.linkNames;
  const problems = [
    ...elf.needed
      .filter((library) => library !== ownLibrary && !everywhere.some((known) => known.test(library)))
      .map((library) => `it needs the library ${library}`),
    ...names
      .filter((name) => name.startsWith('__atomic_') && !ownFunctions.includes(name))
      .map((name) => `it needs ${name} of ${ownLibrary}, which the charm's own does not have`),
    ...bases.flatMap(({ channel, glibc, glibcxx }) => [
      ...newerThan(names, 'GLIBC', glibc).map((one) => `it needs ${one}; Ubuntu ${channel} has ${glibc}`),
      ...newerThan(names, 'GLIBCXX', glibcxx).map(
        (one) => `it needs ${one}; Ubuntu ${channel} has ${glibcxx}`,
      ),
    ]),
  ];
  if (problems.length > 0) throw new Error(problems.join('; '));
}

/** @returns the names like `GLIBC_2.28` whose version is above `limit` */
function newerThan(names: readonly string[], library: string, limit: string): string[] {
  return names.filter((name) => {
    const [, version] = new RegExp(`^${library}_(\\d+(?:\\.\\d+)*)$`).exec(name) ?? [];
    return version !== undefined && compareVersions(version, limit) > 0;
  });
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const length = Math.max(left?.length ?? 0, right?.length ?? 0);
  for (let i = 0; i < length; i += 1) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
