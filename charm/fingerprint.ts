import type { GrafanaAuth } from '#src/grafana';

/**
 * Tells whether secrets changed, since Grafana never shows those that it holds. Keyed with the credentials, so
 * that nobody who reads it can guess short ones.
 */
export function fingerprint(
  auth: GrafanaAuth | null,
  secrets: Readonly<Record<string, string>>,
): string | null {
  if (auth === null || Object.keys(secrets).length === 0) return null;
  // Not imported: crypto takes 5 ms to load, and few sources have secrets.
  const { createHmac } = process.getBuiltinModule('node:crypto');
  const key = auth.kind === 'bearer' ? auth.token : auth.password;
  const sorted = Object.entries(secrets).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', key).update(JSON.stringify(sorted)).digest('hex').slice(0, 32);
}
