import { toolError } from '../errors-from-tool.ts';
import type { HookTools, SecretContent, SecretInfo, SecretMetadata, SecretReference } from '../hook-tools.ts';
import { secretIdOf } from '../secret-uri.ts';
import { parseUnitName } from '../unit-name.ts';
import type { Effects } from './effects.ts';
import type { Leadership } from './leadership.ts';
import { SecretChanges } from './secret-changes.ts';
import { checkContent } from './secret-content.ts';
import type { SecretChange, SecretState, UnitState } from './state.ts';

type GrantTarget = Parameters<HookTools['secretGrant']>[1];
type RevokeTarget = Parameters<HookTools['secretRevoke']>[1];

/**
 * The secrets that one unit sees during one hook.
 * @see juju/juju: worker/uniter/runner/context/secrets.go, apiserver/facades/agent/secretsmanager/secrets.go
 */
export class SecretLedger {
  readonly #unit: string;
  readonly #app: string;
  readonly #leader: boolean;
  readonly #leadership: Leadership;
  readonly #effects: Effects;
  readonly #secrets: ReadonlyMap<string, SecretState>;
  readonly #changes = new SecretChanges();
  /** What this hook has made of labels and tracked revisions; takes effect at once. */
  readonly #labels = new Map<string, string>();
  readonly #tracked = new Map<string, number>();

  constructor(state: UnitState, leadership: Leadership, effects: Effects) {
    this.#unit = state.unit;
    this.#app = parseUnitName(state.unit).app;
    this.#leader = state.leader;
    this.#leadership = leadership;
    this.#effects = effects;
    this.#secrets = new Map(state.secrets.map((secret) => [secret.id, secret]));
  }

  add(content: SecretContent, options: SecretMetadata & { owner?: 'application' | 'unit' }): string {
    const { owner = 'application', ...metadata } = options;
    if (Object.keys(content).length === 0) {
      throw toolError('secret-add', 2, 'missing secret value or filename');
    }
    checkContent('secret-add', content);
    if (owner === 'application') this.#requireLeader('secret-add');
    const { label } = metadata;
    const sameLabel = (change: { owner: string; metadata: SecretMetadata }) =>
      change.owner === owner && change.metadata.label === label;
    if (label && this.#changes.allAdded.some(sameLabel)) {
      throw toolError('secret-add', 1, `secret with label "${label}" already exists`);
    }
    const id = this.#newId();
    this.#changes.add({ kind: 'add', id, owner, content: { ...content }, metadata: defined(metadata) });
    return `secret:${id}`;
  }

  set(uri: string, { content, ...metadata }: SecretMetadata & { content?: SecretContent }): void {
    const id = parsed('secret-set', uri);
    const wanted = content && Object.keys(content).length > 0 ? { ...content } : undefined;
    if (wanted) checkContent('secret-set', wanted);
    this.#requireLeaderFor('secret-set', id);
    this.#changes.set(id, defined(metadata), wanted, this.#secrets.get(id)?.revisions.at(-1)?.content);
  }

  get(reference: SecretReference, { refresh = false, peek = false }): SecretContent {
    if (refresh && peek) {
      throw toolError('secret-get', 2, 'specify one of --peek or --refresh but not both');
    }
    const id = this.#resolve('secret-get', reference);
    const added = this.#changes.added(id);
    if (added) {
      if (reference.label) this.#changes.set(id, { label: reference.label });
      return { ...added.content };
    }
    const secret = this.#secrets.get(id);
    if (!secret) throw toolError('secret-get', 1, `secret "secret:${id}" not found`);
    if (!secret.granted && this.#ownership(id) === undefined)
      throw toolError('secret-get', 1, 'permission denied');
    const pending = this.#changes.updated(id)?.content;
    if (pending && (refresh || peek)) {
      this.#track(secret, reference, undefined);
      return { ...pending };
    }
    const latest = secret.revisions.at(-1)?.revision;
    const tracked = this.#tracked.get(id) ?? secret.trackedRevision;
    const wanted = refresh || peek ? latest : (tracked ?? latest);
    const found = secret.revisions.find(({ revision }) => revision === wanted);
    if (!found) throw toolError('secret-get', 1, `secret "secret:${id}" not found`);
    // The first read of all makes a consumer of the unit, a peek too.
    const moves = (refresh && tracked !== latest) || tracked === undefined;
    this.#track(secret, reference, moves ? latest : undefined);
    return { ...found.content };
  }

  info(reference: SecretReference): SecretInfo {
    const id = this.#resolve('secret-info-get', reference);
    const info = this.#owned().get(id);
    if (!info) throw toolError('secret-info-get', 1, `secret "${id}" not found`);
    return info;
  }

  ids(): string[] {
    return [...this.#owned().keys()].sort();
  }

  grant(uri: string, target: GrantTarget): void {
    const id = parsed('secret-grant', uri);
    if (!this.#owned().has(id)) throw toolError('secret-grant', 1, `secret "${id}" not found`);
    this.#requireLeaderFor('secret-grant', id);
    const unit = target.unit === undefined ? {} : { unit: target.unit };
    this.#changes.grant({ kind: 'grant', id, relationId: target.relationId, ...unit });
  }

  revoke(uri: string, from: RevokeTarget): void {
    const id = parsed('secret-revoke', uri);
    this.#requireLeaderFor('secret-revoke', id);
    this.#changes.revoke({ kind: 'revoke', id, from });
  }

  remove(uri: string, revision?: number): void {
    const id = parsed('secret-remove', uri);
    this.#requireLeaderFor('secret-remove', id);
    this.#changes.remove({ kind: 'remove', id, ...(revision === undefined ? {} : { revision }) });
  }

  /**
   * @throws {HookToolError} what Juju finds only as it commits: changes to secrets that are not this unit's, which
   * the tools let through; a label that an owned secret bears already; leadership lost since
   */
  changes(): readonly SecretChange[] {
    const changes = this.#changes.all();
    for (const change of changes) {
      const tool = `secret-${change.kind}`;
      if (change.kind === 'add') this.#requireFreeLabel(change.owner, change.metadata.label);
      else if (!this.#isVisible(change.id)) throw toolError(tool, 1, `secret "${change.id}" not found`);
      this.#requireLeaderFor(tool, change.id);
    }
    return changes;
  }

  #resolve(tool: string, { uri, label }: SecretReference): string {
    if (uri !== undefined) return parsed(tool, uri);
    if (!label) throw toolError(tool, 2, 'require either a secret URI or label');
    const id =
      this.#changes.allAdded.find(({ metadata }) => metadata.label === label)?.id ??
      [...this.#secrets.values()].find((secret) => this.#labelOf(secret) === label)?.id;
    if (id !== undefined) return id;
    if (tool === 'secret-get') throw toolError(tool, 1, `consumer label "${label}" not found`);
    throw toolError(tool, 1, `secret "${label}" not found`);
  }

  #labelOf(secret: SecretState): string | undefined {
    return this.#changes.updated(secret.id)?.metadata.label ?? this.#labels.get(secret.id) ?? secret.label;
  }

  #track(secret: SecretState, { uri, label }: SecretReference, revision: number | undefined): void {
    const relabels = uri !== undefined && label !== undefined && label !== this.#labelOf(secret);
    if (revision === undefined && !relabels) return;
    if (revision !== undefined) this.#tracked.set(secret.id, revision);
    if (relabels) this.#labels.set(secret.id, label);
    this.#effects.secretTracking?.({
      id: secret.id,
      ...(revision === undefined ? {} : { trackedRevision: revision }),
      ...(relabels ? { label } : {}),
    });
  }

  /** What `secret-ids` and `secret-info-get` show: read when the hook starts, with its own changes laid over. */
  #owned(): Map<string, SecretInfo> {
    const old = [...this.#secrets.values()].filter(
      (secret) => this.#isVisible(secret.id) && !this.#changes.removed(secret.id),
    );
    const infos = [
      ...old.map((secret) => {
        const metadata = { ...secret.metadata, ...this.#changes.updated(secret.id)?.metadata };
        const revision = secret.revisions.at(-1)?.revision ?? 1;
        return toInfo(secret.id, revision, secret.owner.kind, this.#labelOf(secret), metadata);
      }),
      ...this.#changes.allAdded.map(({ id, owner, metadata }) =>
        toInfo(id, 1, owner, metadata.label, metadata),
      ),
    ];
    return new Map(infos.map((info) => [info.id, info]));
  }

  #ownership(id: string): 'application' | 'unit' | undefined {
    const added = this.#changes.added(id);
    if (added) return added.owner;
    const owner = this.#secrets.get(id)?.owner;
    if (owner?.kind === 'unit' && owner.name === this.#unit) return 'unit';
    return owner?.kind === 'application' && owner.name === this.#app ? 'application' : undefined;
  }

  /** Whether this hook may manage the secret. Of its application's secrets, a follower sees the content only. */
  #isVisible(id: string): boolean {
    const ownership = this.#ownership(id);
    return ownership === 'unit' || (ownership === 'application' && (this.#leader || !this.#secrets.has(id)));
  }

  #requireLeaderFor(tool: string, id: string): void {
    if (this.#ownership(id) === 'application' && this.#isVisible(id)) this.#requireLeader(tool);
  }

  #requireLeader(tool: string): void {
    if (!this.#leadership.check()) throw toolError(tool, 1, 'this unit is not the leader');
  }

  #requireFreeLabel(owner: string, label: string | undefined): void {
    const taken = [...this.#secrets.values()].some(
      (secret) => this.#ownership(secret.id) === owner && label && secret.label === label,
    );
    if (taken) throw toolError('secret-add', 1, `secret with label "${label}" already exists`);
  }

  #newId(): string {
    if (this.#effects.newSecretId) return this.#effects.newSecretId();
    for (let number = 1; ; number += 1) {
      const id = `new${String(number).padStart(17, '0')}`;
      if (!this.#secrets.has(id) && !this.#changes.added(id)) return id;
    }
  }
}

function parsed(tool: string, uri: string): string {
  const id = secretIdOf(uri);
  if (id === undefined) throw toolError(tool, 2, `secret URI "${uri}" not valid`);
  return id;
}

function toInfo(
  id: string,
  revision: number,
  owner: SecretInfo['owner'],
  label: string | undefined,
  { description, rotate, expire }: SecretMetadata,
): SecretInfo {
  return {
    id,
    revision,
    label: label ?? '',
    owner,
    ...(description ? { description } : {}),
    ...(rotate && rotate !== 'never' ? { rotation: rotate } : {}),
    ...(expire ? { expiry: expire } : {}),
  };
}

/** @returns a copy without the keys that are undefined */
function defined(metadata: SecretMetadata): SecretMetadata {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
}
