import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Runs a module of its own in a Node process of its own.
 * @param source - may import by paths from the project's folder, as `ROOT/src/...`
 */
export async function runModule(
  source: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const root = join(import.meta.dirname, '../../..');
  const text = source.replaceAll('ROOT/', `${root}/`);
  const args = ['--input-type=module-typescript', '--eval', text];
  try {
    const options = { cwd: root, env: { ...process.env, ...environment } };
    return { code: 0, ...(await promisify(execFile)(process.execPath, args, options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}
