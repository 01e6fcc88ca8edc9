/** What an executable runs on, as Grafana names it: Go's operating system and processor. */
export type Target = 'linux_amd64' | 'linux_arm64';

export interface TargetFacts {
  /** `e_machine` of its ELF files: EM_X86_64, EM_AARCH64. */
  readonly elfMachine: number;
  /** Processor, in the word of `process.arch`. */
  readonly nodeArch: NodeJS.Architecture;
  /** File name of glibc's loader, whose full path each program there names. */
  readonly loader: string;
}

/** @see the System V ABI's supplements for both processors */
export const targets: Readonly<Record<Target, TargetFacts>> = {
  linux_amd64: { elfMachine: 62, nodeArch: 'x64', loader: 'ld-linux-x86-64.so.2' },
  linux_arm64: { elfMachine: 183, nodeArch: 'arm64', loader: 'ld-linux-aarch64.so.1' },
};

export function isTarget(name: string): name is Target {
  return Object.hasOwn(targets, name);
}

/** @returns this machine, or undefined when there are no executables for it */
export function ownTarget(): Target | undefined {
  if (process.platform !== 'linux') return undefined;
  return Object.keys(targets)
    .filter(isTarget)
    .find((target) => targets[target].nodeArch === process.arch);
}

/** The folder beside the executable that holds its C library, when it brings one. */
export function libraryFolder(target: Target): string {
  return `lib_${target}`;
}
