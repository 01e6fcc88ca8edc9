import type { GoalState, GoalStateEntry } from '../hook-tools.ts';
import { compareUnitNames, type UnitName } from '../unit-name.ts';
import type { UnitState } from './state.ts';

/** States hold no times, and equal states must behave alike. */
const since = '2024-01-01 00:00:00Z';

/** The goal that a model at rest has: what is there now. Peers are left out, as Juju does. */
export function defaultGoalState(state: UnitState): GoalState {
  const names = new Set([state.unit, ...(Object.keys(state.unitStatuses) as UnitName[])]);
  const units = [...names]
    .sort(compareUnitNames)
    .map((name) => [name, { status: (state.unitStatuses[name] ?? state.unitStatus).status, since }]);
  const relations = new Map<string, Map<string, GoalStateEntry>>();
  for (const relation of state.relations.filter(({ peer }) => !peer)) {
    const entries = relations.get(relation.endpoint) ?? new Map<string, GoalStateEntry>();
    for (const name of [relation.remoteApp, ...Object.keys(relation.remoteUnitsData)]) {
      entries.set(name, { status: 'joined', since });
    }
    relations.set(relation.endpoint, entries);
  }
  return {
    units: Object.fromEntries(units),
    relations: Object.fromEntries(
      [...relations].map(([endpoint, entries]) => [endpoint, Object.fromEntries(entries)]),
    ),
  };
}
