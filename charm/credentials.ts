import * as z from 'zod';
import { type HookTools, isHookToolError } from '#lib/juju';
import type { GrafanaAuth } from '#src/grafana';

/** How to log in to Grafana, or what the operator has to mend first, as a line for `juju status`. */
export type Credentials = { readonly auth: GrafanaAuth } | { readonly problem: string };

// Secrets that were made from files end in a line break, which belongs to none of these.
const text = z
  .string()
  .transform((value) => value.replace(/[\r\n]+$/, ''))
  .pipe(z.string().min(1));
const Content = z.union([z.object({ token: text }), z.object({ username: text, password: text })]);

/**
 * Reads the secret that config `grafana-token` names, in its latest revision.
 * @throws what is no expected condition
 */
export async function readCredentials(tools: HookTools, app: string, uri: string): Promise<Credentials> {
  try {
    const content = Content.safeParse(await tools.secretGet({ uri }, { refresh: true }));
    if (!content.success) {
      return { problem: 'grafana-token: the secret needs the key token, or username and password' };
    }
    if ('token' in content.data) return { auth: { kind: 'bearer', token: content.data.token } };
    return { auth: { kind: 'basic', user: content.data.username, password: content.data.password } };
  } catch (error) {
    if (isHookToolError(error, 'PERMISSION_DENIED')) {
      return { problem: `grafana-token: let ${app} read it: juju grant-secret <name> ${app}` };
    }
    if (isHookToolError(error, 'SECRET_NOT_FOUND')) {
      return { problem: 'grafana-token: no such secret; see juju secrets' };
    }
    throw error;
  }
}
