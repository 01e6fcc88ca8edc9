import { bagWith } from './databags.ts';
import type { CharmFunction } from './hook-function.ts';
import { addressSettings } from './relations.ts';
import type { Application, ModelState, Relation, RelationEnd, RelationUnit, Unit } from './state.ts';

/**
 * A copy of a model in which no charm has said anything yet: the same units, leaders, config, relations and operator's
 * secrets, under the same names and ids; databags hold what Juju puts there, and charms own no secrets. Agents remember
 * that the charm was told of all that is there, so no hook is due.
 * @param run - the charm as a function, by application, in place of the one that it was
 */
export function withoutHistory(
  state: ModelState,
  run: (app: Application) => CharmFunction | undefined,
): ModelState {
  const entries = <K, V>(map: ReadonlyMap<K, V>, copy: (value: V) => V) =>
    new Map([...map].map(([key, value]) => [key, copy(value)]));
  const operators = [...state.secrets].filter(([, { owner }]) => owner.kind === 'model');
  return {
    ...state,
    applications: entries(state.applications, (app) => silentApplication(app, run(app))),
    units: entries(state.units, silentUnit),
    relations: entries(state.relations, (relation) => silentRelation(state, relation)),
    secrets: new Map(
      operators.map(([id, { revisions, grants, ...rest }]) => [
        id,
        { ...rest, revisions: [...revisions], grants: [...grants], consumers: new Map() },
      ]),
    ),
  };
}

function silentApplication(app: Application, run: CharmFunction | undefined): Application {
  return {
    ...app,
    run,
    config: new Map(app.config),
    leaderSettings: bagWith([], app.leaderSettings.version),
    status: null,
    workloadVersion: '',
  };
}

function silentUnit(unit: Unit): Unit {
  return {
    ...unit,
    status: { status: 'unknown', message: '' },
    statusSetByCharm: false,
    ports: [],
    stored: new Map(),
  };
}

function silentRelation(state: ModelState, relation: Relation): Relation {
  const silentEnd = (end: RelationEnd): RelationEnd => ({
    ...end,
    bag: bagWith([], end.bag.version),
    units: new Map(
      [...end.units].map(([name, { bag, inScope }]): [typeof name, RelationUnit] => {
        const unit = state.units.get(name);
        return [name, { bag: bagWith(unit ? addressSettings(unit) : [], bag.version), inScope }];
      }),
    ),
  });
  return { ...relation, ends: relation.ends.map(silentEnd) };
}
