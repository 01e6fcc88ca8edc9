import { type HookTools, isHookToolError, secretIdOf } from '#lib/juju';
import type { Finding, SourceRelation } from '#src/exchange';
import { readAnswer, readSecureJsonDataSecret, type SecureJsonData } from '#src/relations/grafana-datasource';

/** What sources share with this gateway in secrets, by their URIs. */
export type SourceSecrets = ReadonlyMap<string, SecureJsonData>;

/** A source as its databags have it: of its secret it names the URI. */
export interface PlainSource extends Omit<SourceRelation, 'sealed' | 'secureFingerprint'> {
  /** That URI, also where the rest of what it says can't be read; undefined when it names none. */
  readonly secretUri: string | undefined;
}

/**
 * Reads the secrets that sources share. A source whose secret can't be read counts as one that can't be read: what
 * it had in Grafana stays, since without its secret it would not work.
 *
 * This application can read more secrets than those that a source shares with it, and a source that names one of these
 * would have it sent to a server of its choice. So it gets none that this application owns or was given by its
 * operator, and none of another source: that which was answered with a secret has it, and of several that name it at
 * once nobody.
 * @param ofOperator - URIs that this application's config names
 * @param fingerprintOf - of all the secrets of a source
 */
export async function withSecrets(
  tools: HookTools,
  sources: readonly PlainSource[],
  ofOperator: readonly string[],
  fingerprintOf: (remoteApp: string, secrets: SecureJsonData) => string | null,
): Promise<{ sources: SourceRelation[]; secrets: SourceSecrets }> {
  const secrets = new Map<string, SecureJsonData>();
  const isNamed = sources.some(({ secretUri }) => secretUri !== undefined);
  const ours = new Set([...ofOperator, ...(isNamed ? await tools.secretIds() : [])].map(secretIdOf));
  const read = async ({ secretUri: _, ...source }: PlainSource): Promise<SourceRelation> => {
    const { reading } = source;
    const fingerprint = (all: SecureJsonData) => fingerprintOf(source.remoteApp, all);
    if (reading.state !== 'valid') return { ...source, sealed: null, secureFingerprint: null };
    const { secretUri, secureExtraFields } = reading.source;
    if (secretUri === undefined) {
      const secureFingerprint = secureExtraFields === null ? null : fingerprint(secureExtraFields);
      return { ...source, sealed: null, secureFingerprint };
    }
    const mayRead = !ours.has(secretIdOf(secretUri)) && isHolder(source, secretUri, sources);
    const content = mayRead
      ? await get(tools, secretUri)
      : { message: 'is named by another application too' };
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

/** Whether the secret is this source's, as far as can be told from who else names it. */
function isHolder(
  { relationId }: Pick<PlainSource, 'relationId'>,
  uri: string,
  sources: readonly PlainSource[],
): boolean {
  const id = secretIdOf(uri);
  const isIt = (other: string | undefined) => other !== undefined && secretIdOf(other) === id;
  const answered = sources.filter(({ localAppData }) => isIt(readAnswer(localAppData).answer.secretUri));
  const holders = answered.length > 0 ? answered : sources.filter(({ secretUri }) => isIt(secretUri));
  return holders.length === 1 && holders[0]?.relationId === relationId;
}

function unreadable(source: Omit<PlainSource, 'secretUri'>, message: string): SourceRelation {
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
