import { type HookTools, isHookToolError, secretIdOf } from '#lib/juju';
import type { Finding, SourceRelation } from '#src/exchange';
import { readSecureJsonDataSecret, type SecureJsonData } from '#src/relations/grafana-datasource';

/** What sources share with this gateway in secrets, by their URIs. */
export type SourceSecrets = ReadonlyMap<string, SecureJsonData>;

/** A source as its databags have it: of its secret it names the URI. */
export type PlainSource = Omit<SourceRelation, 'sealed' | 'secureFingerprint'>;

/**
 * Reads the secrets that sources share. A source whose secret can't be read counts as one that can't be read: what
 * it had in Grafana stays, since without its secret it would not work.
 * @param own - URIs that this application knows from elsewhere. It can read them, and a source that names one of
 *   them would have it sent to a server of its choice.
 * @param fingerprint - of all the secrets of a source
 */
export async function withSecrets(
  tools: HookTools,
  sources: readonly PlainSource[],
  own: readonly string[],
  fingerprint: (secrets: SecureJsonData) => string | null,
): Promise<{ sources: SourceRelation[]; secrets: SourceSecrets }> {
  const secrets = new Map<string, SecureJsonData>();
  const named = [...own, ...sources.flatMap((source) => uriOf(source) ?? [])].map(secretIdOf);
  const read = async (source: PlainSource): Promise<SourceRelation> => {
    const { reading } = source;
    if (reading.state !== 'valid') return { ...source, sealed: null, secureFingerprint: null };
    const { secretUri, secureExtraFields } = reading.source;
    if (secretUri === undefined) {
      const secureFingerprint = secureExtraFields === null ? null : fingerprint(secureExtraFields);
      return { ...source, sealed: null, secureFingerprint };
    }
    const isShared = named.filter((id) => id === secretIdOf(secretUri)).length > 1;
    const content = isShared
      ? { message: 'is named by another application too' }
      : await get(tools, secretUri);
    if ('message' in content) return unreadable(source, content.message);
    secrets.set(secretUri, content.data);
    return {
      ...source,
      sealed: { ref: secretUri, keys: Object.keys(content.data) },
      secureFingerprint: fingerprint({ ...secureExtraFields, ...content.data }),
    };
  };
  return { sources: await Promise.all(sources.map(read)), secrets };
}

function uriOf({ reading }: PlainSource): string | undefined {
  return reading.state === 'valid' ? reading.source.secretUri : undefined;
}

function unreadable(source: PlainSource, message: string): SourceRelation {
  const { relationId, remoteApp, findings } = source;
  const finding: Finding = {
    relationId,
    remoteApp,
    endpoint: 'datasources',
    key: 'grafana_source_secret',
    path: '',
    message,
  };
  const reading = { state: 'invalid' } as const;
  return { ...source, reading, findings: [...findings, finding], sealed: null, secureFingerprint: null };
}

/** Whatever keeps the secret from being read is the matter of one source only. */
async function get(
  tools: HookTools,
  uri: string,
): Promise<{ readonly data: SecureJsonData } | { readonly message: string }> {
  try {
    const reading = readSecureJsonDataSecret(await tools.secretGet({ uri }, { refresh: true }));
    if ('data' in reading) return reading;
    const { path, message } = reading.problem;
    return { message: `${path === '' ? '' : `${path}: `}${message}` };
  } catch (error) {
    if (!isHookToolError(error)) throw error;
    if (error.code === 'PERMISSION_DENIED') return { message: 'the secret is not granted' };
    if (error.code === 'SECRET_NOT_FOUND') return { message: 'there is no such secret' };
    // A backend, or the controller of another model, that does not answer.
    await tools.jujuLog('WARNING', `secret of a source not read: ${error.message}`);
    return { message: 'Juju could not read the secret: see juju debug-log' };
  }
}
