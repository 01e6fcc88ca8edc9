import { join } from 'node:path';
import type { SecretContent } from './hook-tools.ts';

/**
 * Puts a secret's content into files that only this user can read, for as long as `use` runs. Arguments would be
 * shown to everybody who lists processes, and quoted in errors; files also keep every byte.
 * @param use - is given `key#file=path` arguments, which the agent reads
 * @see canonical/operator: ops/hookcmds/_secret.py, which passes content in the same way
 */
export async function withSecretFiles<T>(
  content: SecretContent,
  use: (args: readonly string[]) => Promise<T>,
): Promise<T> {
  const entries = Object.entries(content);
  if (entries.length === 0) return use([]);
  // Loaded by the few hooks that write secrets.
  const [{ mkdtemp, rm, writeFile }, { tmpdir }] = await Promise.all([
    import('node:fs/promises'),
    import('node:os'),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'juju-secret-'));
  try {
    // Numbered, because a key that Juju will refuse may not be fit for a file's name.
    const args = await Promise.all(
      entries.map(async ([key, value], index) => {
        const path = join(folder, String(index));
        await writeFile(path, value, { mode: 0o600 });
        return `${key}#file=${path}`;
      }),
    );
    return await use(args);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
