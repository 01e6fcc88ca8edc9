import { applyPortChanges, type Changes, type SecretChange } from '#lib/juju/testing';
import { writeBag } from './databags.ts';
import { FlushError } from './errors.ts';
import { endsFor } from './relations.ts';
import { addRevision, latestRevision, owns } from './secrets.ts';
import type { Application, ModelState, Secret, SecretGrant, Unit } from './state.ts';

/** A databag that a hook really changed. */
export interface BagChange {
  readonly relationId: number;
  /** A unit, or an application. */
  readonly of: string;
  readonly keys: readonly string[];
}

/**
 * Makes what a successful hook buffered come true. Secrets go first and stay even when the rest is refused;
 * the rest is all or nothing: that is Juju's own order.
 * @throws {FlushError} when the controller refuses: the hook has failed then
 * @see juju/juju: apiserver/facades/agent/uniter/uniter.go (CommitHookChanges)
 */
export function commit(state: ModelState, app: Application, unit: Unit, changes: Changes): BagChange[] {
  for (const change of changes.secrets) commitSecret(state, app, unit, change);
  const bags = changes.relationSettings.map(({ relationId, bag, set }) => {
    const relation = state.relations.get(relationId);
    const local = relation && endsFor(relation, unit.app)?.local;
    const own = bag === 'app' ? local?.bag : local?.units.get(unit.name)?.bag;
    if (!own) throw new FlushError('permission denied');
    if (bag === 'app' && app.leader !== unit.name) {
      throw new FlushError(`cannot write relation settings: "${unit.name}" is not leader of "${app.name}"`);
    }
    return { own, set, relationId, of: bag === 'app' ? app.name : unit.name };
  });

  unit.ports = applyPortChanges(unit.ports, changes);
  for (const [key, value] of Object.entries(changes.stored.set)) unit.stored.set(key, value);
  for (const key of changes.stored.deleted) unit.stored.delete(key);
  return bags.flatMap(({ own, set, relationId, of }) => {
    const keys = writeBag(own, Object.entries(set));
    return keys.length > 0 ? [{ relationId, of, keys }] : [];
  });
}

function commitSecret(state: ModelState, app: Application, unit: Unit, change: SecretChange): void {
  if (change.kind === 'add') {
    if (change.owner === 'application') requireLeader(app, unit);
    const name = change.owner === 'application' ? app.name : unit.name;
    const revisions = [{ revision: 1, content: change.content }];
    state.secrets.set(change.id, {
      id: change.id,
      owner: { kind: change.owner, name },
      name: undefined,
      revisions,
      metadata: change.metadata,
      grants: [],
      consumers: new Map(),
    });
    return;
  }
  const secret = state.secrets.get(change.id);
  if (!secret || !owns(secret, unit)) throw new FlushError(`secret "${change.id}" not found`);
  if (secret.owner.kind === 'application') requireLeader(app, unit);
  switch (change.kind) {
    case 'set':
      secret.metadata = { ...secret.metadata, ...change.metadata };
      if (change.content) addRevision(secret, change.content);
      return;
    case 'grant': {
      const relation = state.relations.get(change.relationId);
      const remote = relation && endsFor(relation, unit.app)?.remote;
      if (!remote) throw new FlushError(`relation ${change.relationId} not found`);
      const grant: SecretGrant = {
        app: remote.app,
        relationId: change.relationId,
        ...(change.unit === undefined ? {} : { unit: change.unit }),
      };
      if (!secret.grants.some((old) => sameGrant(old, grant))) secret.grants.push(grant);
      return;
    }
    case 'revoke':
      secret.grants = secret.grants.filter((grant) => !isRevoked(grant, change.from));
      return;
    case 'remove':
      removeRevisions(state, secret, change.revision);
  }
}

function sameGrant(a: SecretGrant, b: SecretGrant): boolean {
  return a.app === b.app && a.unit === b.unit && a.relationId === b.relationId;
}

function isRevoked(grant: SecretGrant, from: Extract<SecretChange, { kind: 'revoke' }>['from']): boolean {
  if ('relationId' in from) return grant.relationId === from.relationId;
  if ('app' in from) return grant.app === from.app;
  return grant.unit === from.unit;
}

function removeRevisions(state: ModelState, secret: Secret, revision: number | undefined): void {
  const kept = revision === undefined ? [] : secret.revisions.filter((one) => one.revision !== revision);
  if (kept.length === 0) {
    state.secrets.delete(secret.id);
    return;
  }
  secret.revisions = kept;
  for (const consumer of secret.consumers.values()) {
    // Who read the removed revision goes on with the latest one.
    if (consumer.revision === revision) consumer.revision = latestRevision(secret);
  }
}

function requireLeader(app: Application, unit: Unit): void {
  if (app.leader !== unit.name) throw new FlushError('this unit is not the leader');
}
