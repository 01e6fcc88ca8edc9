import { type HookEvent, type HookTools, isHookToolError, type SecretContent, secretIdOf } from '#lib/juju';
import type { GrafanaRelation, SecretIntent, SecretView, Self } from '#src/exchange';
import {
  offeredSecret,
  offerSecretDatabag,
  type SecureJsonData,
  secureJsonDataSecret,
} from '#src/relations/grafana-datasource';
import type { World } from './world.ts';

/** Whoever leads finds the application's secret by it. */
const label = 'secure-json-data';

/** The secret that this application owns and shares with its Grafanas. */
export interface OwnSecret {
  readonly uri: string;
  /** The latest. */
  readonly revision: number;
  readonly content: SecretContent;
}

/** @returns null when there is none, or this unit does not lead any more */
export async function readOwnSecret(tools: HookTools, self: Self): Promise<OwnSecret | null> {
  try {
    const { id, revision } = await tools.secretInfoGet({ label });
    const uri = uriOf(self.modelUuid, id);
    // Not a peek: an owner who reads counts as a reader, and one that stays behind keeps old revisions alive.
    return { uri, revision, content: await tools.secretGet({ uri }, { refresh: true }) };
  } catch (error) {
    if (isHookToolError(error, 'SECRET_NOT_FOUND')) return null;
    throw error;
  }
}

/**
 * What there is to decide about it.
 * @param wanted - what the operator wants shared; null for nothing
 */
export async function secretView(
  { tools, context }: World,
  self: Self,
  own: OwnSecret | null,
  wanted: SecureJsonData | null,
  grafanas: readonly GrafanaRelation[],
): Promise<SecretView> {
  const untold = wanted === null ? [] : grafanas.filter((relation) => !isTold(relation, own));
  const shareable = await Promise.all(untold.map((relation) => canGrant(tools, self, relation)));
  return {
    wanted: wanted !== null,
    uri: own?.uri ?? null,
    current: wanted !== null && own !== null && isSame(own.content, secureJsonDataSecret(wanted)),
    unshareable: untold.filter((_, n) => shareable[n] === false).map(({ relationId }) => relationId),
    obsolete: own === null ? null : obsoleteRevision(context.event, own),
  };
}

/**
 * Carries out what was decided. What Juju no longer lets this unit do, the next leader does.
 * @returns what was written into application databags
 */
export async function carryOutSecret(
  { step, uri: known, share, obsolete }: SecretIntent,
  data: SecureJsonData | null,
  { tools, context }: World,
): Promise<{ readonly relationId: number; readonly keys: readonly string[] }[]> {
  const told: { relationId: number; keys: string[] }[] = [];
  try {
    if (step === 'remove') {
      if (known !== null) await tools.secretRemove(known);
      return told;
    }
    let uri = known;
    if (data !== null && uri === null) {
      const added = await tools.secretAdd(secureJsonDataSecret(data), { label, owner: 'application' });
      uri = uriOf(context.modelUuid, secretIdOf(added) ?? added);
    } else if (data !== null && uri !== null && step === 'update') {
      await tools.secretSet(uri, { content: secureJsonDataSecret(data) });
    }
    if (uri === null) return told;
    for (const relationId of share) {
      await tools.secretGrant(uri, { relationId });
      const databag = offerSecretDatabag(uri);
      await tools.relationSet({ relationId, app: true, data: databag });
      told.push({ relationId, keys: Object.keys(databag) });
    }
    if (obsolete !== null) await tools.secretRemove(uri, { revision: obsolete });
  } catch (error) {
    const codes = ['NOT_LEADER', 'RELATION_GONE', 'PERMISSION_DENIED', 'SECRET_NOT_FOUND'] as const;
    if (!isHookToolError(error, ...codes)) throw error;
    await tools.jujuLog('INFO', `secure-json-data not shared: ${error.message}`);
  }
  return told;
}

/**
 * Whether Juju lets this application share a secret over the relation. Across models it does on the side that was
 * offered only, and what it does not allow it says so late that the whole hook would fail.
 * @see juju/juju: state/secrets.go, "sharing consumer secrets across a cross model relation"
 */
async function canGrant(
  tools: HookTools,
  { modelUuid }: Self,
  { relationId, remoteApp }: GrafanaRelation,
): Promise<boolean> {
  // What Juju calls an application that consumes an offer: no operator can choose such a name.
  if (/^remote-[0-9a-f]{32}$/.test(remoteApp)) return true;
  try {
    return (await tools.relationModelGet(relationId)).uuid === modelUuid;
  } catch (error) {
    if (isHookToolError(error, 'RELATION_GONE', 'PERMISSION_DENIED')) return false;
    if (!isHookToolError(error, 'NOT_AVAILABLE')) throw error;
    // Before Juju 3.6.2. There an offer that is consumed goes by its URL, and not by the name that it has here.
    const { relations } = await tools.goalState();
    return Object.hasOwn(relations['grafana-source'] ?? {}, remoteApp);
  }
}

function isTold({ localAppData }: GrafanaRelation, own: OwnSecret | null): boolean {
  const offered = localAppData && offeredSecret(localAppData);
  return own !== null && typeof offered === 'string' && secretIdOf(offered) === secretIdOf(own.uri);
}

function obsoleteRevision(event: HookEvent, { uri, revision }: OwnSecret): number | null {
  if (event.kind !== 'secret-remove' || secretIdOf(event.secretId) !== secretIdOf(uri)) return null;
  return event.revision < revision ? event.revision : null;
}

/** With the model in it, it is the same secret to a reader in another model. */
function uriOf(modelUuid: string, id: string): string {
  return `secret://${modelUuid}/${id}`;
}

function isSame(a: SecretContent, b: SecretContent): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
  );
}
