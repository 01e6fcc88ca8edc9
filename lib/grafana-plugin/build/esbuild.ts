import type { BuildFailure, BuildOptions, BuildResult } from 'esbuild';
import { PluginBuildError, why } from './errors.ts';

/** What both halves of a plugin are bundled with. */
export const common = {
  bundle: true,
  write: false,
  metafile: true,
  charset: 'utf8',
  // Licences of all packages go into dist/ as a file.
  legalComments: 'none',
  logLevel: 'silent',
} as const satisfies BuildOptions;

interface InMemory {
  write: false;
  metafile: true;
}

/**
 * Runs esbuild.
 * @throws {PluginBuildError} with a line for each of esbuild's errors
 */
export async function runEsbuild(options: BuildOptions & InMemory): Promise<BuildResult<InMemory>> {
  const { build } = await import('esbuild').catch((cause: unknown) => {
    throw new PluginBuildError('building a plugin takes esbuild; npm install --save-dev esbuild', { cause });
  });
  try {
    return await build(options);
  } catch (error) {
    throw new PluginBuildError(isFailure(error) ? error.errors.map(line) : why(error), { cause: error });
  }
}

function isFailure(error: unknown): error is BuildFailure {
  return (
    error instanceof Error && 'errors' in error && Array.isArray(error.errors) && error.errors.length > 0
  );
}

function line({ text, location }: BuildFailure['errors'][number]): string {
  const said = /^Could not resolve "[^./]/.test(text) ? `${text}; is it installed in this folder?` : text;
  return location === null ? said : `${location.file}:${location.line}: ${said}`;
}
