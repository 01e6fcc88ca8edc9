import { toolError } from '../errors-from-tool.ts';
import type { HookEvent } from '../events.ts';
import type {
  ApplicationStatus,
  CloudCredential,
  Config,
  Databag,
  DatabagChanges,
  GoalState,
  HookTools,
  LogLevel,
  Network,
  Port,
  RelationMember,
  SecretContent,
  SecretInfo,
  SecretMetadata,
  SecretReference,
  SettableStatus,
  Status,
  StorageInfo,
} from '../hook-tools.ts';
import { parseUnitName, type UnitName } from '../unit-name.ts';
import { ActionBuffer } from './action-buffer.ts';
import type { Effects } from './effects.ts';
import { defaultGoalState } from './goal-state.ts';
import { Leadership } from './leadership.ts';
import { PortLedger } from './port-ledger.ts';
import { RelationBags } from './relation-bags.ts';
import { SecretLedger } from './secret-ledger.ts';
import type { ActionOutcome, Changes, UnitState } from './state.ts';
import { StatusBoard } from './status-board.ts';
import { StoredState } from './stored-state.ts';

/**
 * Juju's hook tools over one {@link UnitState}, for one hook: what they answer, what they refuse and in which words,
 * what they buffer. The state stays as it is; what the hook did is in {@link changes} and {@link action}, and what
 * took effect at once went to the {@link Effects}.
 *
 * Errors are {@link HookToolError}s: `message` is Juju's own text without `ERROR `, `exitCode` is Juju's own.
 * @see juju/juju: worker/uniter/runner/context/context.go
 */
export class MemoryHookTools implements HookTools {
  readonly #state: UnitState;
  readonly #event: HookEvent | undefined;
  readonly #effects: Effects;
  readonly #leadership: Leadership;
  readonly #relations: RelationBags;
  readonly #secrets: SecretLedger;
  readonly #ports: PortLedger;
  readonly #stored: StoredState;
  readonly #statuses: StatusBoard;
  readonly #action: ActionBuffer;
  readonly #storageAdds: { name: string; count: number }[] = [];

  constructor(state: UnitState, { event, effects = {} }: { event?: HookEvent; effects?: Effects } = {}) {
    this.#state = state;
    this.#event = event;
    this.#effects = effects;
    this.#leadership = new Leadership(() => effects.isLeader?.() ?? state.leader);
    this.#relations = new RelationBags(state, this.#leadership);
    this.#secrets = new SecretLedger(state, this.#leadership, effects);
    this.#ports = new PortLedger(state);
    this.#stored = new StoredState(state);
    this.#statuses = new StatusBoard(state, this.#leadership, effects);
    this.#action = new ActionBuffer(state);
  }

  /**
   * What the hook buffered, for when it has succeeded.
   * @throws {HookToolError} what Juju refuses only now, and fails the hook for: leadership lost after writing for
   * the application, changes to secrets that are not this unit's, charm state over 2 MiB
   */
  changes(): Changes {
    return {
      relationSettings: this.#relations.changes(),
      secrets: this.#secrets.changes(),
      stored: this.#stored.changes(),
      ...this.#ports.changes(),
      storageAdds: [...this.#storageAdds],
    };
  }

  /** What the action said so far. It counts even when the action's process fails. */
  action(): ActionOutcome {
    return this.#action.outcome();
  }

  async relationIds(endpoint: string): Promise<number[]> {
    return this.#relations.ids(endpoint);
  }

  async relationList(relationId: number): Promise<UnitName[]> {
    return this.#relations.members(relationId);
  }

  async relationListApp(relationId: number): Promise<string> {
    return this.#relations.find('relation-list', relationId).remoteApp;
  }

  async relationGet(member: RelationMember): Promise<Databag> {
    return this.#relations.get(member);
  }

  async relationSet(target: { relationId: number; app?: boolean; data: DatabagChanges }): Promise<void> {
    this.#relations.set(target);
  }

  async relationModelGet(relationId: number): Promise<{ uuid: string }> {
    const { remoteModelUuid } = this.#relations.find('relation-model-get', relationId);
    return { uuid: remoteModelUuid ?? this.#state.modelUuid };
  }

  async configGet(): Promise<Config> {
    return { ...this.#state.config };
  }

  async isLeader(): Promise<boolean> {
    return this.#leadership.check();
  }

  async statusSet(status: SettableStatus, message = ''): Promise<void> {
    this.#statuses.setUnit({ status, message });
  }

  async applicationStatusSet(status: SettableStatus, message = ''): Promise<void> {
    this.#statuses.setApplication({ status, message });
  }

  async statusGet(): Promise<Status> {
    return this.#statuses.unit();
  }

  async applicationStatusGet(): Promise<ApplicationStatus> {
    return this.#statuses.application();
  }

  async applicationVersionSet(version: string): Promise<void> {
    this.#effects.versionSet?.(version);
  }

  async jujuLog(level: LogLevel, message: string): Promise<void> {
    const event = this.#event;
    const prefix = event && 'relationId' in event ? `${event.endpoint}:${event.relationId}: ` : '';
    this.#effects.log?.(level, prefix + message);
  }

  async goalState(): Promise<GoalState> {
    return this.#effects.goalState?.() ?? defaultGoalState(this.#state);
  }

  async credentialGet(): Promise<CloudCredential> {
    if (this.#effects.credential) return this.#effects.credential();
    throw toolError('credential-get', 1, 'cannot access cloud credentials: permission denied');
  }

  async jujuReboot({ now = false }: { now?: boolean } = {}): Promise<void> {
    if (this.#state.actionParameters !== null) {
      throw toolError('juju-reboot', 1, 'juju-reboot is not supported when running an action.');
    }
    this.#effects.reboot?.(now);
  }

  async networkGet(binding: string, { relationId }: { relationId?: number } = {}): Promise<Network> {
    if (relationId !== undefined) this.#relations.find('network-get', relationId);
    const { networks } = this.#state;
    const network = own(networks, binding) ?? own(networks, 'default');
    if (network) return structuredClone(network);
    throw toolError('network-get', 1, `no network config found for binding "${binding}"`);
  }

  async unitGet(setting: 'private-address' | 'public-address'): Promise<string> {
    const { privateAddress, publicAddress } = this.#state;
    const known = { 'private-address': privateAddress, 'public-address': publicAddress };
    const address = own(known, setting);
    if (address === undefined) throw toolError('unit-get', 2, `unknown setting "${setting}"`);
    if (address === '') throw toolError('unit-get', 1, `${setting.replace('-', ' ')} not found`);
    return address;
  }

  async openPort(port: Port): Promise<void> {
    this.#ports.open(port);
  }

  async closePort(port: Port): Promise<void> {
    this.#ports.close(port);
  }

  async openedPorts(): Promise<Port[]> {
    return this.#ports.opened();
  }

  async secretAdd(
    content: SecretContent,
    metadata: SecretMetadata & { owner?: 'application' | 'unit' } = {},
  ): Promise<string> {
    return this.#secrets.add(content, metadata);
  }

  async secretSet(uri: string, changes: SecretMetadata & { content?: SecretContent }): Promise<void> {
    this.#secrets.set(uri, changes);
  }

  async secretGet(
    reference: SecretReference,
    options: { refresh?: boolean; peek?: boolean } = {},
  ): Promise<SecretContent> {
    return this.#secrets.get(reference, options);
  }

  async secretInfoGet(reference: SecretReference): Promise<SecretInfo> {
    return this.#secrets.info(reference);
  }

  async secretIds(): Promise<string[]> {
    return this.#secrets.ids();
  }

  async secretGrant(uri: string, target: { relationId: number; unit?: UnitName }): Promise<void> {
    this.#relations.find('secret-grant', target.relationId);
    this.#secrets.grant(uri, target);
  }

  async secretRevoke(
    uri: string,
    target: { relationId: number } | { app: string } | { unit: UnitName },
  ): Promise<void> {
    if ('relationId' in target) this.#relations.find('secret-revoke', target.relationId);
    this.#secrets.revoke(uri, target);
  }

  async secretRemove(uri: string, { revision }: { revision?: number } = {}): Promise<void> {
    this.#secrets.remove(uri, revision);
  }

  async stateGet(): Promise<Readonly<Record<string, string>>> {
    return this.#stored.all();
  }

  async stateSet(values: Readonly<Record<string, string>>): Promise<void> {
    this.#stored.set(values);
  }

  async stateDelete(key: string): Promise<void> {
    this.#stored.delete(key);
  }

  async actionGet(): ReturnType<HookTools['actionGet']> {
    return this.#action.parameters();
  }

  async actionSet(results: Readonly<Record<string, string>>): Promise<void> {
    this.#action.set(results);
  }

  async actionFail(message = ''): Promise<void> {
    this.#action.fail(message);
  }

  async actionLog(message: string): Promise<void> {
    this.#action.requireRunning('action-log');
    this.#effects.actionLog?.(message);
  }

  async storageList(name?: string): Promise<string[]> {
    const ids = Object.keys(this.#state.storages).sort();
    return name === undefined ? ids : ids.filter((id) => id.startsWith(`${name}/`));
  }

  async storageGet(storageId: string): Promise<StorageInfo> {
    const storage = own(this.#state.storages, storageId);
    if (storage) return { ...storage };
    throw toolError('storage-get', 2, `invalid value "${storageId}" for option -s: storage not found`);
  }

  async storageAdd(name: string, count = 1): Promise<void> {
    if (!Number.isInteger(count) || count < 1) {
      throw toolError('storage-add', 2, `storage instance count for "${name}" must be greater than zero`);
    }
    this.#storageAdds.push({ name, count });
  }

  async resourceGet(name: string): Promise<string> {
    const path = own(this.#state.resources, name);
    if (path !== undefined) return path;
    const { app } = parseUnitName(this.#state.unit);
    throw toolError('resource-get', 1, `could not download resource: resource "${app}/${name}" not found`);
  }
}

/** Looks up own properties only, so that nothing is found under `constructor`. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
