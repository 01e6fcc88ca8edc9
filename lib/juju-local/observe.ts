import type { UnitName } from '#lib/juju';
import type { Outlook, RelationOutlook } from './outlook.ts';
import { ownSecrets } from './secrets.ts';
import type { ModelState, Relation, Unit } from './state.ts';

/** What the model state does not hold but an agent needs. */
export interface OutlookOptions {
  readonly legacyLeaderHooks: boolean;
  readonly actions: Outlook['actions'];
  /** Puts relations in the order in which the agent looks at them; ids ascending without it. */
  readonly shuffle?: <T>(items: readonly T[]) => T[];
}

/** @returns what the unit's agent sees now */
export function outlookOf(state: ModelState, unit: Unit, options: OutlookOptions): Outlook {
  const app = state.applications.get(unit.app);
  if (!app) throw new Error(`unit ${unit.name} has no application`);
  const relations = [...state.relations.values()]
    .filter((relation) => relation.ends.some((end) => end.app === unit.app))
    .map((relation) => relationOutlook(relation, unit));
  const ordered = options.shuffle ? options.shuffle(relations) : relations;
  const leader = app.leader === unit.name;
  return {
    unit: unit.name,
    life: unit.life,
    leader,
    leaderTerm: app.leaderTerm,
    leaderSettingsVersion: app.leaderSettings.version + 1,
    legacyLeaderHooks: options.legacyLeaderHooks,
    configVersion: app.configVersion,
    charmVersion: app.charmVersion,
    updateStatusTick: unit.updateStatusTick,
    // Peers last, as Juju does since 3.6-rc1.
    relations: [...ordered.filter(({ peer }) => !peer), ...ordered.filter(({ peer }) => peer)],
    ...ownSecrets(state, unit, leader),
    actions: options.actions,
  };
}

function relationOutlook(relation: Relation, unit: Unit): RelationOutlook {
  const [first, second] = relation.ends;
  const local = first?.app === unit.app ? first : second;
  const remote = second === undefined ? local : local === first ? second : first;
  if (!local || !remote) throw new Error(`relation ${relation.id} has no end at ${unit.app}`);
  const members = [...remote.units]
    .filter(([name, { inScope }]) => inScope && name !== unit.name)
    .map(([name, { bag }]): [UnitName, number] => [name, bag.version]);
  return {
    id: relation.id,
    endpoint: local.endpoint.name,
    peer: second === undefined,
    life: relation.life,
    remoteApp: remote.app,
    appVersion: remote.bag.version,
    members: new Map(members),
  };
}
