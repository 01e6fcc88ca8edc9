import type {
  ActionValue,
  Config,
  Databag,
  Network,
  Port,
  SecretContent,
  SecretMetadata,
  Status,
  StorageInfo,
} from '../hook-tools.ts';
import type { UnitName } from '../unit-name.ts';

/** One relation as one unit sees it when its hook starts. */
export interface RelationState {
  readonly id: number;
  readonly endpoint: string;
  readonly peer: boolean;
  /** For a peer relation, the unit's own application. */
  readonly remoteApp: string;
  /** Of a peer relation too: what this unit's own application says. */
  readonly localAppData: Databag;
  readonly localUnitData: Databag;
  /** `{}` for a peer relation, where the remote application is the local one. */
  readonly remoteAppData: Databag;
  /** Every unit whose bag can be read, the departing one included. For a peer relation, the other units. */
  readonly remoteUnitsData: Readonly<Record<UnitName, Databag>>;
  /** The units that `relation-list` shows; all of `remoteUnitsData` when absent. */
  readonly members?: readonly UnitName[];
  /** False keeps it out of `relation-ids`: a relation that is dying, in its broken hook. Default true. */
  readonly listed?: boolean;
  /** For `relation-model-get` of a cross-model relation; the unit's own model when absent. */
  readonly remoteModelUuid?: string;
}

/** One secret that this unit can see or owns, or knows the id of without a grant. */
export interface SecretState {
  /** Bare: without `secret:`. */
  readonly id: string;
  /** `model` is a secret of the operator's, made by `juju add-secret`. */
  readonly owner:
    | { readonly kind: 'model' }
    | { readonly kind: 'application' | 'unit'; readonly name: string };
  /** Oldest first; the last is the latest. */
  readonly revisions: readonly { readonly revision: number; readonly content: SecretContent }[];
  /** False for a consumer without a grant: reading it is `permission denied`. Owners can always read. */
  readonly granted: boolean;
  /** The revision this unit reads by default; the latest when absent. */
  readonly trackedRevision?: number;
  /** As owner or as consumer, whichever this unit is. */
  readonly label?: string;
  readonly metadata?: Omit<SecretMetadata, 'label'>;
}

/** All that hook tools can tell one unit when its hook starts. Plain data: two equal states behave alike. */
export interface UnitState {
  readonly unit: UnitName;
  readonly modelName: string;
  readonly modelUuid: string;
  readonly leader: boolean;
  readonly config: Config;
  readonly relations: readonly RelationState[];
  readonly secrets: readonly SecretState[];
  readonly unitStatus: Status;
  readonly applicationStatus: Status;
  /** For `status-get --application`: this application's units, this one included. */
  readonly unitStatuses: Readonly<Record<UnitName, Status>>;
  readonly workloadVersion: string;
  readonly openedPorts: readonly Port[];
  readonly stored: Readonly<Record<string, string>>;
  /** By endpoint or extra binding; `default` stands in for those not named. */
  readonly networks: Readonly<Record<string, Network>>;
  readonly privateAddress: string;
  /** Empty: the unit has none. */
  readonly publicAddress: string;
  readonly storages: Readonly<Record<string, StorageInfo>>;
  /** Resource name to path. */
  readonly resources: Readonly<Record<string, string>>;
  /** Parameters of the running action, or null when the event is no action. */
  readonly actionParameters: Readonly<Record<string, ActionValue>> | null;
}

/** A change to a secret, in the order in which the hook asked for it. */
export type SecretChange =
  | {
      readonly kind: 'add';
      readonly id: string;
      readonly owner: 'application' | 'unit';
      readonly content: SecretContent;
      readonly metadata: SecretMetadata;
    }
  | {
      readonly kind: 'set';
      readonly id: string;
      readonly content?: SecretContent;
      readonly metadata: SecretMetadata;
    }
  | { readonly kind: 'grant'; readonly id: string; readonly relationId: number; readonly unit?: UnitName }
  | {
      readonly kind: 'revoke';
      readonly id: string;
      readonly from: { relationId: number } | { app: string } | { unit: UnitName };
    }
  | { readonly kind: 'remove'; readonly id: string; readonly revision?: number };

/** A change of which revision a consumer reads, or of its label: takes effect at once, as in Juju. */
export interface SecretTracking {
  readonly id: string;
  readonly trackedRevision?: number;
  readonly label?: string;
}

/** What a hook buffered: takes effect only when the hook succeeds, and then as a whole. */
export interface Changes {
  /** Only keys whose value really differs from before the hook; `''` deletes. */
  readonly relationSettings: readonly {
    readonly relationId: number;
    readonly bag: 'app' | 'unit';
    readonly set: Readonly<Record<string, string>>;
  }[];
  readonly secrets: readonly SecretChange[];
  readonly stored: { readonly set: Readonly<Record<string, string>>; readonly deleted: readonly string[] };
  readonly openPorts: readonly Port[];
  readonly closePorts: readonly Port[];
  readonly storageAdds: readonly { readonly name: string; readonly count: number }[];
}

/** What an action said; sent when the action ends, also when it failed. */
export interface ActionOutcome {
  /** Nested by the dots in the keys, as Juju stores it. */
  readonly results: Readonly<Record<string, ActionValue>>;
  /** Null: it did not fail. */
  readonly failure: string | null;
}
