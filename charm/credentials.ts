import * as z from 'zod';
import type { HookTools, SecretContent } from '#lib/juju';
import type { GrafanaAuth } from '#src/grafana';
import { type OperatorSecret, readOperatorSecret } from './operator-secret.ts';

// Secrets that were made from files end in a line break, which belongs to none of these.
const text = z
  .string()
  .transform((value) => value.replace(/[\r\n]+$/, ''))
  .pipe(z.string().min(1));
const Content = z.union([z.object({ token: text }), z.object({ username: text, password: text })]);

/** How to log in to Grafana: what the secret that config `grafana-token` names says. */
export function readCredentials(
  tools: HookTools,
  app: string,
  uri: string,
): Promise<OperatorSecret<GrafanaAuth>> {
  return readOperatorSecret(tools, app, { option: 'grafana-token', uri }, credentialsIn);
}

function credentialsIn(content: SecretContent): OperatorSecret<GrafanaAuth> {
  const { success, data } = Content.safeParse(content);
  if (!success) {
    return { problem: 'grafana-token: the secret needs the key token, or username and password' };
  }
  if ('token' in data) return { value: { kind: 'bearer', token: data.token } };
  return { value: { kind: 'basic', user: data.username, password: data.password } };
}
