import { isUnitName, type UnitName } from '#lib/juju';
import { blankMemory } from './agent-memory.ts';
import type { Charm } from './charm.ts';
import { type ConfigChanges, changeConfig, checkDefaults } from './config.ts';
import { emptyBag } from './databags.ts';
import { listNames, ModelError } from './errors.ts';
import type { CharmFunction } from './hook-function.ts';
import { electLeader, setLeader } from './leadership.ts';
import {
  addPeerRelations,
  dismantle,
  forgetRelation,
  leaveAllScopes,
  requireApplication,
} from './relations.ts';
import { type Application, type ModelState, type Unit, unitsOf } from './state.ts';

/** Juju's rule: parts between hyphens each hold a letter. */
const applicationName = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

export interface Deployment {
  readonly app: string;
  readonly charm: Charm;
  readonly units: number;
  readonly config: ConfigChanges;
  readonly run: CharmFunction | undefined;
}

/** @throws {ModelError} for a bad or taken name, a bad number of units, or config that the charm does not take */
export function deploy(state: ModelState, { app: name, charm, units, config, run }: Deployment): Application {
  if (!applicationName.test(name)) {
    throw new ModelError(`'${name}' is no application name: use a-z, 0-9 and hyphens, a letter in each part`);
  }
  if (state.applications.has(name)) {
    throw new ModelError(`there is an application '${name}' already: choose another name, or refresh it`);
  }
  checkDefaults(charm);
  const app: Application = {
    name,
    index: state.nextApplicationIndex,
    life: 'alive',
    charm,
    run,
    charmVersion: 1,
    config: changeConfig(name, charm, new Map(), config),
    configVersion: 1,
    leader: null,
    leaderTerm: 0,
    leaderSettings: emptyBag(),
    status: null,
    workloadVersion: '',
    nextUnitNumber: 0,
  };
  checkCount(units);
  state.nextApplicationIndex += 1;
  state.applications.set(name, app);
  addPeerRelations(state, name, charm);
  addUnits(state, name, units);
  return app;
}

/** @throws {ModelError} when there is no such application, or it is being removed */
export function addUnits(state: ModelState, appName: string, count: number): Unit[] {
  const app = requireApplication(state, appName);
  if (app.life === 'dying') throw new ModelError(`application '${appName}' is being removed`);
  checkCount(count);
  const added: Unit[] = [];
  for (let n = 0; n < count; n += 1) {
    const number = app.nextUnitNumber;
    app.nextUnitNumber += 1;
    const unit: Unit = {
      name: `${appName}/${number}`,
      app: appName,
      number,
      machine: state.nextMachine,
      address: addressOf(app.index, number),
      life: 'alive',
      status: { status: 'waiting', message: 'agent initialising' },
      statusSetByCharm: false,
      failedHook: null,
      ports: [],
      stored: new Map(),
      updateStatusTick: 0,
      memory: blankMemory,
    };
    state.nextMachine += 1;
    state.units.set(unit.name, unit);
    added.push(unit);
  }
  electLeader(state, app);
  return added;
}

/** The unit winds down by its own hooks; {@link dropUnit} is what ends it. */
export function removeUnit(unit: Unit): void {
  unit.life = 'dying';
}

/** Takes a unit whose last hook has run out of the model, and its application when that was its last one. */
export function dropUnit(state: ModelState, unit: Unit): void {
  leaveAllScopes(state, unit.name);
  state.units.delete(unit.name);
  for (const secret of [...state.secrets.values()]) {
    secret.consumers.delete(unit.name);
    if (secret.owner.kind === 'unit' && secret.owner.name === unit.name) state.secrets.delete(secret.id);
  }
  const app = state.applications.get(unit.app);
  if (!app) return;
  electLeader(state, app);
  if (app.life === 'dying') dropWhenEmpty(state, app);
}

/** @throws {ModelError} when there is no such application */
export function removeApplication(state: ModelState, name: string): void {
  const app = requireApplication(state, name);
  app.life = 'dying';
  for (const relation of [...state.relations.values()]) {
    const peer = relation.ends.length === 1;
    if (!peer && relation.ends.some((end) => end.app === name)) dismantle(state, relation);
  }
  for (const unit of unitsOf(state, name)) removeUnit(unit);
  dropWhenEmpty(state, app);
}

function dropWhenEmpty(state: ModelState, { name }: Application): void {
  if (unitsOf(state, name).length > 0) return;
  state.applications.delete(name);
  for (const relation of [...state.relations.values()]) {
    if (relation.ends.length === 1 && relation.ends[0]?.app === name) forgetRelation(state, relation);
  }
  for (const secret of [...state.secrets.values()]) {
    if (secret.owner.kind === 'application' && secret.owner.name === name) state.secrets.delete(secret.id);
  }
}

/** @returns whether anything differs: an equal config makes no event */
export function setConfig(state: ModelState, name: string, changes: ConfigChanges): boolean {
  const app = requireApplication(state, name);
  const config = changeConfig(name, app.charm, app.config, changes);
  const effective = (values: typeof config) =>
    JSON.stringify([...app.charm.options].map(([key, option]) => values.get(key) ?? option.default ?? null));
  const differs = effective(config) !== effective(app.config);
  app.config = config;
  if (differs) app.configVersion += 1;
  return differs;
}

/**
 * @throws {ModelError} when the new charm lacks an endpoint that is in use, as Juju refuses too
 */
export function refresh(state: ModelState, name: string, charm: Charm): void {
  const app = requireApplication(state, name);
  for (const relation of state.relations.values()) {
    for (const end of relation.ends) {
      if (end.app !== name || charm.endpoints.has(end.endpoint.name)) continue;
      throw new ModelError(
        `the new charm of '${name}' has no endpoint '${end.endpoint.name}', which relation ${relation.id} uses: remove it first`,
      );
    }
  }
  checkDefaults(charm);
  app.charm = charm;
  app.charmVersion += 1;
  // Options that are gone or of another type now are unset, as Juju does.
  for (const [key, value] of app.config) {
    try {
      changeConfig(name, charm, new Map(), { [key]: value });
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      app.config.delete(key);
    }
  }
  addPeerRelations(state, name, charm);
}

/** @throws {ModelError} when there is no such unit, or it is leaving */
export function moveLeadership(state: ModelState, name: string): void {
  const unit = requireUnit(state, name);
  if (unit.life === 'dying') throw new ModelError(`unit '${name}' is being removed: it can't become leader`);
  setLeader(requireApplication(state, unit.app), unit.name);
}

/**
 * @param name - `mimir/1`, or `mimir/leader`
 * @throws {ModelError} when there is none
 */
export function requireUnit(state: ModelState, name: string): Unit {
  const wanted = name.endsWith('/leader') ? leaderOf(state, name) : name;
  const unit = isUnitName(wanted) ? state.units.get(wanted) : undefined;
  if (unit) return unit;
  throw new ModelError(`no unit '${name}'; there are: ${listNames(state.units.keys())}`);
}

function leaderOf(state: ModelState, name: string): UnitName | '' {
  return requireApplication(state, name.replace(/\/leader$/, '')).leader ?? '';
}

function addressOf(app: number, unit: number): string {
  // 10.1.<application>.<unit>, spilling to the left for models that outgrow a byte.
  const line = app + Math.floor(unit / 250) * 1024;
  return `10.${1 + Math.floor(line / 256)}.${line % 256}.${(unit % 250) + 1}`;
}

function checkCount(count: number): void {
  if (Number.isInteger(count) && count >= 0 && count <= 250) return;
  throw new ModelError(`the number of units must be a whole number from 0 to 250, not ${count}`);
}
