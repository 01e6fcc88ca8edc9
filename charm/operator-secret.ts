import { type HookTools, isHookToolError, type SecretContent } from '#lib/juju';

/** What a secret of the operator's holds, or what is to be mended first, as a line for `juju status`. */
export type OperatorSecret<T> = { readonly value: T } | { readonly problem: string };

/**
 * Reads the secret that an option names, in its latest revision: what changes in it is used in the next hook.
 * @param read - of its content, or what is wrong with it, with no value of it in the text
 * @throws what is no expected condition
 */
export async function readOperatorSecret<T>(
  tools: HookTools,
  app: string,
  { option, uri }: { readonly option: string; readonly uri: string },
  read: (content: SecretContent) => OperatorSecret<T> | Promise<OperatorSecret<T>>,
): Promise<OperatorSecret<T>> {
  try {
    return await read(await tools.secretGet({ uri }, { refresh: true }));
  } catch (error) {
    if (isHookToolError(error, 'PERMISSION_DENIED')) {
      return { problem: `${option}: let ${app} read it: juju grant-secret <name> ${app}` };
    }
    if (isHookToolError(error, 'SECRET_NOT_FOUND')) {
      return { problem: `${option}: no such secret; see juju secrets` };
    }
    throw error;
  }
}
