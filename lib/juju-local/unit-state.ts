import type { ActionValue, HookEvent, Network, Status, UnitName } from '#lib/juju';
import type { RelationState, SecretState, UnitState } from '#lib/juju/testing';
import type { AgentMemory } from './agent-memory.ts';
import type { Charm } from './charm.ts';
import { effectiveConfig } from './config.ts';
import { bagData } from './databags.ts';
import { endsFor } from './relations.ts';
import { isGranted } from './secrets.ts';
import { type ModelState, type Relation, type Secret, type Unit, unitsOf } from './state.ts';
import { applicationStatus } from './statuses.ts';

/** What one hook sees of the model: frozen when it starts, as Juju's hook context is. */
export function unitStateOf(
  state: ModelState,
  unit: Unit,
  event: HookEvent,
  actionParameters: Readonly<Record<string, ActionValue>> | null,
): UnitState {
  const app = state.applications.get(unit.app);
  if (!app) throw new Error(`unit ${unit.name} has no application`);
  const statuses = unitsOf(state, unit.app).map(({ name, status }): [UnitName, Status] => [name, status]);
  return {
    unit: unit.name,
    modelName: state.name,
    modelUuid: state.uuid,
    leader: app.leader === unit.name,
    config: effectiveConfig(app.charm, app.config),
    relations: [...state.relations.values()].flatMap(
      (relation) => relationState(relation, unit, event) ?? [],
    ),
    secrets: [...state.secrets.values()].map((secret) => secretState(state, secret, unit)),
    unitStatus: unit.status,
    applicationStatus: applicationStatus(state, app),
    unitStatuses: Object.fromEntries(statuses),
    workloadVersion: app.workloadVersion,
    openedPorts: unit.ports,
    stored: Object.fromEntries(unit.stored),
    networks: networksOf(app.charm, unit),
    privateAddress: unit.address,
    publicAddress: unit.address,
    storages: {},
    resources: {},
    actionParameters,
  };
}

/** @returns the relation as this unit sees it; undefined before it has entered and after it has left */
function relationState(relation: Relation, unit: Unit, event: HookEvent): RelationState | undefined {
  const ends = endsFor(relation, unit.app);
  const own = ends?.local.units.get(unit.name);
  if (!ends || !own?.inScope) return undefined;
  const { local, remote } = ends;
  const peer = local === remote;
  const inEvent = 'relationId' in event && event.relationId === relation.id ? event : undefined;
  const members = membersIn(unit.memory, relation.id, inEvent);
  const bags = [...remote.units]
    .filter(([name]) => name !== unit.name)
    .map(([name, { bag }]): [UnitName, Record<string, string>] => [name, bagData(bag)]);
  // A dying relation is out of relation-ids once its last unit has departed.
  const knows = (unit.memory.relations.get(relation.id)?.members.size ?? 0) > 0;
  return {
    id: relation.id,
    endpoint: local.endpoint.name,
    peer,
    remoteApp: remote.app,
    localAppData: bagData(local.bag),
    localUnitData: bagData(own.bag),
    remoteAppData: peer ? {} : bagData(remote.bag),
    remoteUnitsData: Object.fromEntries(bags),
    members,
    listed: peer || relation.life === 'alive' || knows,
  };
}

/** The units whose joined hook has run, with the one that joins now and without the one that departs. */
function membersIn(
  memory: AgentMemory,
  relationId: number,
  event: Extract<HookEvent, { relationId: number }> | undefined,
): UnitName[] {
  const members = new Set(memory.relations.get(relationId)?.members.keys());
  if (event?.kind === 'relation-joined') members.add(event.remoteUnit);
  if (event?.kind === 'relation-departed' && event.remoteUnit) members.delete(event.remoteUnit);
  return [...members];
}

function secretState(state: ModelState, secret: Secret, unit: Unit): SecretState {
  const { label: ownerLabel, ...metadata } = secret.metadata;
  const { owner } = secret;
  const consumer = secret.consumers.get(unit.name);
  // A follower's label for its application's secret is its own; the owner's label belongs to who manages it.
  const manages =
    (owner.kind === 'unit' && owner.name === unit.name) ||
    (owner.kind === 'application' && owner.name === unit.app);
  const label = manages ? (ownerLabel ?? consumer?.label) : consumer?.label;
  return {
    id: secret.id,
    owner,
    revisions: [...secret.revisions],
    granted: isGranted(state, secret, unit),
    ...(consumer?.revision === undefined ? {} : { trackedRevision: consumer.revision }),
    ...(label === undefined ? {} : { label }),
    metadata,
  };
}

/** All bindings are on one network. Every charm has the implicit endpoint juju-info. */
function networksOf({ endpoints, extraBindings }: Charm, unit: Unit): Record<string, Network> {
  const bindings = ['juju-info', ...endpoints.keys(), ...extraBindings];
  return Object.fromEntries(bindings.map((binding) => [binding, networkOf(unit)]));
}

function networkOf({ name, address }: Unit): Network {
  const hostname = name.replace('/', '-');
  return {
    bindAddresses: [
      {
        macAddress: '',
        interfaceName: 'eth0',
        addresses: [{ hostname, value: address, cidr: `${address}/32` }],
      },
    ],
    ingressAddresses: [address],
    egressSubnets: [`${address}/32`],
  };
}
