import type { UnitName } from './unit-name.ts';

/** A databag: what one unit or one application says on one relation. Juju knows strings only. */
export type Databag = Readonly<Record<string, string>>;

/** What `relation-set` takes: an empty string deletes the key, which is Juju's own rule. */
export type DatabagChanges = Readonly<Record<string, string>>;

/** Options that an operator has not set and that have no default are absent. Secret options hold a URI. */
export type Config = Readonly<Record<string, string | number | boolean>>;

/** The statuses that a charm may set. */
export type SettableStatus = 'active' | 'waiting' | 'blocked' | 'maintenance';
/** The statuses that can be read back: Juju itself sets the last two. */
export type StatusName = SettableStatus | 'unknown' | 'error';

export interface Status {
  readonly status: StatusName;
  readonly message: string;
}

export interface ApplicationStatus extends Status {
  readonly units: Readonly<Record<UnitName, Status>>;
}

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** `endpoints` narrows it to those endpoints of the charm; without it the port is open for all. */
export interface Port {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  /** Absent for `icmp`. */
  readonly from?: number;
  /** Equal to `from` for a single port. */
  readonly to?: number;
  readonly endpoints?: readonly string[];
}

export interface NetworkAddress {
  readonly hostname: string;
  readonly value: string;
  readonly cidr: string;
}

/** All lists are `[]` where Juju omits them. */
export interface Network {
  readonly bindAddresses: readonly {
    readonly macAddress: string;
    readonly interfaceName: string;
    readonly addresses: readonly NetworkAddress[];
  }[];
  readonly ingressAddresses: readonly string[];
  readonly egressSubnets: readonly string[];
}

/** Content of a secret: keys of three or more characters, `^[a-z](-?[a-z0-9]){2,}$`. */
export type SecretContent = Readonly<Record<string, string>>;

/** By URI, by label, or both; with both, it is read by URI and remembered under the label. */
export type SecretReference =
  | { readonly uri: string; readonly label?: string }
  | { readonly uri?: undefined; readonly label: string };

export type SecretRotation = 'never' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';

export interface SecretMetadata {
  readonly label?: string;
  readonly description?: string;
  readonly rotate?: SecretRotation;
  /** An RFC 3339 time, or a Go duration such as `24h`. */
  readonly expire?: string;
}

export interface SecretInfo {
  /** Bare: without `secret:`. */
  readonly id: string;
  readonly revision: number;
  readonly label: string;
  readonly owner: 'application' | 'unit' | 'model';
  readonly description?: string;
  readonly rotation?: string;
  readonly expiry?: string;
}

export interface GoalStateEntry {
  readonly status: string;
  /** As Juju writes it, `2024-01-01 10:00:00Z`. */
  readonly since: string;
}

export interface GoalState {
  readonly units: Readonly<Record<UnitName, GoalStateEntry>>;
  /** By endpoint, then by remote application or unit. */
  readonly relations: Readonly<Record<string, Readonly<Record<string, GoalStateEntry>>>>;
}

export interface CloudCredential {
  readonly type: string;
  readonly name: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly credential?: { readonly authType: string; readonly attrs: Readonly<Record<string, string>> };
}

export interface StorageInfo {
  readonly kind: string;
  readonly location: string;
}

/** A value that Juju's action parameters can hold. */
export type ActionValue =
  | string
  | number
  | boolean
  | null
  | readonly ActionValue[]
  | { readonly [key: string]: ActionValue };

export interface RelationMember {
  readonly relationId: number;
  /** A unit for its bag, an application for the application's bag. */
  readonly of: UnitName | string;
}

/**
 * Everything a charm can ask of Juju, one method for each hook tool and of its name.
 *
 * Implementations: `hookTools` asks the agent over its socket, `processHookTools` spawns the tools, and
 * `MemoryHookTools` of `#lib/juju/testing` keeps all of it in memory. Every method rejects with a
 * {@link HookToolError}, whose `code` tells an expected condition (not the leader, relation gone, secret not found,
 * permission denied) from a bug.
 *
 * Writes to databags, state, ports and secrets are buffered by Juju and take effect only when the hook succeeds;
 * status, version and log lines take effect at once.
 * @see juju/juju: worker/uniter/runner/jujuc
 */
export interface HookTools {
  /** @returns ids of this endpoint's live relations in ascending order, `[]` for an unknown endpoint */
  relationIds(endpoint: string): Promise<number[]>;
  /** @returns the remote units that have joined, ordered by application and number */
  relationList(relationId: number): Promise<UnitName[]>;
  /** `relation-list --app`: works without any member, and in relation-broken. */
  relationListApp(relationId: number): Promise<string>;
  /** @returns the whole databag, `{}` when nothing was written */
  relationGet(member: RelationMember): Promise<Databag>;
  /** Merges into this unit's databag, or this application's with `app` (leader only). */
  relationSet(target: { relationId: number; app?: boolean; data: DatabagChanges }): Promise<void>;
  /** Juju 3.6.2 and later. */
  relationModelGet(relationId: number): Promise<{ uuid: string }>;

  configGet(): Promise<Config>;
  /** `true` is good for 30 s from the call. */
  isLeader(): Promise<boolean>;
  /** Takes effect at once, also when the hook fails later. */
  statusSet(status: SettableStatus, message?: string): Promise<void>;
  /** `status-set --application`: leader only. */
  applicationStatusSet(status: SettableStatus, message?: string): Promise<void>;
  /** As it was when first read in this hook: a later `statusSet` does not show. */
  statusGet(): Promise<Status>;
  /** Leader only. */
  applicationStatusGet(): Promise<ApplicationStatus>;
  applicationVersionSet(version: string): Promise<void>;
  jujuLog(level: LogLevel, message: string): Promise<void>;
  goalState(): Promise<GoalState>;
  /** Needs `juju trust`. */
  credentialGet(): Promise<CloudCredential>;
  /** `now` ends the hook at once and runs it again after the reboot. */
  jujuReboot(options?: { now?: boolean }): Promise<void>;

  networkGet(binding: string, options?: { relationId?: number }): Promise<Network>;
  unitGet(setting: 'private-address' | 'public-address'): Promise<string>;
  openPort(port: Port): Promise<void>;
  closePort(port: Port): Promise<void>;
  openedPorts(): Promise<Port[]>;

  /** @returns the new secret's URI, `secret:<id>` */
  secretAdd(
    content: SecretContent,
    metadata?: SecretMetadata & { owner?: 'application' | 'unit' },
  ): Promise<string>;
  /** Content replaces the whole of the old content; without it only metadata changes. */
  secretSet(uri: string, changes: SecretMetadata & { content?: SecretContent }): Promise<void>;
  /**
   * @param options.refresh - track the latest revision from now on
   * @param options.peek - read the latest revision this once
   */
  secretGet(
    reference: SecretReference,
    options?: { refresh?: boolean; peek?: boolean },
  ): Promise<SecretContent>;
  /** Owned secrets only; application-owned ones for the leader only. */
  secretInfoGet(reference: SecretReference): Promise<SecretInfo>;
  /** @returns bare ids, without `secret:` */
  secretIds(): Promise<string[]>;
  secretGrant(uri: string, target: { relationId: number; unit?: UnitName }): Promise<void>;
  secretRevoke(
    uri: string,
    target: { relationId: number } | { app: string } | { unit: UnitName },
  ): Promise<void>;
  /** Without `revision`, all of them. */
  secretRemove(uri: string, options?: { revision?: number }): Promise<void>;

  /** @returns all of the charm's state, `{}` when there is none */
  stateGet(): Promise<Readonly<Record<string, string>>>;
  stateSet(values: Readonly<Record<string, string>>): Promise<void>;
  stateDelete(key: string): Promise<void>;

  /** The parameters of the running action, defaults filled in. */
  actionGet(): Promise<Readonly<Record<string, ActionValue>>>;
  /** Keys may nest by dots: `links.total`. */
  actionSet(results: Readonly<Record<string, string>>): Promise<void>;
  /** Marks the action as failed; the process goes on. */
  actionFail(message?: string): Promise<void>;
  actionLog(message: string): Promise<void>;

  storageList(name?: string): Promise<string[]>;
  storageGet(storageId: string): Promise<StorageInfo>;
  storageAdd(name: string, count?: number): Promise<void>;
  /** @returns the path of the downloaded resource */
  resourceGet(name: string): Promise<string>;
}
