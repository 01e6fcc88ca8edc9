import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Charm, packedFiles } from './charm.ts';
import { replySlots, requestFifo } from './tool-client.ts';

/** A unit's places on disk, laid out like Juju's agent directory. All absolute. */
export interface UnitDirectory {
  /** Holds the others. */
  readonly base: string;
  /** A link to the executables named after hook tools: first on a hook's PATH. */
  readonly tools: string;
  readonly charm: string;
  /** Where tools and agent meet. */
  readonly run: string;
  readonly socket: string;
}

/** Not part of a charm, and `.unit-state.db` is a unit's own: one left in the folder must not be shared. */
const skipped = new Set(['.git', '.unit-state.db']);

/** @param root - the model's directory */
export function unitDirectory(root: string, unit: string): UnitDirectory {
  const base = join(root, `unit-${unit.replace('/', '-')}`);
  return {
    base,
    tools: join(base, 'tools'),
    charm: join(base, 'charm'),
    run: join(base, 'run'),
    socket: join(base, 'agent.socket'),
  };
}

/**
 * Where a unit's agent listens: on a file, as since the security fixes of 2024, on a name in Linux's abstract space,
 * as before, or nowhere, so that only hook tools reach it.
 */
export const agentSocketForms = ['file', 'abstract', 'none'] as const;
export type AgentSocketForm = (typeof agentSocketForms)[number];

/** @returns `JUJU_AGENT_SOCKET_ADDRESS` */
export function socketAddress({ socket }: UnitDirectory, form: AgentSocketForm): string {
  return form === 'abstract' ? `@${socket}` : socket;
}

/** Makes everything but the charm directory. */
export async function createUnitDirectory(
  { tools, run }: UnitDirectory,
  toolDirectory: string,
): Promise<void> {
  // Others are kept out: arguments and output of tools pass through files here, and may be secret.
  await mkdir(run, { recursive: true, mode: 0o700 });
  await symlink(toolDirectory, tools);
  await makeFifos([requestFifo, ...replySlots.map((slot) => `reply.${slot}`)].map((name) => join(run, name)));
}

/**
 * Removes all that was a unit's. The place is free when this returns, before it has resolved: an application may be
 * deployed again under its old name at once.
 */
export async function removeUnitDirectory({ base }: UnitDirectory): Promise<void> {
  const aside = `${base}.${randomUUID()}`;
  try {
    renameSync(base, aside);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

/** Node has no mkfifo of its own. */
export async function makeFifos(paths: readonly string[]): Promise<void> {
  await promisify(execFile)('mkfifo', ['-m', '600', '--', ...paths]);
}

/**
 * Fills the unit's charm directory with a link for each entry of the charm's folder, so that nothing is copied
 * and yet files that the charm writes beside them are the unit's own. Files that packing would have made are
 * written. What is left of a charm before it goes away.
 */
export async function linkCharm({ charm }: UnitDirectory, { folder, packed }: Charm): Promise<void> {
  await mkdir(charm, { recursive: true });
  for (const entry of await readdir(charm, { withFileTypes: true })) {
    if (entry.isSymbolicLink() || packedFiles.includes(entry.name)) await rm(join(charm, entry.name));
  }
  for (const [name, text] of packed) await writeFile(join(charm, name), text);
  for (const name of await readdir(folder)) {
    if (skipped.has(name)) continue;
    const taken = await lstat(join(charm, name)).catch(() => null);
    if (!taken) await symlink(join(folder, name), join(charm, name));
  }
}
