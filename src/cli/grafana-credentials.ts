import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UsageError } from '#src/local';

/** Files that somebody named by options. */
export interface CredentialFiles {
  readonly tokenFile: string;
  readonly caFile: string | undefined;
}

/**
 * What it takes to be let into a Grafana.
 * @returns `ca`: certificates in PEM
 * @throws {UsageError} a file can't be read, or there is nothing of use in it
 */
export async function credentials({
  tokenFile,
  caFile,
}: CredentialFiles): Promise<{ token: string; ca?: string }> {
  const token = (await fileOf('--token-file', tokenFile)).trim();
  if (token === '')
    throw new UsageError(`--token-file ${tokenFile}: is empty; put a service account token in it`);
  if (caFile === undefined) return { token };
  const ca = await fileOf('--ca', caFile);
  try {
    new X509Certificate(ca);
  } catch (error) {
    throw new UsageError(`--ca ${caFile}: holds no certificate in PEM`, { cause: error });
  }
  return { token, ca };
}

async function fileOf(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${option} ${file}: can't be read: ${why}`, { cause: error });
  }
}
