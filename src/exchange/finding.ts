/** Something in a peer's databag that could not be used. It never stops the rest from being used. */
export interface Finding {
  readonly relationId: number;
  readonly endpoint: string;
  readonly remoteApp: string;
  /** Key of the databag. */
  readonly key: string;
  /** Where inside the key's value, `[2].uid`; empty for the value as a whole. */
  readonly path: string;
  /** What is wrong, without the offending value: that might be a secret, or huge. */
  readonly message: string;
}

/** @returns one line: `datasources[2].uid from mimir (relation 7, receive-datasource): expected string` */
export function findingText(finding: Finding): string {
  const { key, path, remoteApp, relationId, endpoint, message } = finding;
  return `${key}${path} from ${remoteApp} (relation ${relationId}, ${endpoint}): ${message}`;
}
