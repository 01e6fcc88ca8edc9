import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/**
 * A root folder with /proc, dist/ of a plugin, and nothing else.
 * @param libraries - full path in the root to content
 */
export async function bareRoot(
  root: string,
  dist: string,
  libraries: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<void> {
  await mkdir(join(root, 'proc'), { recursive: true });
  await cp(dist, join(root, 'dist'), { recursive: true });
  for (const [path, content] of libraries) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content, { mode: 0o755 });
  }
}

/** Runs a program in a root of its own, without any environment, as Grafana from 12.4 on does. */
export function runIn(root: string, ...command: string[]) {
  const script = 'mount -t proc proc "$0/proc" && exec /usr/bin/env -i "$(command -v chroot)" "$0" "$@"';
  const args = ['-rmpf', '/bin/sh', '-c', script, root, ...command];
  const PATH = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin';
  return promisify(execFile)('unshare', args, { env: { PATH } });
}

/** Whether this machine lets us have such roots: containers often do not. */
export function canHaveRoots(): boolean {
  try {
    execFileSync('unshare', ['-rmpf', '/bin/sh', '-c', 'mount -t proc proc /proc'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
