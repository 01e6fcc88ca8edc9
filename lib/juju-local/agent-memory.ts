import type { HookEvent, UnitName } from '#lib/juju';
import type { Outlook } from './outlook.ts';

/** The hooks that belong to no relation, secret or action. */
export type LifecycleKind =
  | 'install'
  | 'start'
  | 'stop'
  | 'remove'
  | 'config-changed'
  | 'update-status'
  | 'upgrade-charm'
  | 'leader-elected'
  | 'leader-settings-changed';

/** What the hooks of one relation have shown the charm so far. */
export interface RelationMemory {
  /** Joined members with the bag version that a changed hook last showed. */
  readonly members: ReadonlyMap<UnitName, number>;
  /** Its joined hook was the last of this relation: changed follows whatever happens. */
  readonly awaitsChanged: UnitName | null;
  /** Of the remote application's bag. 0: never shown. */
  readonly appVersion: number;
  readonly broken: boolean;
}

/**
 * What a unit's agent remembers between hooks: all that its hooks have told the charm. Compared with what the
 * controller knows now (an {@link Outlook}) it says which hook comes next.
 * @see juju/juju: worker/uniter/operation/state.go, worker/uniter/relation/state.go
 */
export interface AgentMemory {
  readonly installed: boolean;
  readonly started: boolean;
  readonly stopped: boolean;
  readonly removed: boolean;
  /** Hooks that run next and with no other in between. */
  readonly queue: readonly LifecycleKind[];
  /** The term of leadership that leader-elected told of. 0: none. */
  readonly leaderTerm: number;
  readonly leaderSettingsVersion: number;
  readonly configVersion: number;
  readonly charmVersion: number;
  readonly updateStatusTick: number;
  /** Relations whose relation-created has run. */
  readonly relations: ReadonlyMap<number, RelationMemory>;
  /** Secret id to the newest revision that secret-changed told of. */
  readonly changedSecrets: ReadonlyMap<string, number>;
  /** `<id>/<revision>` that secret-remove told of. */
  readonly obsoleteRevisions: ReadonlySet<string>;
}

export const blankMemory: AgentMemory = {
  installed: false,
  started: false,
  stopped: false,
  removed: false,
  queue: [],
  leaderTerm: 0,
  leaderSettingsVersion: 0,
  configVersion: 0,
  charmVersion: 0,
  updateStatusTick: 0,
  relations: new Map(),
  changedSecrets: new Map(),
  obsoleteRevisions: new Set(),
};

/**
 * @param outlook - as it was when the hook started: what came later is news for another hook
 * @returns the memory after `event` ran to its end, or was skipped
 */
export function remember(memory: AgentMemory, outlook: Outlook, event: HookEvent): AgentMemory {
  const queue = memory.queue[0] === event.kind ? memory.queue.slice(1) : memory.queue;
  const after = { ...memory, queue };
  switch (event.kind) {
    case 'install':
      return { ...after, installed: true, charmVersion: outlook.charmVersion };
    case 'config-changed':
      return {
        ...after,
        configVersion: outlook.configVersion,
        // The first one is followed by start at once.
        queue: memory.started || queue.length > 0 ? queue : ['start'],
      };
    case 'start':
      return { ...after, started: true };
    case 'upgrade-charm':
      return {
        ...after,
        charmVersion: outlook.charmVersion,
        queue: queue[0] === 'config-changed' ? queue : ['config-changed', ...queue],
      };
    case 'stop':
      // A queued stop is a restart's; one that ends the unit is never queued.
      return memory.queue[0] === 'stop' ? after : { ...after, stopped: true };
    case 'remove':
      return { ...after, removed: true };
    case 'leader-elected':
      return { ...after, leaderTerm: outlook.leaderTerm };
    case 'leader-settings-changed':
      return { ...after, leaderSettingsVersion: outlook.leaderSettingsVersion };
    case 'update-status':
      return { ...after, updateStatusTick: outlook.updateStatusTick };
    case 'secret-changed': {
      const latest = outlook.changedSecrets.find(({ id }) => `secret:${id}` === event.secretId)?.revision;
      if (latest === undefined) return after;
      return { ...after, changedSecrets: new Map(memory.changedSecrets).set(bare(event.secretId), latest) };
    }
    case 'secret-remove': {
      const told = new Set(memory.obsoleteRevisions).add(`${bare(event.secretId)}/${event.revision}`);
      return { ...after, obsoleteRevisions: told };
    }
    case 'relation-created':
    case 'relation-joined':
    case 'relation-changed':
    case 'relation-departed':
    case 'relation-broken': {
      const old = memory.relations.get(event.relationId);
      return {
        ...after,
        relations: new Map(memory.relations).set(event.relationId, inRelation(old, outlook, event)),
      };
    }
    default:
      return after;
  }
}

const unseen: RelationMemory = { members: new Map(), awaitsChanged: null, appVersion: 0, broken: false };

function inRelation(
  old: RelationMemory = unseen,
  outlook: Outlook,
  event: Extract<HookEvent, { relationId: number }>,
): RelationMemory {
  const now = outlook.relations.find(({ id }) => id === event.relationId);
  const members = new Map(old.members);
  switch (event.kind) {
    case 'relation-created':
      return old;
    case 'relation-joined':
      members.set(event.remoteUnit, now?.members.get(event.remoteUnit) ?? 0);
      return { ...old, members, awaitsChanged: event.remoteUnit };
    case 'relation-changed':
      if (event.remoteUnit === undefined) return { ...old, appVersion: now?.appVersion ?? old.appVersion };
      if (members.has(event.remoteUnit)) {
        members.set(event.remoteUnit, now?.members.get(event.remoteUnit) ?? 0);
      }
      return { ...old, members, awaitsChanged: null };
    case 'relation-departed':
      if (event.remoteUnit) members.delete(event.remoteUnit);
      return { ...old, members };
    case 'relation-broken':
      return { ...old, members: new Map(), broken: true };
  }
}

function bare(secretId: string): string {
  return secretId.replace(/^secret:/, '');
}
