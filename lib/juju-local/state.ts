import type { Port, SecretContent, SecretMetadata, Status, UnitName } from '#lib/juju';
import type { AgentMemory } from './agent-memory.ts';
import type { Charm, Endpoint, OptionValue } from './charm.ts';
import type { Bag } from './databags.ts';
import type { CharmFunction } from './hook-function.ts';
import type { Life } from './life.ts';

export interface Application {
  readonly name: string;
  /** Counts applications up, for addresses. */
  readonly index: number;
  life: Life;
  charm: Charm;
  /** In place of the charm's executable. */
  readonly run: CharmFunction | undefined;
  /** Goes up with every refresh. */
  charmVersion: number;
  /** Only what the operator set. */
  config: Map<string, OptionValue>;
  configVersion: number;
  /** Null only while it has no units. */
  leader: UnitName | null;
  /** Goes up when leadership changes hands. */
  leaderTerm: number;
  /** Of the deprecated leader-get and leader-set. */
  readonly leaderSettings: Bag;
  /** Null: the charm never set it, so that it follows from the units' statuses. */
  status: Status | null;
  workloadVersion: string;
  nextUnitNumber: number;
}

export interface Unit {
  readonly name: UnitName;
  readonly app: string;
  readonly number: number;
  /** Counts units up over the whole model: its machine. */
  readonly machine: number;
  readonly address: string;
  life: Life;
  /** As the charm set it, or Juju before the charm did. */
  status: Status;
  statusSetByCharm: boolean;
  /** The hook that failed last and waits to be run again. */
  failedHook: string | null;
  ports: Port[];
  readonly stored: Map<string, string>;
  /** Goes up each time the operator fires update-status. */
  updateStatusTick: number;
  memory: AgentMemory;
}

/** A unit's part in a relation. It stays, for reading, after the unit has left. */
export interface RelationUnit {
  readonly bag: Bag;
  inScope: boolean;
}

/** One side of a relation. */
export interface RelationEnd {
  readonly app: string;
  readonly endpoint: Endpoint;
  readonly bag: Bag;
  readonly units: Map<UnitName, RelationUnit>;
}

export interface Relation {
  readonly id: number;
  readonly interface: string;
  life: Life;
  /** One end for a peer relation, otherwise provider and requirer. */
  readonly ends: readonly RelationEnd[];
}

export type SecretOwner =
  | { readonly kind: 'model' }
  | { readonly kind: 'application' | 'unit'; readonly name: string };

/** Who may read a secret besides its owner. With a relation, only while that relation is there. */
export interface SecretGrant {
  readonly app: string;
  readonly unit?: UnitName;
  readonly relationId?: number;
}

/** A consumer's own view: it keeps reading one revision until it asks for a newer one. */
export interface SecretConsumer {
  revision: number | undefined;
  label: string | undefined;
}

export interface Secret {
  /** Bare: 20 characters. */
  readonly id: string;
  readonly owner: SecretOwner;
  /** The operator's name for a `model` secret. */
  readonly name: string | undefined;
  /** Oldest first; never empty. */
  revisions: { readonly revision: number; readonly content: SecretContent }[];
  metadata: SecretMetadata;
  grants: SecretGrant[];
  readonly consumers: Map<UnitName, SecretConsumer>;
}

/** All that a Juju controller would know of the model. Changed only by the functions beside it. */
export interface ModelState {
  readonly name: string;
  readonly uuid: string;
  readonly applications: Map<string, Application>;
  readonly units: Map<UnitName, Unit>;
  readonly relations: Map<number, Relation>;
  readonly secrets: Map<string, Secret>;
  nextRelationId: number;
  nextApplicationIndex: number;
  nextMachine: number;
}

export function emptyState(name: string, uuid: string): ModelState {
  return {
    name,
    uuid,
    applications: new Map(),
    units: new Map(),
    relations: new Map(),
    secrets: new Map(),
    nextRelationId: 0,
    nextApplicationIndex: 0,
    nextMachine: 0,
  };
}

/** @returns the application's units, by unit number */
export function unitsOf(state: ModelState, app: string): Unit[] {
  return [...state.units.values()].filter((unit) => unit.app === app).sort((a, b) => a.number - b.number);
}
