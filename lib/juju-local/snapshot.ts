import type { Config, Port, Status, UnitName } from '#lib/juju';
import { effectiveConfig } from './config.ts';
import { bagData } from './databags.ts';
import type { Life } from './life.ts';
import { type ModelState, type RelationEnd, type SecretGrant, type SecretOwner, unitsOf } from './state.ts';
import { applicationStatus, unitStatus } from './statuses.ts';
import type { UnitAgent } from './unit-agent.ts';

export interface UnitSnapshot {
  readonly life: Life;
  readonly leader: boolean;
  readonly status: Status;
  readonly address: string;
  readonly ports: readonly Port[];
  readonly stored: Readonly<Record<string, string>>;
  /** The hook or action that runs now. */
  readonly currentHook: string | null;
  /** Actions that wait. Hooks don't queue up: each follows from what the charm has not been told yet. */
  readonly queueLength: number;
}

export interface ApplicationSnapshot {
  readonly charm: string;
  readonly life: Life;
  readonly status: Status;
  readonly workloadVersion: string;
  readonly config: Config;
  /** Names of the charm's actions. */
  readonly actions: readonly string[];
  readonly units: Readonly<Record<UnitName, UnitSnapshot>>;
}

export interface RelationEndSnapshot {
  readonly app: string;
  readonly endpoint: string;
  readonly appData: Readonly<Record<string, string>>;
  /** The units that are in the relation now. */
  readonly unitsData: Readonly<Record<UnitName, Readonly<Record<string, string>>>>;
}

export interface RelationSnapshot {
  readonly id: number;
  readonly interface: string;
  readonly life: Life;
  /** One end for a peer relation. */
  readonly ends: readonly RelationEndSnapshot[];
}

/** A secret, as `juju show-secret` tells of it: nothing of what is in it. */
export interface SecretSnapshot {
  readonly id: string;
  readonly owner: SecretOwner;
  /** The operator's name for it, or its owner's label; empty when it has none. */
  readonly label: string;
  /** Oldest first. */
  readonly revisions: readonly number[];
  readonly grants: readonly SecretGrant[];
}

/** A model at one moment. Plain data, detached from the model. */
export interface ModelSnapshot {
  readonly name: string;
  readonly uuid: string;
  readonly applications: Readonly<Record<string, ApplicationSnapshot>>;
  readonly relations: readonly RelationSnapshot[];
  readonly secrets: readonly SecretSnapshot[];
}

export function snapshotOf(state: ModelState, agents: ReadonlyMap<UnitName, UnitAgent>): ModelSnapshot {
  const applications = [...state.applications.values()].map((app): [string, ApplicationSnapshot] => {
    const units = unitsOf(state, app.name).map((unit): [UnitName, UnitSnapshot] => [
      unit.name,
      {
        life: unit.life,
        leader: app.leader === unit.name,
        status: { ...unitStatus(unit) },
        address: unit.address,
        ports: structuredClone(unit.ports),
        stored: Object.fromEntries(unit.stored),
        currentHook: agents.get(unit.name)?.currentHook ?? null,
        queueLength: agents.get(unit.name)?.waitingActions ?? 0,
      },
    ]);
    return [
      app.name,
      {
        charm: app.charm.name,
        life: app.life,
        status: { ...applicationStatus(state, app) },
        workloadVersion: app.workloadVersion,
        config: effectiveConfig(app.charm, app.config),
        actions: [...app.charm.actions.keys()],
        units: Object.fromEntries(units),
      },
    ];
  });
  return {
    name: state.name,
    uuid: state.uuid,
    applications: Object.fromEntries(applications),
    relations: [...state.relations.values()].map(({ id, interface: interfaceName, life, ends }) => ({
      id,
      interface: interfaceName,
      life,
      ends: ends.map(endSnapshot),
    })),
    secrets: [...state.secrets.values()].map(({ id, owner, name, metadata, revisions, grants }) => ({
      id,
      owner,
      label: name ?? metadata.label ?? '',
      revisions: revisions.map(({ revision }) => revision),
      grants: grants.map((grant) => ({ ...grant })),
    })),
  };
}

function endSnapshot({ app, endpoint, bag, units }: RelationEnd): RelationEndSnapshot {
  const bags = [...units]
    .filter(([, { inScope }]) => inScope)
    .map(([name, unit]) => [name, bagData(unit.bag)]);
  return { app, endpoint: endpoint.name, appData: bagData(bag), unitsData: Object.fromEntries(bags) };
}
