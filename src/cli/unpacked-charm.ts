import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { unpackCharm } from '#src/pack';

/** A packed charm, unpacked to be run on a machine with nothing on it. Goes away at the end of its scope. */
export interface UnpackedCharm extends AsyncDisposable {
  readonly folder: string;
  /** What an agent's PATH should be: what any POSIX shell script may call, and no Node, npm or Python. */
  readonly path: string;
}

/** @throws {UsageError} it can't be read, or is no charm */
export async function unpackedCharm(file: string): Promise<UnpackedCharm> {
  const folder = await mkdtemp(join(tmpdir(), 'crosslink-charm-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'bin');
    await unpackCharm(file, join(folder, 'charm'));
    await linkPosixTools(path);
    return { folder: join(folder, 'charm'), path, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Scenarios have charms that are shell scripts. */
const posixTools = (
  'awk basename cat chmod cp cut date dirname env expr false find grep head id ln ls mkdir mktemp mv printf ' +
  'pwd rm rmdir sed sh sleep sort tail tee test touch tr true uname uniq wc xargs'
).split(' ');

async function linkPosixTools(folder: string): Promise<void> {
  await mkdir(folder);
  const places = [
    ...(process.env.PATH ?? '').split(delimiter).filter((place) => place.startsWith('/')),
    '/usr/bin',
    '/bin',
  ];
  for (const name of posixTools) {
    const found = await firstExecutable(places.map((place) => join(place, name)));
    if (found !== undefined) await symlink(found, join(folder, name));
  }
}

async function firstExecutable(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return file;
  }
  return undefined;
}
