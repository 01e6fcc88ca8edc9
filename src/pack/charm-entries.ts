import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '#src/local';
import type { Architecture } from './architecture.ts';
import type { Bundle } from './bundle.ts';
import { thirdPartyLicenses } from './licenses.ts';
import { manifest } from './manifest.ts';
import { nodeRuntime } from './node-runtime.ts';
import type { ZipEntry } from './zip.ts';

/** What Juju reads from the project's folder, and the licence of its code. */
const asTheyAre = ['LICENSE', 'actions.yaml', 'config.yaml', 'metadata.yaml'];

/**
 * All that is in the charm for one architecture. Juju unpacks modes as they are in the zip, and runs `dispatch` only if
 * it is executable.
 * @throws {UsageError} npm can't get the Node
 */
export async function charmEntries(
  architecture: Architecture,
  { files, packages }: Bundle,
): Promise<ZipEntry[]> {
  const { node, libatomic, license } = await nodeRuntime(architecture);
  const copied = asTheyAre.map(async (name) => plain(name, await readFile(join(projectFolder, name))));
  return [
    ...(await Promise.all(copied)),
    plain('manifest.yaml', Buffer.from(manifest(architecture))),
    plain('LICENSE.third-party', Buffer.from(await thirdPartyLicenses(packages, license))),
    executable('dispatch', await readFile(join(import.meta.dirname, 'dispatch'))),
    ...[...files].map(([name, content]) => plain(`charm/${name}`, content)),
    executable('node/node', node),
    plain('node/libatomic.so.1', libatomic),
  ];
}

function plain(name: string, content: Uint8Array): ZipEntry {
  return { name, content, executable: false };
}

function executable(name: string, content: Uint8Array): ZipEntry {
  return { name, content, executable: true };
}
