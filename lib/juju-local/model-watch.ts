import type { UnitName } from '#lib/juju';
import type { Activity } from './activity.ts';
import { describe } from './relations.ts';
import type { ModelState } from './state.ts';

type Change = Extract<Activity, { kind: 'model-changed' }>;

/** Tells what came and went in a model since it looked last, whoever did it: an operator or a unit's last hook. */
export class ModelWatch {
  #applications: ReadonlySet<string> = new Set();
  #units: ReadonlySet<string> = new Set();
  /** Of removed relations nothing is left to describe. */
  #relations: ReadonlyMap<number, string> = new Map();
  #leaders: ReadonlyMap<string, UnitName | null> = new Map();
  /** Where nothing was added and there are as many as before, nothing has changed. */
  #counts = '';

  look(state: ModelState): Change[] {
    const counts = countsOf(state);
    if (counts === this.#counts) return [];
    this.#counts = counts;
    const applications = new Set(state.applications.keys());
    const units = new Set<string>(state.units.keys());
    const relations = new Map(
      [...state.relations.values()].map((one) => [one.id, this.#relations.get(one.id) ?? describe(one)]),
    );
    const leaders = new Map([...state.applications.values()].map(({ name, leader }) => [name, leader]));
    const related = [...relations].filter(([id]) => !this.#relations.has(id));
    const parted = [...this.#relations].filter(([id]) => !relations.has(id));
    const led = [...leaders].filter(
      ([app, leader]) => leader && (this.#leaders.get(app) ?? leader) !== leader,
    );
    const changes: Change[] = [
      ...told('application-added', applications.difference(this.#applications)),
      ...told('unit-added', units.difference(this.#units)),
      ...told('relation-added', new Map(related).values()),
      ...told('unit-removed', this.#units.difference(units)),
      ...told('relation-removed', new Map(parted).values()),
      ...told('application-removed', this.#applications.difference(applications)),
      ...led.map(([, leader]): Change => changeOf('leader-changed', leader ?? '')),
    ];
    this.#applications = applications;
    this.#units = units;
    this.#relations = relations;
    this.#leaders = leaders;
    return changes;
  }
}

function countsOf(state: ModelState): string {
  const { applications, units, relations, nextApplicationIndex, nextMachine, nextRelationId } = state;
  const terms = [...applications.values()].reduce((sum, { leaderTerm }) => sum + leaderTerm, 0);
  const sizes = [applications.size, units.size, relations.size, terms];
  return [nextApplicationIndex, nextMachine, nextRelationId, ...sizes].join(' ');
}

function told(change: Change['change'], subjects: Iterable<string>): Change[] {
  return [...subjects].map((subject) => changeOf(change, subject));
}

function changeOf(change: Change['change'], subject: string): Change {
  return { kind: 'model-changed', change, subject };
}
