import { isHookToolError, type SecretContent, type UnitName } from '#lib/juju';
import { checkContent, sameContent } from '#lib/juju/testing';
import { listNames, ModelError } from './errors.ts';
import type { SecretOutlook } from './outlook.ts';
import { randomHex } from './random.ts';
import type { ModelState, Secret, SecretConsumer, Unit } from './state.ts';

/** @returns 20 characters of `[a-z0-9]`, as long as Juju's own ids */
export function newSecretId(random?: () => number): string {
  return BigInt(`0x${randomHex(16, random)}`)
    .toString(36)
    .padStart(20, '0')
    .slice(-20);
}

/** @returns the secret of this URI (`secret:<id>`, `secret://<model uuid>/<id>`, bare id) or operator's name */
export function findSecret(state: ModelState, reference: string): Secret | undefined {
  const id = reference.replace(/^secret:(\/\/[^/]+\/)?/, '');
  return state.secrets.get(id) ?? [...state.secrets.values()].find(({ name }) => name === reference);
}

/** @throws {ModelError} when there is none, naming the operator's own */
export function requireSecret(state: ModelState, reference: string): Secret {
  const secret = findSecret(state, reference);
  if (secret) return secret;
  const names = [...state.secrets.values()].flatMap(({ name }) => name ?? []);
  throw new ModelError(`no secret '${reference}'; give a URI or a name. Names: ${listNames(names)}`);
}

/** @throws {ModelError} when a key or a value is none that Juju takes */
export function checkSecretContent(content: SecretContent): void {
  if (Object.keys(content).length === 0) throw new ModelError('a secret needs at least one key and value');
  try {
    checkContent('add-secret', content);
  } catch (cause) {
    if (!isHookToolError(cause)) throw cause;
    const rule = 'keys are 3 or more of a-z, 0-9 and single hyphens, values 8 KiB at most, 64 KiB altogether';
    throw new ModelError(`${cause.message}: ${rule}`, { cause });
  }
}

/** Appends a revision, unless the content is that of the latest one. */
export function addRevision(secret: Secret, content: SecretContent): void {
  const latest = secret.revisions.at(-1);
  if (latest && sameContent(latest.content, content)) return;
  const revision = (latest?.revision ?? 0) + 1;
  secret.revisions.push({ revision, content: { ...content } });
}

export function latestRevision(secret: Secret): number {
  return secret.revisions.at(-1)?.revision ?? 0;
}

/** @returns this unit's view of the secret, made when it was not there */
export function consumerOf(secret: Secret, unit: UnitName): SecretConsumer {
  const known = secret.consumers.get(unit);
  if (known) return known;
  const fresh = { revision: undefined, label: undefined };
  secret.consumers.set(unit, fresh);
  return fresh;
}

/** Whether this unit owns the secret, itself or through its application. */
export function owns(secret: Secret, unit: Unit): boolean {
  const { owner } = secret;
  if (owner.kind === 'model') return false;
  return owner.name === (owner.kind === 'unit' ? unit.name : unit.app);
}

/** Whether somebody let this unit read the secret. A grant over a relation ends with the relation. */
export function isGranted(state: ModelState, secret: Secret, unit: Unit): boolean {
  return secret.grants.some(
    (grant) =>
      grant.app === unit.app &&
      (grant.unit === undefined || grant.unit === unit.name) &&
      (grant.relationId === undefined || state.relations.has(grant.relationId)),
  );
}

/** @returns what the agent of this unit watches about secrets */
export function ownSecrets(
  state: ModelState,
  unit: Unit,
  leader: boolean,
): { changedSecrets: SecretOutlook[]; obsoleteRevisions: SecretOutlook[] } {
  const changedSecrets: SecretOutlook[] = [];
  const obsoleteRevisions: SecretOutlook[] = [];
  for (const secret of state.secrets.values()) {
    const { id, owner } = secret;
    const manages = owns(secret, unit) && (owner.kind === 'unit' || leader);
    const latest = latestRevision(secret);
    if (manages) {
      const label = secret.metadata.label ?? '';
      const read = new Set([...secret.consumers.values()].map(({ revision }) => revision));
      for (const { revision } of secret.revisions) {
        if (revision !== latest && !read.has(revision)) obsoleteRevisions.push({ id, label, revision });
      }
    }
    // An owner who has read its secret is a consumer like any other.
    const consumer = secret.consumers.get(unit.name);
    if (consumer?.revision === undefined || consumer.revision >= latest) continue;
    if (!owns(secret, unit) && !isGranted(state, secret, unit)) continue;
    changedSecrets.push({ id, label: consumer.label ?? '', revision: latest });
  }
  return { changedSecrets, obsoleteRevisions };
}
