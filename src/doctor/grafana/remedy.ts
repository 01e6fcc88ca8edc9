import type { GrafanaApiError } from '#src/grafana';
import { inOptions } from '#src/local';

/** What to do about an error, for whoever gave Grafana's address by options of a command. */
export function remedyOf({ code, method, remedy }: GrafanaApiError): string {
  switch (code) {
    case 'UNAUTHORIZED':
      return 'put a valid token into the file of --token-file';
    case 'FORBIDDEN':
      return method === 'GET'
        ? 'give the service account of the token the role Viewer, or for --fix Admin'
        : 'give the service account of the token the role Admin';
    case 'NOT_FOUND':
    case 'CONFLICT_UID':
    case 'CONFLICT_VERSION':
      return 'run it again: somebody else changes the datasources of this Grafana';
  }
  return inOptions(remedy.replace(/^set grafana-ca to /, 'give --ca '));
}
