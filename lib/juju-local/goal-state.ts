import type { GoalState, GoalStateEntry } from '#lib/juju';
import { endsFor } from './relations.ts';
import { type ModelState, type Unit, unitsOf } from './state.ts';

/** The model keeps no times. */
const since = '2024-01-01 00:00:00Z';

/**
 * What `goal-state` says: the units of this application and of those that it is related to, whether or not their
 * joined hooks have run. Peer relations are left out.
 * @see juju/juju: apiserver/facades/agent/uniter/goal-state.go
 */
export function goalStateOf(state: ModelState, { app }: Unit): GoalState {
  const relations = new Map<string, Map<string, GoalStateEntry>>();
  for (const relation of state.relations.values()) {
    const ends = endsFor(relation, app);
    if (ends === undefined || ends.local === ends.remote) continue;
    const endpoint = ends.local.endpoint.name;
    const entries = relations.get(endpoint) ?? new Map<string, GoalStateEntry>();
    relations.set(endpoint, entries.set(ends.remote.app, { status: 'joined', since }));
    for (const unit of unitsOf(state, ends.remote.app)) entries.set(unit.name, entry(unit));
  }
  return {
    units: Object.fromEntries(unitsOf(state, app).map((unit) => [unit.name, entry(unit)])),
    relations: Object.fromEntries(
      [...relations].map(([endpoint, entries]) => [endpoint, Object.fromEntries(entries)]),
    ),
  };
}

function entry({ life, status }: Unit): GoalStateEntry {
  return { status: life === 'dying' ? 'dying' : status.status, since };
}
