import { toolError } from '../errors-from-tool.ts';
import type { Databag, DatabagChanges, RelationMember } from '../hook-tools.ts';
import { compareUnitNames, isUnitName, parseUnitName, type UnitName } from '../unit-name.ts';
import type { Leadership } from './leadership.ts';
import type { Changes, RelationState, UnitState } from './state.ts';

type Bag = 'app' | 'unit';

/** The relations of one unit during one hook: who may read and write which databag, and what was written. */
export class RelationBags {
  readonly #unit: UnitName;
  readonly #app: string;
  readonly #leadership: Leadership;
  readonly #relations: ReadonlyMap<number, RelationState>;
  /** Own bags as this hook has made them. Maps, because a key may be called `__proto__`. */
  readonly #written = new Map<string, Map<string, string>>();

  constructor(state: UnitState, leadership: Leadership) {
    this.#unit = state.unit;
    this.#app = parseUnitName(state.unit).app;
    this.#leadership = leadership;
    this.#relations = new Map(state.relations.map((relation) => [relation.id, relation]));
  }

  ids(endpoint: string): number[] {
    return [...this.#relations.values()]
      .filter((relation) => relation.endpoint === endpoint && relation.listed !== false)
      .map((relation) => relation.id)
      .sort((a, b) => a - b);
  }

  /** @throws {HookToolError} RELATION_GONE, exit code 2: Juju looks the id up while it parses arguments */
  find(tool: string, relationId: number): RelationState {
    const relation = this.#relations.get(relationId);
    if (relation) return relation;
    throw toolError(tool, 2, `invalid value "${relationId}" for option -r: relation not found`);
  }

  members(relationId: number): UnitName[] {
    const relation = this.find('relation-list', relationId);
    const members = relation.members ?? (Object.keys(relation.remoteUnitsData) as UnitName[]);
    return [...members].sort(compareUnitNames);
  }

  get({ relationId, of }: RelationMember): Databag {
    const relation = this.find('relation-get', relationId);
    return of.includes('/') ? this.#unitBag(relation, of) : this.#appBag(relation, of);
  }

  set({ relationId, app = false, data }: { relationId: number; app?: boolean; data: DatabagChanges }): void {
    const relation = this.find('relation-set', relationId);
    if (app && !this.#leadership.check())
      throw toolError('relation-set', 1, 'cannot write relation settings');
    const bag = this.#own(relation, app ? 'app' : 'unit');
    for (const [key, value] of Object.entries(data)) {
      if (value === '') bag.delete(key);
      else bag.set(key, value);
    }
    this.#written.set(slot(relation, app ? 'app' : 'unit'), bag);
  }

  /** @throws {HookToolError} NOT_LEADER when leadership was lost after writing an application's bag */
  changes(): Changes['relationSettings'] {
    const changes = [...this.#relations.values()].flatMap((relation) =>
      (['app', 'unit'] as const).flatMap((bag) => {
        const set = difference(before(relation, bag), this.#own(relation, bag));
        return Object.keys(set).length > 0 ? [{ relationId: relation.id, bag, set }] : [];
      }),
    );
    if (changes.some(({ bag }) => bag === 'app') && !this.#leadership.check()) {
      throw toolError('relation-set', 1, 'cannot write relation settings');
    }
    return changes;
  }

  #appBag(relation: RelationState, app: string): Databag {
    if (app === this.#app) {
      // A follower may read what its application says to itself, but not what it says to others.
      if (!relation.peer && !this.#leadership.check())
        throw toolError('relation-get', 1, 'permission denied');
      return Object.fromEntries(this.#own(relation, 'app'));
    }
    if (app === relation.remoteApp) return { ...relation.remoteAppData };
    throw toolError('relation-get', 1, 'permission denied');
  }

  #unitBag(relation: RelationState, unit: string): Databag {
    if (!isUnitName(unit)) throw toolError('relation-get', 2, `invalid unit name "${unit}"`);
    if (unit === this.#unit) return Object.fromEntries(this.#own(relation, 'unit'));
    if (Object.hasOwn(relation.remoteUnitsData, unit)) return { ...relation.remoteUnitsData[unit] };
    const { app } = parseUnitName(unit);
    if (app !== relation.remoteApp && app !== this.#app)
      throw toolError('relation-get', 1, 'permission denied');
    throw toolError(
      'relation-get',
      1,
      `cannot read settings for unit "${unit}" in relation "${relation.endpoint}:${relation.id}": settings not found`,
    );
  }

  #own(relation: RelationState, bag: Bag): Map<string, string> {
    return this.#written.get(slot(relation, bag)) ?? new Map(Object.entries(before(relation, bag)));
  }
}

function slot(relation: RelationState, bag: Bag): string {
  return `${relation.id} ${bag}`;
}

function before(relation: RelationState, bag: Bag): Databag {
  return bag === 'app' ? relation.localAppData : relation.localUnitData;
}

/** Writing what was there already, and writing then taking it back, are no changes: nobody gets an event. */
function difference(old: Databag, now: ReadonlyMap<string, string>): Record<string, string> {
  const was = new Map(Object.entries(old));
  const set = [...now].filter(([key, value]) => was.get(key) !== value);
  const gone = [...was.keys()].filter((key) => !now.has(key)).map((key) => [key, ''] as const);
  return Object.fromEntries([...set, ...gone]);
}
