import { UsageError } from '#src/local';
import { type Architecture, architectures, ownArchitecture, pack } from '#src/pack';
import { print } from './output.ts';
import { parseOptions } from './parse-options.ts';

export const packHelp = `Usage: crosslink pack [OPTIONS]

Makes the charm that juju deploy takes: one file for each architecture, with
its own Node, so that a unit needs nothing beforehand. The same sources give
the same bytes. The Node of another architecture is got with npm, once.

Options:
  --arch ARCH   amd64, arm64 or all; that of this machine when left out
  --output DIR  where to put it; the current folder when left out
`;

/** @returns the exit code */
export async function packCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    await print(packHelp);
    return 0;
  }
  const { wanted, output } = readOptions(args);
  for (const { file, sizeBytes } of await pack(wanted, output)) {
    await print(`${file}  ${(sizeBytes / 1e6).toFixed(1)} MB\n`);
  }
  return 0;
}

const options = { arch: { type: 'string' }, output: { type: 'string', default: '.' } } as const;

function readOptions(args: readonly string[]): { wanted: readonly Architecture[]; output: string } {
  const { values, positionals } = parseOptions('pack', args, options);
  const [extra] = positionals;
  if (extra !== undefined) throw wrong(`crosslink pack takes no '${extra}'`);
  return { wanted: wantedArchitectures(values.arch), output: values.output };
}

function wantedArchitectures(arch: string | undefined): readonly Architecture[] {
  const all = Object.keys(architectures).filter(isArchitecture);
  if (arch === 'all') return all;
  if (arch === undefined) {
    const own = ownArchitecture();
    if (own === undefined) throw new UsageError(`there is no charm for ${process.arch}; choose with --arch`);
    return [own];
  }
  if (!isArchitecture(arch)) throw new UsageError(`--arch takes amd64, arm64 or all, not '${arch}'`);
  return [arch];
}

function isArchitecture(name: string): name is Architecture {
  return Object.hasOwn(architectures, name);
}

function wrong(what: string): UsageError {
  return new UsageError(`${what}; crosslink help pack shows the options`);
}
