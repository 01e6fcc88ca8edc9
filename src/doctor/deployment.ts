import type { Databag } from '#lib/juju';

/** The relation interfaces that the doctor knows about; everything else in a model is passed over. */
export const interfaces = ['grafana_datasource', 'grafana_datasource_exchange'] as const;
export type Interface = (typeof interfaces)[number];

export interface DeployedUnit {
  readonly name: string;
  readonly leader: boolean;
  /** Workload status, as `juju status` has it: `active`, `error`. */
  readonly status: string;
  /** Only of a unit in error, where Juju itself says which hook failed; charms' own messages are left out. */
  readonly message: string;
}

export interface DeployedApplication {
  readonly model: string;
  readonly name: string;
  readonly units: readonly DeployedUnit[];
  /** The databags of at least one unit were looked at: what others wrote to this application is known. */
  readonly shown: boolean;
}

export interface RelationUnit {
  /** As the model has it that this was read from. */
  readonly name: string;
  readonly number: number;
  /** The unit is in the relation now; its databag is not shown while it is not. */
  readonly inScope: boolean;
  readonly data: Databag;
}

/** One application's side of a relation. */
export interface RelationEnd {
  /** Null: the application is in a model that was not looked at. `app` is then what this model calls it. */
  readonly model: string | null;
  readonly app: string;
  readonly endpoint: string;
  /** Null where it can't be seen: of a relation across models, a model shows only what the other side wrote. */
  readonly appData: Databag | null;
  /** By unit number. Of an application whose databags can't be seen from here, only those that show their own. */
  readonly units: readonly RelationUnit[];
}

export interface DeployedRelation {
  /** The model that it was read from; of one across two models that were both looked at, the offering one. */
  readonly model: string;
  /** Null where Juju did not say, which it does not of a relation without any data in it. */
  readonly id: number | null;
  readonly interface: Interface;
  readonly ends: readonly [RelationEnd, RelationEnd];
}

export interface DeployedModel {
  /** What it is called in all output, and in `model` of everything else; unique. */
  readonly name: string;
  readonly applications: readonly DeployedApplication[];
}

/** One or more Juju models at one moment, as far as datasources are concerned. Plain data. */
export interface Deployment {
  readonly models: readonly DeployedModel[];
  readonly relations: readonly DeployedRelation[];
}
