import { resolve } from 'node:path';
import { buildPlugin, isTarget, PluginBuildError, type Target, targets } from '#lib/grafana-plugin/build';
import { UsageError } from '#src/local';
import { type Architecture, nodeRuntime } from '#src/pack';
import { print } from './output.ts';
import { parseOptions } from './parse-options.ts';
import { table } from './table.ts';

export const pluginHelp = `Usage: crosslink plugin build [FOLDER] [OPTIONS]

Makes dist/ of a Grafana plugin written in TypeScript: plugin.json, checked;
src/backend.ts as executables that need no Node on the machine; src/module.ts
or src/module.tsx, if there is one, as the module.js that Grafana loads; images,
dashboards and documents. The current folder, when FOLDER is left out. The Node
of another processor is got with npm, once.

Options:
  --out DIR         where to put it; FOLDER/dist when left out
  --target LIST     linux_amd64, linux_arm64, or both with a comma between, as
                    when left out
  --with-libc       put the C library along with the executables, 5 MB for each
                    processor, so that they start on Alpine as well: Grafana's
                    own image is made of that
  --no-minify       leave the code as esbuild writes it, to be read
`;

/** @returns the exit code */
export async function pluginCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    await print(pluginHelp);
    return 0;
  }
  const { folder, ...options } = readOptions(args);
  const began = performance.now();
  try {
    const { plugin, out, files } = await buildPlugin({ ...options, folder, runtime, builtAt: now() });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const rows = files.map(({ path, sizeBytes }) => [path, size(sizeBytes)]);
    await print(
      `${plugin.id} ${plugin.info.version} in ${out}, made in ${seconds} s\n${table(rows).join('\n')}\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof PluginBuildError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

const options = {
  out: { type: 'string' },
  target: { type: 'string', default: Object.keys(targets).join(',') },
  'with-libc': { type: 'boolean', default: false },
  'no-minify': { type: 'boolean', default: false },
} as const;

function readOptions(args: readonly string[]) {
  const { values, positionals } = parseOptions('plugin', args, options);
  const [subcommand, folder = '.', extra] = positionals;
  if (subcommand === undefined) throw wrong('crosslink plugin takes what to do: build');
  if (subcommand !== 'build') throw wrong(`crosslink plugin has no '${subcommand}'`);
  if (extra !== undefined) throw wrong(`crosslink plugin build takes one folder, not '${extra}' too`);
  return {
    folder: resolve(folder),
    ...(values.out === undefined ? {} : { out: resolve(values.out) }),
    targets: wantedTargets(values.target),
    minify: !values['no-minify'],
    withLibc: values['with-libc'],
  };
}

function wantedTargets(list: string): Target[] {
  return [...new Set(list.split(',').map((name) => name.trim()))].map((name) => {
    if (isTarget(name)) return name;
    const other = /^(?:darwin|windows)_/.test(name)
      ? '; for macOS and Windows none are made: run Grafana in a container there'
      : '';
    throw wrong(`--target takes ${Object.keys(targets).join(' and ')}, not '${name}'${other}`);
  });
}

function runtime(target: Target) {
  const architecture: Architecture = target === 'linux_amd64' ? 'amd64' : 'arm64';
  return nodeRuntime(architecture);
}

/** Whoever wants the same bytes twice says when they were made. @see reproducible-builds.org: SOURCE_DATE_EPOCH */
function now(): Date {
  const seconds = process.env.SOURCE_DATE_EPOCH;
  if (seconds === undefined || seconds === '') return new Date();
  if (!/^\d{1,11}$/.test(seconds))
    throw new UsageError(`SOURCE_DATE_EPOCH is no number of seconds: '${seconds}'`);
  return new Date(Number(seconds) * 1000);
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 100_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function wrong(what: string): UsageError {
  return new UsageError(`${what}; crosslink help plugin shows the options`);
}
