import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '#src/local';
import type { Architecture } from './architecture.ts';
import { bases } from './bases.ts';
import { bundle } from './bundle.ts';
import { charmEntries } from './charm-entries.ts';
import { writeZip } from './zip.ts';

export interface PackedCharm {
  readonly architecture: Architecture;
  /** In the output folder, and absolute when that is. */
  readonly file: string;
  readonly sizeBytes: number;
}

/** Our own limit: Juju has none that comes near, but every controller and every unit keeps a copy. */
export const limitBytes = 60_000_000;

/** `crosslink_ubuntu-24.04-amd64.charm`: the newest base stands for all that the manifest lists. */
export function charmFileName(architecture: Architecture): string {
  return `crosslink_ubuntu-${bases[0].channel}-${architecture}.charm`;
}

/**
 * Makes a charm for each architecture, on a machine of any. The same sources give the same bytes.
 * @param outputFolder - made when it is not there
 * @throws {UsageError} npm can't get a Node, or the output folder can't be written to
 */
export async function pack(wanted: readonly Architecture[], outputFolder: string): Promise<PackedCharm[]> {
  // Before the long part, so that a wrong folder is told at once.
  await writing(() => mkdir(outputFolder, { recursive: true }));
  const bundled = await bundle();
  return Promise.all(
    wanted.map(async (architecture) => {
      const archive = await writeZip(await charmEntries(architecture, bundled));
      const sizeBytes = archive.length;
      if (sizeBytes > limitBytes) {
        throw new Error(
          `the charm for ${architecture} has ${sizeBytes} bytes; at most ${limitBytes} are allowed`,
        );
      }
      const file = join(outputFolder, charmFileName(architecture));
      await writing(() => writeWhole(file, archive));
      return { architecture, file, sizeBytes };
    }),
  );
}

/** Whole or not at all: an interrupted run leaves no half charm under its name. */
async function writeWhole(file: string, archive: Uint8Array): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  try {
    await writeFile(unfinished, archive);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function writing(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const remedy = 'give another folder with --output';
    throw new UsageError(`the charm can't be written: ${why}; ${remedy}`, { cause: error });
  }
}
