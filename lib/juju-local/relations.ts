import type { UnitName } from '#lib/juju';
import type { Charm, Endpoint } from './charm.ts';
import { emptyBag, writeBag } from './databags.ts';
import { listNames, ModelError } from './errors.ts';
import { isGranted, owns } from './secrets.ts';
import type { Application, ModelState, Relation, RelationEnd, Unit } from './state.ts';

/** The other way round of each role. */
const opposite = { provides: 'requires', requires: 'provides', peers: undefined } as const;

/** @throws {ModelError} when there is no such application */
export function requireApplication(state: ModelState, name: string): Application {
  const app = state.applications.get(name);
  if (app) return app;
  throw new ModelError(`no application '${name}'; there are: ${listNames(state.applications.keys())}`);
}

/**
 * Relates two applications.
 * @param a - `tempo:grafana-source`, or `tempo` when only one pair of endpoints fits
 * @throws {ModelError} when no endpoints fit, several do, they are related already, or a limit is reached
 */
export function relate(state: ModelState, a: string, b: string): Relation {
  const [left, right] = matchEndpoints(state, a, b);
  const twin = [...state.relations.values()].find((relation) => joins(relation, left, right));
  if (twin) {
    const both = `'${show(left)}' and '${show(right)}'`;
    throw new ModelError(
      twin.life === 'alive'
        ? `${both} are related already (id ${twin.id})`
        : `the relation of ${both} is dying, but not yet removed: wait until its hooks have run`,
    );
  }
  for (const { app, endpoint } of [left, right]) {
    const used = aliveRelations(state).filter(({ ends }) =>
      ends.some((end) => end.app === app && end.endpoint.name === endpoint.name),
    ).length;
    if (endpoint.limit !== undefined && used >= endpoint.limit) {
      throw new ModelError(
        `'${app}:${endpoint.name}' takes ${endpoint.limit} relation(s) at most: remove one first`,
      );
    }
  }
  return addRelation(state, left.endpoint.interface, [left, right]);
}

/** Makes the relations that Juju makes by itself at deploy: one for each peer endpoint. */
export function addPeerRelations(state: ModelState, app: string, charm: Charm): void {
  for (const endpoint of charm.endpoints.values()) {
    const there = [...state.relations.values()].some(
      ({ ends }) => ends.length === 1 && ends[0]?.app === app && ends[0].endpoint.name === endpoint.name,
    );
    if (endpoint.role === 'peers' && !there) addRelation(state, endpoint.interface, [{ app, endpoint }]);
  }
}

/**
 * @param which - an id, or one end (`tempo:grafana-source`) with `other`
 * @throws {ModelError} when there is none, or several
 */
export function findRelation(state: ModelState, which: number | string, other?: string): Relation {
  if (typeof which === 'number') {
    const relation = state.relations.get(which);
    if (relation) return relation;
    throw new ModelError(
      `no relation ${which}; there are: ${listNames([...state.relations.keys()].map(String))}`,
    );
  }
  const wanted = [which, ...(other === undefined ? [] : [other])].map(parseReference);
  const found = aliveRelations(state).filter(
    ({ ends }) =>
      ends.length === 2 &&
      wanted.every(({ app, endpoint }) =>
        ends.some((end) => end.app === app && (endpoint === undefined || end.endpoint.name === endpoint)),
      ),
  );
  const [first, second] = found;
  if (first && !second) return first;
  const asked = other === undefined ? `'${which}'` : `'${which}' and '${other}'`;
  const known = listNames((first ? found : aliveRelations(state)).map(describe));
  throw new ModelError(
    `${first ? 'several relations fit' : 'no relation of'} ${asked}: name endpoints, or give an id. Relations: ${known}`,
  );
}

/** Marks it as dying; units that never entered it have nothing to say good-bye to. */
export function dismantle(state: ModelState, relation: Relation): void {
  relation.life = 'dying';
  removeWhenEmpty(state, relation);
}

/**
 * Enters every living relation of the unit's application that it has not entered yet. The controller fills the
 * unit's bag with its addresses at that moment, so that peers see them at joined.
 */
export function enterScopes(state: ModelState, unit: Unit): void {
  for (const relation of state.relations.values()) {
    if (relation.life !== 'alive') continue;
    for (const end of relation.ends) {
      if (end.app !== unit.app || end.units.has(unit.name)) continue;
      const bag = emptyBag();
      writeBag(bag, addressSettings(unit));
      end.units.set(unit.name, { bag, inScope: true });
    }
  }
}

/** The unit leaves; its bag stays readable as long as the relation is there. */
export function leaveScope(state: ModelState, relation: Relation, unit: UnitName): void {
  for (const end of relation.ends) {
    const part = end.units.get(unit);
    if (part) part.inScope = false;
  }
  removeWhenEmpty(state, relation);
}

export function leaveAllScopes(state: ModelState, unit: UnitName): void {
  for (const relation of [...state.relations.values()]) leaveScope(state, relation, unit);
}

/** @returns this application's end and the other; of a peer relation, the same end twice */
export function endsFor(
  relation: Relation,
  app: string,
): { local: RelationEnd; remote: RelationEnd } | undefined {
  const [first, second] = relation.ends;
  if (first?.app === app) return { local: first, remote: second ?? first };
  return first && second?.app === app ? { local: second, remote: first } : undefined;
}

/** @returns `tempo:grafana-source grafana:datasources (id 3)` */
export function describe({ id, ends }: Relation): string {
  return `${ends.map(show).join(' ')} (id ${id})`;
}

interface Side {
  readonly app: string;
  readonly endpoint: Endpoint;
}

function matchEndpoints(state: ModelState, a: string, b: string): [Side, Side] {
  const left = candidates(state, a);
  const right = candidates(state, b);
  const fitting = left.flatMap((one) =>
    right.flatMap((two): [Side, Side][] => (fitsTo(one, two) ? [[one, two]] : [])),
  );
  const [only, second] = fitting;
  if (only && !second) {
    if (only[0].app === only[1].app) throw new ModelError(`'${only[0].app}' can't be related to itself`);
    const contained = only.find(({ endpoint }) => endpoint.scope === 'container');
    if (contained) throw new ModelError(`'${show(contained)}' is for subordinate charms: not supported here`);
    return only;
  }
  if (only) {
    const pairs = listNames(fitting.map(([one, two]) => `${show(one)} ${show(two)}`));
    throw new ModelError(`several endpoints of '${a}' and '${b}' fit: name one pair of ${pairs}`);
  }
  const offered = [...left, ...right].map(
    (side) => `${show(side)} (${side.endpoint.role} ${side.endpoint.interface})`,
  );
  throw new ModelError(
    `'${a}' and '${b}' don't fit: it takes one that provides and one that requires the same interface. ` +
      `Endpoints: ${listNames(offered)}`,
  );
}

function candidates(state: ModelState, reference: string): Side[] {
  const { app, endpoint } = parseReference(reference);
  const { charm, life } = requireApplication(state, app);
  if (life === 'dying') throw new ModelError(`application '${app}' is being removed`);
  if (endpoint === undefined) return [...charm.endpoints.values()].map((known) => ({ app, endpoint: known }));
  const known = charm.endpoints.get(endpoint);
  if (known) return [{ app, endpoint: known }];
  const names = listNames(charm.endpoints.keys());
  throw new ModelError(`application '${app}' has no endpoint '${endpoint}'; its charm's endpoints: ${names}`);
}

function parseReference(reference: string): { app: string; endpoint: string | undefined } {
  const [app = '', endpoint] = reference.split(':');
  return { app, endpoint };
}

function fitsTo(one: Side, two: Side): boolean {
  return (
    one.endpoint.interface === two.endpoint.interface && opposite[one.endpoint.role] === two.endpoint.role
  );
}

function joins({ ends }: Relation, ...sides: Side[]): boolean {
  return sides.every(({ app, endpoint }) =>
    ends.some((end) => end.app === app && end.endpoint.name === endpoint.name),
  );
}

function addRelation(state: ModelState, interfaceName: string, sides: readonly Side[]): Relation {
  const id = state.nextRelationId;
  state.nextRelationId += 1;
  const ends = sides.map(({ app, endpoint }) => ({ app, endpoint, bag: emptyBag(), units: new Map() }));
  const relation: Relation = { id, interface: interfaceName, life: 'alive', ends };
  state.relations.set(id, relation);
  return relation;
}

function removeWhenEmpty(state: ModelState, relation: Relation): void {
  const occupied = relation.ends.some(({ units }) => [...units.values()].some(({ inScope }) => inScope));
  if (relation.life === 'dying' && !occupied) forgetRelation(state, relation);
}

/** Takes it out of the model, and with it all that was granted over it: who may not read a secret keeps none of it. */
export function forgetRelation(state: ModelState, { id }: Relation): void {
  state.relations.delete(id);
  for (const secret of state.secrets.values()) {
    const left = secret.grants.filter(({ relationId }) => relationId !== id);
    if (left.length === secret.grants.length) continue;
    secret.grants = left;
    for (const name of [...secret.consumers.keys()]) {
      const unit = state.units.get(name);
      const mayRead = unit !== undefined && (owns(secret, unit) || isGranted(state, secret, unit));
      if (!mayRead) secret.consumers.delete(name);
    }
  }
}

function aliveRelations(state: ModelState): Relation[] {
  return [...state.relations.values()].filter(({ life }) => life === 'alive');
}

/** What the controller itself puts into a unit's bag. */
export function addressSettings({ address }: Unit): [string, string][] {
  return [
    ['egress-subnets', `${address}/32`],
    ['ingress-address', address],
    ['private-address', address],
  ];
}

function show({ app, endpoint }: Side): string {
  return `${app}:${endpoint.name}`;
}
