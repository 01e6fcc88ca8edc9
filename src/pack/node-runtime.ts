import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import { type Architecture, architectures } from './architecture.ts';
import { npmPackage } from './npm-package.ts';
import { assertPortable } from './portable.ts';
import { strip } from './strip.ts';

/** What runs the charm, for one architecture. */
export interface NodeRuntime {
  /** The executable, without symbols. */
  readonly node: Buffer;
  /** Goes next to it: see libatomic/libatomic.c. */
  readonly libatomic: Buffer;
  readonly license: string;
}

/** @throws {UsageError} npm can't get it */
export async function nodeRuntime(architecture: Architecture): Promise<NodeRuntime> {
  const { nodePackage } = architectures[architecture];
  const folder = await npmPackage(nodePackage);
  const [executable, license, libatomic] = await Promise.all([
    readFile(join(folder, 'bin/node')),
    readFile(join(folder, 'LICENSE'), 'utf8'),
    readFile(join(projectFolder, `src/pack/libatomic/libatomic-${architecture}.so`)),
  ]);
  try {
    assertPortable(executable, architecture);
    return { node: strip(executable), libatomic, license };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the Node of ${nodePackage} can't be packed: ${why}`, { cause: error });
  }
}
