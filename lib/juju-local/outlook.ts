import type { UnitName } from '#lib/juju';
import type { Life } from './life.ts';

/** One relation as the controller shows it to one unit's agent. */
export interface RelationOutlook {
  readonly id: number;
  readonly endpoint: string;
  readonly peer: boolean;
  readonly life: Life;
  /** For a peer relation the unit's own application. */
  readonly remoteApp: string;
  /** Version of the remote application's bag; of a peer relation, the own application's. */
  readonly appVersion: number;
  /** Remote units in scope, with the versions of their bags. */
  readonly members: ReadonlyMap<UnitName, number>;
}

export interface SecretOutlook {
  readonly id: string;
  readonly label: string;
  readonly revision: number;
}

/** What the controller tells one unit's agent: with its memory, this decides on the next hook. Plain data. */
export interface Outlook {
  readonly unit: UnitName;
  readonly life: Life;
  readonly leader: boolean;
  /** Goes up when leadership changes hands. */
  readonly leaderTerm: number;
  readonly leaderSettingsVersion: number;
  /** False in Juju 4, which has no leader-settings-changed. */
  readonly legacyLeaderHooks: boolean;
  readonly configVersion: number;
  readonly charmVersion: number;
  readonly updateStatusTick: number;
  /** In the order in which the agent looks at them. */
  readonly relations: readonly RelationOutlook[];
  /** Secrets that this unit reads an old revision of, with the latest one. */
  readonly changedSecrets: readonly SecretOutlook[];
  /** Revisions of this unit's own secrets that nobody reads any more. */
  readonly obsoleteRevisions: readonly SecretOutlook[];
  /** Waiting actions, oldest first. */
  readonly actions: readonly { readonly id: string; readonly name: string }[];
}
