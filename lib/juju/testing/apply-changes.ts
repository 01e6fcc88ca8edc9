import type { Databag } from '../hook-tools.ts';
import { parseUnitName } from '../unit-name.ts';
import { applyPortChanges } from './apply-port-changes.ts';
import type {
  Changes,
  RelationState,
  SecretChange,
  SecretState,
  SecretTracking,
  UnitState,
} from './state.ts';

/** What a hook changes that does nothing. */
export const noChanges: Changes = {
  relationSettings: [],
  secrets: [],
  stored: { set: {}, deleted: [] },
  openPorts: [],
  closePorts: [],
  storageAdds: [],
};

/**
 * The state after a hook that succeeded, as the same unit would see it if nothing else happened. Storage that was
 * asked for is not there yet: Juju attaches it later. Who was granted a secret shows in no owner's state.
 */
export function applyChanges(state: UnitState, changes: Changes): UnitState {
  return {
    ...state,
    relations: state.relations.map((relation) => withSettings(relation, changes.relationSettings)),
    secrets: changes.secrets.reduce(
      (secrets, change) => withSecretChange(state, secrets, change),
      state.secrets,
    ),
    stored: Object.fromEntries([
      ...Object.entries(state.stored).filter(([key]) => !changes.stored.deleted.includes(key)),
      ...Object.entries(changes.stored.set),
    ]),
    openedPorts: applyPortChanges(state.openedPorts, changes),
  };
}

/** The state after a secret was read for the first time, refreshed or labelled. */
export function applyTracking(state: UnitState, { id, ...tracking }: SecretTracking): UnitState {
  return {
    ...state,
    secrets: state.secrets.map((secret) => (secret.id === id ? { ...secret, ...tracking } : secret)),
  };
}

function withSettings(relation: RelationState, settings: Changes['relationSettings']): RelationState {
  const merged = (old: Databag, bag: 'app' | 'unit'): Databag => {
    const sets = settings.filter((one) => one.relationId === relation.id && one.bag === bag);
    const all = [old, ...sets.map(({ set }) => set)].flatMap((values) => Object.entries(values));
    return Object.fromEntries([...new Map(all)].filter(([, value]) => value !== ''));
  };
  return {
    ...relation,
    localAppData: merged(relation.localAppData, 'app'),
    localUnitData: merged(relation.localUnitData, 'unit'),
  };
}

function withSecretChange(
  { unit }: UnitState,
  secrets: readonly SecretState[],
  change: SecretChange,
): readonly SecretState[] {
  const update = (map: (secret: SecretState) => SecretState) =>
    secrets.map((secret) => (secret.id === change.id ? map(secret) : secret));
  switch (change.kind) {
    case 'add': {
      const { label, ...metadata } = change.metadata;
      const owner = {
        kind: change.owner,
        name: change.owner === 'unit' ? unit : parseUnitName(unit).app,
      };
      const revisions = [{ revision: 1, content: change.content }];
      const labelled = label === undefined ? {} : { label };
      return [...secrets, { id: change.id, owner, revisions, granted: true, metadata, ...labelled }];
    }
    case 'set':
      return update((secret) => withUpdate(secret, change));
    case 'remove':
      if (change.revision === undefined) return secrets.filter(({ id }) => id !== change.id);
      return update((secret) => ({
        ...secret,
        revisions: secret.revisions.filter(({ revision }) => revision !== change.revision),
      })).filter(({ revisions }) => revisions.length > 0);
    case 'grant':
    case 'revoke':
      return secrets;
  }
}

function withUpdate(
  secret: SecretState,
  { content, metadata: { label, ...metadata } }: Extract<SecretChange, { kind: 'set' }>,
): SecretState {
  const revision = (secret.revisions.at(-1)?.revision ?? 0) + 1;
  return {
    ...secret,
    ...(label === undefined ? {} : { label }),
    metadata: { ...secret.metadata, ...metadata },
    revisions: content ? [...secret.revisions, { revision, content }] : secret.revisions,
  };
}
