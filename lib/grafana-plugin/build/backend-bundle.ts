import type { Metafile } from 'esbuild';
import { common, runEsbuild } from './esbuild.ts';

export interface Built {
  readonly id: string;
  readonly version: string;
  /** ISO 8601. */
  readonly time: string;
}

export interface Bundle {
  readonly code: Uint8Array;
  readonly metafile: Metafile;
}

/**
 * Makes a plugin's backend and all that it imports into one ES module, so that it may await at its top level. What it
 * imports when it needs it stays a function that is called then.
 * @param root - the plugin's folder, which paths in the bundle begin from
 * @param entry - absolute path
 * @param built - what the plugin will say about itself: `globalThis.__CROSSLINK_PLUGIN_BUILD__`
 * @param minify - names stay, so that a stack trace in Grafana's log tells something
 * @throws {PluginBuildError} it does not compile, or something that it imports is not there
 */
export async function bundleBackend(
  root: string,
  entry: string,
  built: Built,
  minify: boolean,
): Promise<Bundle> {
  const { outputFiles, metafile } = await runEsbuild({
    ...common,
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: 'backend.mjs',
    format: 'esm',
    platform: 'node',
    target: 'node26',
    // Settings of whatever project the plugin lies in would change what is built.
    tsconfigRaw: {},
    minifySyntax: minify,
    minifyWhitespace: minify,
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: banner(built) },
  });
  return { code: outputFiles[0]?.contents ?? new Uint8Array(), metafile };
}

/** What the program finds before its first line: who it is, and what packages in CommonJS expect to be there. */
function banner(built: Built): string {
  return [
    `import { createRequire as __crosslinkCreateRequire } from 'node:module';`,
    `globalThis.__CROSSLINK_PLUGIN_BUILD__ = ${JSON.stringify(built)};`,
    `const require = __crosslinkCreateRequire(process.execPath);`,
    `const __filename = process.execPath;`,
    `const __dirname = __filename.slice(0, __filename.lastIndexOf('/'));`,
  ].join('\n');
}
