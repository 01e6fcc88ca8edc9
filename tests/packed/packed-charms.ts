import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Architecture, charmFileName, ownArchitecture } from '#src/pack';
import { crosslink } from '../cli/command.ts';

export const own: Architecture = ownArchitecture() ?? 'amd64';

export interface PackedCharms {
  /** With nothing in it but a charm for each architecture. */
  readonly folder: string;
  /** By `crosslink pack`. */
  readonly printed: string;
  file(architecture: Architecture): string;
}

let packing: Promise<PackedCharms> | undefined;

/** What `crosslink pack --arch all` makes: once for all tests, since it takes half a minute. */
export function packedCharms(): Promise<PackedCharms> {
  packing ??= pack();
  return packing;
}

async function pack(): Promise<PackedCharms> {
  const folder = await mkdtemp(join(tmpdir(), 'crosslink-packed-'));
  const { code, stdout, stderr } = await crosslink('pack', '--arch', 'all', '--output', folder);
  assert.equal(code, 0, stderr);
  return { folder, printed: stdout, file: (architecture) => join(folder, charmFileName(architecture)) };
}

// Of the whole run: mocha's root suite.
suiteTeardown(async () => {
  const packed = await packing?.catch(() => undefined);
  if (packed !== undefined) await rm(packed.folder, { recursive: true, force: true });
});
