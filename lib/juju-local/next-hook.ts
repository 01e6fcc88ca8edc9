import { compareUnitNames, type HookEvent, type UnitName } from '#lib/juju';
import type { AgentMemory, RelationMemory } from './agent-memory.ts';
import type { Outlook, RelationOutlook } from './outlook.ts';

/**
 * Which hook a unit's agent runs next, or none. Pure: events are not queued but follow from the difference
 * between what the charm was told and what is so now, which is how many writes become one changed hook.
 * @see juju/juju: worker/uniter/resolver.go
 */
export function nextHook(memory: AgentMemory, outlook: Outlook): HookEvent | undefined {
  if (memory.removed) return undefined;
  const [queued] = memory.queue;
  if (queued) return { kind: queued };
  const alive = outlook.life === 'alive';
  if (!memory.installed) return alive ? { kind: 'install' } : undefined;
  return (
    (alive ? (relationCreated(memory, outlook) ?? leadership(memory, outlook)) : undefined) ??
    secret(memory, outlook) ??
    action(outlook) ??
    (alive ? upkeep(memory, outlook) : undefined) ??
    relations(memory, outlook) ??
    last(memory, outlook)
  );
}

function relationCreated(memory: AgentMemory, outlook: Outlook): HookEvent | undefined {
  const fresh = outlook.relations.find(({ id, life }) => life === 'alive' && !memory.relations.has(id));
  return fresh && { kind: 'relation-created', ...fieldsOf(fresh) };
}

function leadership(memory: AgentMemory, outlook: Outlook): HookEvent | undefined {
  if (outlook.leader) {
    return memory.leaderTerm === outlook.leaderTerm ? undefined : { kind: 'leader-elected' };
  }
  const news = memory.leaderSettingsVersion !== outlook.leaderSettingsVersion;
  return outlook.legacyLeaderHooks && news ? { kind: 'leader-settings-changed' } : undefined;
}

function secret(memory: AgentMemory, outlook: Outlook): HookEvent | undefined {
  const changed = outlook.changedSecrets.find(
    ({ id, revision }) => (memory.changedSecrets.get(id) ?? 0) < revision,
  );
  if (changed) return { kind: 'secret-changed', secretId: `secret:${changed.id}`, label: changed.label };
  const obsolete = outlook.obsoleteRevisions.find(
    ({ id, revision }) => !memory.obsoleteRevisions.has(`${id}/${revision}`),
  );
  if (!obsolete) return undefined;
  const { id, label, revision } = obsolete;
  return { kind: 'secret-remove', secretId: `secret:${id}`, label, revision };
}

function action({ actions: [first] }: Outlook): HookEvent | undefined {
  return first && { kind: 'action', action: first.name, actionId: first.id };
}

function upkeep(memory: AgentMemory, outlook: Outlook): HookEvent | undefined {
  // The first config-changed brings start with it: see `remember`.
  if (!memory.started) return { kind: 'config-changed' };
  if (memory.charmVersion !== outlook.charmVersion) return { kind: 'upgrade-charm' };
  return memory.configVersion === outlook.configVersion ? undefined : { kind: 'config-changed' };
}

function relations(memory: AgentMemory, outlook: Outlook): HookEvent | undefined {
  for (const relation of outlook.relations) {
    const known = memory.relations.get(relation.id);
    const event = known && inRelation(known, relation, outlook);
    if (event) return event;
  }
  return undefined;
}

/**
 * The rules for one relation; the first that applies counts.
 * @see juju/juju: worker/uniter/relation/resolver.go
 */
function inRelation(
  known: RelationMemory,
  relation: RelationOutlook,
  { life, unit }: Outlook,
): HookEvent | undefined {
  if (known.broken) return undefined;
  const fields = fieldsOf(relation);
  if (known.awaitsChanged) {
    return { kind: 'relation-changed', ...fields, remoteUnit: known.awaitsChanged };
  }
  const leaving = life === 'dying';
  const ending = leaving || relation.life === 'dying';
  const gone = sorted(known.members.keys()).find((name) => ending || !relation.members.has(name));
  if (gone) {
    const departingUnit = leaving ? unit : gone;
    return { kind: 'relation-departed', ...fields, remoteUnit: gone, departingUnit };
  }
  if (ending) return relation.peer ? undefined : { kind: 'relation-broken', ...fields };
  if (known.appVersion !== relation.appVersion) return { kind: 'relation-changed', ...fields };
  const members = sorted(relation.members.keys());
  const unknown = members.find((name) => !known.members.has(name));
  if (unknown) return { kind: 'relation-joined', ...fields, remoteUnit: unknown };
  const changed = members.find((name) => known.members.get(name) !== relation.members.get(name));
  return changed && { kind: 'relation-changed', ...fields, remoteUnit: changed };
}

function last(memory: AgentMemory, outlook: Outlook): HookEvent | undefined {
  if (outlook.life === 'dying') return { kind: memory.stopped ? 'remove' : 'stop' };
  return memory.updateStatusTick === outlook.updateStatusTick ? undefined : { kind: 'update-status' };
}

function fieldsOf({ id, endpoint, remoteApp }: RelationOutlook) {
  return { relationId: id, endpoint, remoteApp };
}

function sorted(names: Iterable<UnitName>): UnitName[] {
  return [...names].sort(compareUnitNames);
}
