import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { projectFolder, UsageError } from '#src/local';

const LockEntry = z.object({ version: z.string(), integrity: z.string() });
type LockEntry = z.infer<typeof LockEntry>;
const Lock = z.object({ packages: z.record(z.string(), z.unknown()) });

/**
 * Finds an npm package that package-lock.json names, even one for another architecture, which `npm ci` leaves out: that
 * one is installed into a folder of its own under .cache, once. npm itself checks it against the lock file's integrity.
 * @returns the package's folder
 * @throws {UsageError} it can't be had; with npm's own words
 */
export async function npmPackage(name: string): Promise<string> {
  const entry = await lockEntry(name);
  const installed = join(projectFolder, 'node_modules', name);
  if (await isInstalled(projectFolder, name, entry)) return installed;
  const cached = join(projectFolder, '.cache/pack', `${name}-${entry.version}`);
  if (!(await isInstalled(cached, name, entry))) await install(name, entry, cached);
  return join(cached, 'node_modules', name);
}

async function lockEntry(name: string): Promise<LockEntry> {
  const file = join(projectFolder, 'package-lock.json');
  const { packages } = Lock.parse(JSON.parse(await readFile(file, 'utf8')));
  const entry = LockEntry.safeParse(packages[`node_modules/${name}`]);
  if (!entry.success) throw new UsageError(`${file} does not name ${name}; run npm install`);
  return entry.data;
}

/** npm writes this file last and with what it checked, so that half an installation does not count. */
async function isInstalled(folder: string, name: string, entry: LockEntry): Promise<boolean> {
  try {
    const file = join(folder, 'node_modules/.package-lock.json');
    const { packages } = Lock.parse(JSON.parse(await readFile(file, 'utf8')));
    const found = LockEntry.safeParse(packages[`node_modules/${name}`]);
    if (!found.success || found.data.integrity !== entry.integrity) return false;
    return (await stat(join(folder, 'node_modules', name))).isDirectory();
  } catch {
    return false;
  }
}

/**
 * A project with this one dependency. Its lock entry says nothing of an operating system or processor, so that any npm
 * installs it anywhere.
 */
async function install(name: string, { version, integrity }: LockEntry, target: string): Promise<void> {
  const cache = join(projectFolder, '.cache/pack');
  await mkdir(cache, { recursive: true });
  await sweep(cache);
  // Two may do this at the same time; the first to finish puts its folder in place.
  const folder = await mkdtemp(join(cache, 'install-'));
  try {
    const root = { name: 'pack', version: '0.0.0', dependencies: { [name]: version } };
    const packages = { '': root, [`node_modules/${name}`]: { version, integrity } };
    const lock = { ...root, lockfileVersion: 3, requires: true, packages };
    await writeFile(join(folder, 'package.json'), JSON.stringify({ ...root, private: true }));
    await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock));
    await copyFile(join(projectFolder, '.npmrc'), join(folder, '.npmrc'));
    await npmCi(folder, `${name}@${version}`);
    await rm(target, { recursive: true, force: true });
    await rename(folder, target).catch((error: unknown) => {
      const taken = error instanceof Error && 'code' in error && /EEXIST|ENOTEMPTY/.test(String(error.code));
      if (!taken) throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes what runs that were interrupted have left: 200 MB each. One that is an hour old is not going on. */
async function sweep(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith('install-')) continue;
    const folder = join(cache, name);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > 3_600_000) await rm(folder, { recursive: true, force: true });
  }
}

function npmCi(folder: string, what: string): Promise<void> {
  const args = ['ci', '--prefix', folder, '--ignore-scripts', '--no-bin-links', '--loglevel=error'];
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', (cause) => {
      reject(new UsageError(`npm is needed to get ${what}, and does not start: ${cause.message}`, { cause }));
    });
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new UsageError(`npm could not get ${what}:\n${stderr.trimEnd()}`));
    });
  });
}
