import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { ActionValue, SecretContent, UnitName } from '#lib/juju';
import { actionParameters } from './action-params.ts';
import type { ActionResult } from './action-run.ts';
import type { Activity } from './activity.ts';
import { type Charm, readCharm } from './charm.ts';
import { type Clock, realClock } from './clock.ts';
import type { ConfigChanges } from './config.ts';
import { Engine, type SettleResult } from './engine.ts';
import { ModelError } from './errors.ts';
import type { CharmFunction } from './hook-function.ts';
import { ModelDirectory } from './model-directory.ts';
import * as operator from './operator.ts';
import { randomFrom } from './random.ts';
import { describe, dismantle, findRelation, relate, requireApplication } from './relations.ts';
import { jujuRetry, type RetryPolicy } from './retry.ts';
import { addRevision, checkSecretContent, newSecretId, requireSecret } from './secrets.ts';
import { type ModelSnapshot, snapshotOf } from './snapshot.ts';
import { emptyState, type ModelState } from './state.ts';
import type { AgentSocketForm } from './unit-directory.ts';
import { withoutHistory } from './without-history.ts';

export interface ModelOptions {
  readonly name: string;
  /** Default: a random one. */
  readonly uuid?: string;
  /** Where units have their directories; kept at close. Default: a temporary one, removed at close. */
  readonly directory?: string;
  /** What charms see; with 3.x also leader-settings-changed is run. Default: 3.6.9. */
  readonly jujuVersion?: string;
  /** How many hooks run at one time. Default: one for each core. */
  readonly concurrency?: number;
  /** Makes the order between relations and between units random, and ids, the same for the same seed. */
  readonly seed?: number;
  /** Default: Juju's, 5 s doubling up to 5 min, without end. */
  readonly retry?: Partial<RetryPolicy>;
  /** A hook that takes longer is ended and has failed. Default: ten minutes. */
  readonly hookTimeoutMs?: number;
  /** How the unit agents' socket is addressed, for charms that speak to it. Default: `file`, as by Juju today. */
  readonly agentSocket?: AgentSocketForm;
  /** What is on the PATH of hooks after the hook tools, and all that is when empty. Default: this process's PATH. */
  readonly agentPath?: string;
  /** Default: real time. */
  readonly clock?: Clock;
  onActivity?(activity: Activity): void;
}

export interface DeployOptions {
  readonly app: string;
  /** The folder of an unpacked charm, or what was read of it. It is used in place and must stay. */
  readonly charm: string | Charm;
  /** Default: 1. */
  readonly units?: number;
  readonly config?: ConfigChanges;
  /** Called for each hook in place of running the charm's executable. */
  readonly run?: CharmFunction;
}

/**
 * A Juju model on this machine: it runs the real `dispatch` of any charm, with Juju's events, hook tools and rules
 * for databags. Its methods are what an operator can do. What charms do of it happens in the background:
 * {@link settle} waits for that.
 *
 * Operators' mistakes throw {@link ModelError}, which says what to do.
 */
export class LocalModel {
  readonly #state: ModelState;
  readonly #engine: Engine;
  readonly #directory: ModelDirectory;
  readonly #random: (() => number) | undefined;
  #nextActionId = 1;
  #closed = false;

  private constructor(state: ModelState, options: ModelOptions, directory: ModelDirectory) {
    this.#state = state;
    this.#directory = directory;
    this.#random = options.seed === undefined ? undefined : randomFrom(options.seed);
    this.#engine = new Engine(state, {
      directory,
      jujuVersion: options.jujuVersion ?? '3.6.9',
      concurrency: Math.max(1, options.concurrency ?? availableParallelism()),
      random: this.#random,
      retry: { ...jujuRetry, ...options.retry },
      hookTimeoutMs: options.hookTimeoutMs ?? 10 * 60 * 1000,
      agentSocket: options.agentSocket ?? 'file',
      agentPath: options.agentPath ?? process.env.PATH ?? '/usr/bin:/bin',
      clock: options.clock ?? realClock,
      onActivity: (activity) => options.onActivity?.(activity),
    });
  }

  static async open(options: ModelOptions): Promise<LocalModel> {
    const directory = new ModelDirectory(options.directory);
    // One that can't be made is the caller's mistake, and no hook's.
    if (options.directory !== undefined) await directory.place();
    return new LocalModel(emptyState(options.name, options.uuid ?? randomUUID()), options, directory);
  }

  /**
   * Another model with the same applications, units, leaders, config, relations and operator's secrets, in which no
   * charm has said anything yet, and none is due a hook: for a look at what would be without all that went before. To
   * be called when this one has settled.
   * @param options.run - an application's charm as a function; default: the one that it has
   */
  withoutHistory({
    run,
    ...options
  }: Omit<ModelOptions, 'name' | 'uuid' | 'directory'> & {
    readonly run?: (app: string) => CharmFunction | undefined;
  } = {}): LocalModel {
    const state = withoutHistory(this.#state, (app) => (run ? run(app.name) : app.run));
    const { name, uuid } = state;
    return new LocalModel(state, { ...options, name, uuid }, new ModelDirectory(undefined));
  }

  get name(): string {
    return this.#state.name;
  }

  get uuid(): string {
    return this.#state.uuid;
  }

  async deploy({ app, charm, units = 1, config = {}, run }: DeployOptions): Promise<void> {
    const read = typeof charm === 'string' ? await readCharm(charm) : charm;
    // Where it can't be made, the caller hears of it and no hook.
    if (run === undefined) await this.#directory.place();
    this.#change(() => operator.deploy(this.#state, { app, charm: read, units, config, run }));
  }

  /** @returns the names of the new units */
  addUnit(app: string, count = 1): UnitName[] {
    return this.#change(() => operator.addUnits(this.#state, app, count)).map(({ name }) => name);
  }

  /** The unit runs departed, broken, stop and remove first. A unit in error stays until that is resolved. */
  removeUnit(unit: string): void {
    this.#change(() => operator.removeUnit(operator.requireUnit(this.#state, unit)));
  }

  removeApplication(app: string): void {
    this.#change(() => operator.removeApplication(this.#state, app));
  }

  /**
   * @param a - `tempo:grafana-source`; without the endpoint when only one pair fits
   * @returns the relation's id
   */
  relate(a: string, b: string): number {
    return this.#change(() => relate(this.#state, a, b)).id;
  }

  /** @param which - an id, or one of its two ends */
  removeRelation(which: number | string, other?: string): void {
    this.#change(() => {
      const relation = findRelation(this.#state, which, other);
      if (relation.ends.length === 1)
        throw new ModelError(`${describe(relation)} is a peer relation: it stays`);
      dismantle(this.#state, relation);
    });
  }

  /** @param changes - `null` goes back to the charm's default */
  setConfig(app: string, changes: ConfigChanges): void {
    this.#change(() => operator.setConfig(this.#state, app, changes));
  }

  /** Runs upgrade-charm, with what the charm's files say now, or with another charm. */
  async refresh(app: string, { charm }: { charm?: string | Charm } = {}): Promise<void> {
    const now = charm ?? requireApplication(this.#state, app).charm.folder;
    const read = typeof now === 'string' ? await readCharm(now) : now;
    this.#change(() => operator.refresh(this.#state, app, read));
  }

  setLeader(unit: string): void {
    this.#change(() => operator.moveLeadership(this.#state, unit));
  }

  /** @param grantTo - applications that may read it @returns its URI, for a config option */
  addSecret({
    name,
    content,
    grantTo = [],
  }: {
    name: string;
    content: SecretContent;
    grantTo?: string[];
  }): string {
    return this.#change(() => {
      checkSecretContent(content);
      const taken = [...this.#state.secrets.values()].some((secret) => secret.name === name);
      if (taken)
        throw new ModelError(`there is a secret '${name}' already: update it, or choose another name`);
      for (const app of grantTo) requireApplication(this.#state, app);
      const id = newSecretId(this.#random);
      this.#state.secrets.set(id, {
        id,
        owner: { kind: 'model' },
        name,
        revisions: [{ revision: 1, content: { ...content } }],
        metadata: {},
        grants: grantTo.map((app) => ({ app })),
        consumers: new Map(),
      });
      return `secret:${id}`;
    });
  }

  /** @param secret - an operator's, by URI or name */
  grantSecret(secret: string, app: string): void {
    this.#change(() => {
      requireApplication(this.#state, app);
      const { grants } = this.#operatorSecret(secret);
      if (!grants.some((grant) => grant.app === app)) grants.push({ app });
    });
  }

  revokeSecret(secret: string, app: string): void {
    this.#change(() => {
      const found = this.#operatorSecret(secret);
      found.grants = found.grants.filter((grant) => grant.app !== app);
    });
  }

  /** Who has read it gets secret-changed. */
  updateSecret(secret: string, content: SecretContent): void {
    this.#change(() => {
      checkSecretContent(content);
      addRevision(this.#operatorSecret(secret), content);
    });
  }

  /** Without `unit`, for all of them. Juju does so every five minutes; here only the operator does. */
  fireUpdateStatus(unit?: string): void {
    this.#change(() => {
      const units =
        unit === undefined ? this.#state.units.values() : [operator.requireUnit(this.#state, unit)];
      for (const one of units) one.updateStatusTick += 1;
    });
  }

  /** A reboot of its machine (`start`); with `pod`, a Kubernetes pod that is made anew and has lost its files. */
  restart(unit: string, { pod = false }: { pod?: boolean } = {}): void {
    this.#change(() => this.#engine.agent(operator.requireUnit(this.#state, unit).name).restart({ pod }));
  }

  /** @param unit - `grafana/0` or `grafana/leader` @returns what the action said; it never rejects for that */
  async runAction(
    unit: string,
    action: string,
    params: Readonly<Record<string, ActionValue>> = {},
  ): Promise<ActionResult> {
    const { name, app } = operator.requireUnit(this.#state, unit);
    const parameters = actionParameters(requireApplication(this.#state, app).charm, action, params);
    const id = String(this.#nextActionId);
    this.#nextActionId += 1;
    this.#checkOpen();
    return new Promise((resolve) => {
      const outcome = { results: {}, failure: null };
      this.#engine.agent(name).addAction({ id, name: action, parameters, log: [], outcome, resolve });
      this.#engine.changed();
    });
  }

  /**
   * Kills what a unit runs at this moment, as a machine does that is out of memory. The agent runs a hook again after a
   * while; an action has failed.
   * @param options.afterCommit - lets the hook end and its changes be taken, and kills the agent before it has written
   * down that the hook was run: it runs it again; an action ends as ever. Default: killed now, and its changes are lost
   * @returns false when nothing runs there
   */
  killHook(unit: string, { afterCommit = false }: { afterCommit?: boolean } = {}): boolean {
    this.#checkOpen();
    return this.#engine.agent(operator.requireUnit(this.#state, unit).name).killHook({ afterCommit });
  }

  /** Ends a unit's error: runs the failed hook again at once, or takes it as done. */
  resolve(unit: string, { retry = true }: { retry?: boolean } = {}): void {
    this.#change(() => {
      const { name } = operator.requireUnit(this.#state, unit);
      if (!this.#engine.agent(name).resolve({ retry }))
        throw new ModelError(`unit '${name}' is not in error`);
    });
  }

  /** Waits until no unit has anything left to do, at most `timeoutMs` (default: a minute). */
  async settle({ timeoutMs = 60_000 }: { timeoutMs?: number } = {}): Promise<SettleResult> {
    return this.#engine.settle(timeoutMs);
  }

  snapshot(): ModelSnapshot {
    return snapshotOf(this.#state, this.#engine.agents);
  }

  /** Ends running hooks, and removes the model's directory unless the caller chose it. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#engine.close();
    await this.#directory.remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #operatorSecret(reference: string) {
    const secret = requireSecret(this.#state, reference);
    if (secret.owner.kind === 'model') return secret;
    throw new ModelError(
      `secret '${reference}' belongs to ${secret.owner.name}: only its charm may change it`,
    );
  }

  #change<T>(operation: () => T): T {
    this.#checkOpen();
    const result = operation();
    this.#engine.changed();
    return result;
  }

  #checkOpen(): void {
    if (this.#closed) throw new ModelError(`model '${this.#state.name}' is closed`);
  }
}
