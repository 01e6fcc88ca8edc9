import type { HookEvent } from '../events.ts';
import { compareUnitNames, type UnitName } from '../unit-name.ts';
import type { RelationState, UnitState } from './state.ts';

const plainHooks = [
  'install',
  'start',
  'stop',
  'remove',
  'config-changed',
  'update-status',
  'upgrade-charm',
  'leader-elected',
  'leader-settings-changed',
] as const;

/**
 * The event of a hook's name. A relation hook is about the one relation of its endpoint, and about its first remote
 * unit where there is one (the last for departed). Pass an event in place of a name for anything else.
 * @throws {TypeError} when the name does not say enough
 */
export function eventOf(hook: string, state: UnitState): HookEvent {
  const plain = plainHooks.find((kind) => kind === hook);
  if (plain) return { kind: plain };
  const [, endpoint, kind] = /^(.+)-(relation-(?:created|joined|changed|departed|broken))$/.exec(hook) ?? [];
  if (endpoint !== undefined) return relationEvent(endpoint, kind as RelationKind, state);
  const [, workload] = /^(.+)-pebble-ready$/.exec(hook) ?? [];
  if (workload !== undefined) return { kind: 'pebble-ready', workload };
  throw new TypeError(`the name '${hook}' does not say enough: pass an event`);
}

type RelationKind =
  | 'relation-created'
  | 'relation-joined'
  | 'relation-changed'
  | 'relation-departed'
  | 'relation-broken';

function relationEvent(endpoint: string, kind: RelationKind, state: UnitState): HookEvent {
  const [relation, ...others] = state.relations.filter((one) => one.endpoint === endpoint);
  if (!relation) throw new TypeError(`there is no relation on the endpoint '${endpoint}'`);
  if (others.length > 0) throw new TypeError(`there are several relations on '${endpoint}': pass an event`);
  const fields = { endpoint, relationId: relation.id, remoteApp: relation.remoteApp };
  const units = (Object.keys(relation.remoteUnitsData) as UnitName[]).sort(compareUnitNames);
  const [first] = units;
  const last = units.at(-1);
  switch (kind) {
    case 'relation-created':
    case 'relation-broken':
      return { kind, ...fields };
    case 'relation-joined':
      if (!first) throw new TypeError(`no remote unit can have joined '${endpoint}'`);
      return { kind, ...fields, remoteUnit: first };
    case 'relation-changed':
      return { kind, ...fields, ...(first ? { remoteUnit: first } : {}) };
    case 'relation-departed':
      if (!last) throw new TypeError(`no remote unit can have departed from '${endpoint}'`);
      return { kind, ...fields, remoteUnit: last, departingUnit: last };
  }
}

/**
 * The state as it looks from within the hook: a departing unit is in no list, and neither is a broken relation.
 * @throws {TypeError} when Juju would not run this hook in this state
 */
export function duringEvent(event: HookEvent, state: UnitState): UnitState {
  if (event.kind === 'action') return { ...state, actionParameters: state.actionParameters ?? {} };
  if (state.actionParameters)
    throw new TypeError(`there are action parameters, but ${event.kind} is no action`);
  if (!('relationId' in event)) return state;
  const relation = state.relations.find(({ id }) => id === event.relationId);
  if (relation?.endpoint !== event.endpoint) {
    throw new TypeError(`there is no relation ${event.endpoint}:${event.relationId}`);
  }
  if (relation.peer && event.kind === 'relation-broken') {
    throw new TypeError('peer relations are never broken');
  }
  const remoteUnit = 'remoteUnit' in event ? event.remoteUnit : undefined;
  if (remoteUnit && !Object.hasOwn(relation.remoteUnitsData, remoteUnit)) {
    throw new TypeError(`${remoteUnit} is no remote unit of ${event.endpoint}:${event.relationId}`);
  }
  const changed = asSeenFrom(event, relation);
  return { ...state, relations: state.relations.map((one) => (one === relation ? changed : one)) };
}

function asSeenFrom(event: HookEvent, relation: RelationState): RelationState {
  const members = relation.members ?? (Object.keys(relation.remoteUnitsData) as UnitName[]);
  switch (event.kind) {
    case 'relation-broken':
      return { ...relation, members: [], listed: relation.listed ?? false };
    case 'relation-departed':
      return { ...relation, members: members.filter((unit) => unit !== event.remoteUnit) };
    default:
      return relation;
  }
}
