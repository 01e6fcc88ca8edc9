import { build } from 'esbuild';
import { projectFolder } from '#src/local';
import { leanBuiltins } from './builtins.ts';

export interface Bundle {
  /** File name to content: `main.mjs`, and the chunks that it loads when it needs them. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The npm packages that went into it, sorted. */
  readonly packages: readonly string[];
}

/**
 * Makes the charm's TypeScript and all that it imports into a few JavaScript files.
 *
 * - Chunks: what the code imports when it needs it (node-fetch, for the leader of a gateway) stays a file of its own.
 *   In one file esbuild would hoist what node-fetch imports of Node itself, `node:http` and more, to the top: 75 ms of
 *   processor time for the start of any hook instead of 52 ms. As one CommonJS file, where it would not, a hook starts
 *   in the same time as from chunks; as a startup snapshot it starts 10 ms sooner, with a blob of 10 MB that each unit
 *   would have to make for its own processor, and a Node that refuses to start when that is exchanged.
 * - Not minified, and no source map: a stack trace in Juju's log names functions, and lines that can be looked up in
 *   the charm's folder, under a comment with the source file's name. Minified, a hook would start 3 ms sooner and need
 *   a map to be read, which costs more than that whenever Node loads it.
 */
export async function bundle(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: projectFolder,
    entryPoints: { main: 'charm/main.ts' },
    outdir: 'bundle',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node26',
    // For a Node without ReadableStream; it would be three quarters of what node-fetch brings.
    external: ['web-streams-polyfill'],
    plugins: [leanBuiltins],
    charset: 'utf8',
    // Licences of all packages go into the charm as a file.
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const files = outputFiles.map(({ path, contents }) => [path.split('/').at(-1) ?? path, contents] as const);
  const packages = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap(
      (input) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(input)?.[1] ?? [],
    );
  return { files: new Map(files), packages: [...new Set(packages)].toSorted() };
}
