import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hookToolNames } from './run-hook-tool.ts';
import { toolClient } from './tool-client.ts';

/**
 * Puts one script under the names of all tools into a directory of the model's; each unit has a link to it.
 * @returns the directory
 */
export async function writeTools(directory: string): Promise<string> {
  const tools = join(directory, 'tools');
  await mkdir(tools, { recursive: true, mode: 0o700 });
  const client = join(directory, 'hook-tool');
  await writeFile(client, toolClient);
  await chmod(client, 0o755);
  for (const name of hookToolNames) {
    await symlink(client, join(tools, name)).catch((error: unknown) => {
      // A directory of the caller's may have been a model's before.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  }
  return tools;
}
