import type { Databag } from '#lib/juju';
import type { Issue } from '../issue.ts';
import { pythonJson } from '../python-json.ts';
import { readKey } from '../read-key.ts';
import { type Receiver, RequestKeys } from './schema.ts';

/**
 * Reads which protocols an application asks for.
 * @param appData - the remote application's databag; anything at all
 * @returns `protocols: null` when it has not asked yet, or in a way that can't be read
 */
export function readTracingRequest(appData: Databag): {
  protocols: readonly string[] | null;
  issues: Issue[];
} {
  const issues: Issue[] = [];
  const protocols = readKey(appData, 'receivers', RequestKeys.receivers, issues) ?? null;
  return { protocols, issues };
}

/** What a tracing backend answers, in its application databag; `[]` when it takes nothing that was asked for. */
export function tracingAnswerDatabag(receivers: readonly Receiver[]): Databag {
  const plain = receivers.map(({ protocol: { name, type }, url }) => ({ protocol: { name, type }, url }));
  return { receivers: pythonJson(plain) };
}
