import type { HookEvent, UnitName } from '#lib/juju';
import { actionCancelled, actionResult } from './action-result.ts';
import type { ActionRun } from './action-run.ts';
import { type LifecycleKind, remember } from './agent-memory.ts';
import { hookName } from './hook-name.ts';
import { type Failure, failureOf, outcomeOf } from './hook-outcome.ts';
import { type HookResult, type HookRun, type HookWorld, runHook } from './hook-run.ts';
import type { ModelDirectory } from './model-directory.ts';
import { nextHook } from './next-hook.ts';
import { outlookOf } from './observe.ts';
import type { Outlook } from './outlook.ts';
import { randomHex } from './random.ts';
import { enterScopes, leaveAllScopes, leaveScope } from './relations.ts';
import { type RetryPolicy, retryDelayMs } from './retry.ts';
import type { Application, Unit } from './state.ts';
import { unitStatus } from './statuses.ts';
import { type HookPlace, placeOfFunction, UnitFiles } from './unit-files.ts';

export interface AgentWorld extends HookWorld {
  readonly directory: ModelDirectory;
  readonly legacyLeaderHooks: boolean;
  readonly retry: RetryPolicy;
  readonly shuffle: (<T>(items: readonly T[]) => T[]) | undefined;
  onFailure(failure: Failure): void;
  onRecovery(unit: UnitName, hook: string): void;
  onUnitGone(unit: UnitName): void;
}

type Parked = {
  readonly event: HookEvent;
  readonly failure: Failure;
  due: boolean;
  /** Takes the next attempt back; undefined when none is to come by itself. */
  forget: (() => void) | undefined;
};

interface Running {
  readonly event: HookEvent;
  /** Undefined while its place is being made. */
  hook: HookRun | undefined;
  /** The agent is to die before it has written down that the hook was run. */
  forgotten: boolean;
}

/** A unit's agent: runs the unit's hooks, one at a time, and remembers what they told the charm. */
export class UnitAgent {
  readonly unit: Unit;
  readonly #world: AgentWorld;
  readonly #files: UnitFiles;
  readonly #actions: ActionRun[] = [];
  #parked: Parked | undefined;
  #running: Running | undefined;
  #closed = false;
  /** For the model's fair queue: when the last hook began. */
  lastRun = 0;

  constructor(world: AgentWorld, unit: Unit) {
    this.unit = unit;
    this.#world = world;
    this.#files = new UnitFiles(unit.name, world.directory, world.agentSocket);
  }

  get currentHook(): string | null {
    return this.#running ? hookName(this.#running.event) : null;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get failure(): Failure | undefined {
    return this.#parked?.failure;
  }

  /** It will run again by itself, only not yet. */
  get awaitsRetry(): boolean {
    return this.#parked?.forget !== undefined;
  }

  get waitingActions(): number {
    return this.#actions.length;
  }

  /**
   * Enters new relations, so that the other side sees this unit: Juju does so as soon as the agent hears of them.
   * Leaves those that ended before their relation-created ran: no broken hook will do it.
   */
  syncScopes(): void {
    const { state } = this.#world;
    const { memory, life, name } = this.unit;
    if (memory.installed && life === 'alive') enterScopes(state, this.unit);
    const current = [this.#running?.event, this.#parked?.event];
    for (const relation of [...state.relations.values()]) {
      const isAbout = (event: HookEvent | undefined) =>
        event !== undefined && 'relationId' in event && event.relationId === relation.id;
      const told = memory.relations.has(relation.id) || current.some(isAbout);
      if (relation.life === 'dying' && !told) leaveScope(state, relation, name);
    }
  }

  /** Nothing of its charm has run, so there is nothing to wind down. */
  get canVanish(): boolean {
    const { life, memory } = this.unit;
    return life === 'dying' && !memory.installed && !this.#running && !this.#parked;
  }

  /** After {@link close}. */
  removeFiles(): Promise<void> {
    return this.#files.remove();
  }

  isReady(): boolean {
    return this.#running === undefined && this.#next(this.#outlook()) !== undefined;
  }

  addAction(action: ActionRun): void {
    this.#actions.push(action);
  }

  /** The agent's process starts anew; with `pod`, in a fresh container that holds nothing of the unit's files. */
  restart({ pod }: { pod: boolean }): void {
    if (!this.unit.memory.started) return;
    if (pod) this.#files.lose();
    const queue: readonly LifecycleKind[] = pod
      ? ['stop', 'upgrade-charm', 'config-changed', 'start']
      : ['start'];
    // The hook that runs now, or is to be run again, is the first of those that wait: it stays so.
    const waiting = this.unit.memory.queue;
    const current = (this.#running ?? this.#parked)?.event.kind;
    const begun = waiting[0] === current ? waiting.slice(0, 1) : [];
    this.unit.memory = { ...this.unit.memory, queue: [...begun, ...queue, ...waiting.slice(begun.length)] };
  }

  /** @returns false when no hook of this unit has failed */
  resolve({ retry }: { retry: boolean }): boolean {
    const parked = this.#parked;
    if (!parked) return false;
    parked.forget?.();
    if (retry) this.#parked = { ...parked, due: true, forget: undefined };
    else {
      this.#recover();
      this.#after(parked.event, this.#outlook());
    }
    return true;
  }

  /** Runs the next hook to its end. Never rejects for what a charm can do. */
  async runNext(): Promise<void> {
    const outlook = this.#outlook(this.#world.shuffle);
    const event = this.#next(outlook);
    if (!event || this.#running) return;
    const running: Running = { event, hook: undefined, forgotten: false };
    this.#running = running;
    try {
      const action = event.kind === 'action' ? this.#actions.shift() : undefined;
      await this.#run(running, outlook, action);
    } finally {
      this.#running = undefined;
    }
  }

  /**
   * As the kernel that is out of memory does it, to the hook or to the agent itself.
   * @returns false when no hook or action runs
   */
  killHook({ afterCommit }: { afterCommit: boolean }): boolean {
    const running = this.#running;
    if (!running?.hook) return false;
    if (afterCommit) running.forgotten = true;
    else running.hook.kill();
    return true;
  }

  /** Ends the hook that runs, if any, and gives everything back. */
  close(): void {
    this.#closed = true;
    this.#parked?.forget?.();
    this.#running?.hook?.kill();
    this.#files.close();
    for (const action of this.#actions.splice(0)) action.resolve(actionCancelled('the unit is gone'));
  }

  #outlook(shuffle?: AgentWorld['shuffle']): Outlook {
    return outlookOf(this.#world.state, this.unit, {
      legacyLeaderHooks: this.#world.legacyLeaderHooks,
      actions: this.#actions,
      ...(shuffle ? { shuffle } : {}),
    });
  }

  /** Nothing but actions runs beside a hook that failed. */
  #next(outlook: Outlook): HookEvent | undefined {
    const parked = this.#parked;
    if (!parked) return nextHook(this.unit.memory, outlook);
    const [action] = this.unit.memory.installed ? this.#actions : [];
    if (action) return { kind: 'action', action: action.name, actionId: action.id };
    return parked.due ? parked.event : undefined;
  }

  async #run(running: Running, outlook: Outlook, action?: ActionRun) {
    const { unit } = this;
    const world = this.#world;
    const { event } = running;
    const app = world.state.applications.get(unit.app);
    if (!app) throw new Error(`unit ${unit.name} has no application`);
    const place = await this.#place(app, event);
    if (this.#closed) {
      action?.resolve(actionCancelled('the unit is gone'));
      this.#files.close();
      return;
    }
    const hook = hookName(event);
    const attempt = event.kind === 'action' ? 1 : (this.#parked?.failure.attempts ?? 0) + 1;
    const began = world.clock.now();
    const isAction = event.kind === 'action';
    world.onActivity({ kind: 'hook-started', unit: unit.name, hook, action: isAction, attempt });
    this.#setJujuStatus(event, 'before');
    const contextId = `${unit.name}-${hook}-${randomHex(16, world.random)}`;
    running.hook = runHook(world, unit, app, event, { ...place, contextId }, action);
    const result = await running.hook.result;
    const ended = outcomeOf(result);
    const outcome = running.forgotten && ended === 'ok' ? 'terminated' : ended;
    world.onActivity({
      kind: 'hook-ended',
      unit: unit.name,
      hook,
      action: isAction,
      attempt,
      result: outcome,
      exitCode: result.exit.kind === 'exited' ? result.exit.exitCode : null,
      durationMs: world.clock.now() - began,
      toolCalls: result.toolCalls,
    });
    for (const bag of result.bags) world.onActivity({ kind: 'databag-changed', ...bag });
    if (action) action.resolve(actionResult(unit.name, action, result));
    else if (outcome === 'ok' || outcome === 'skipped') {
      this.#setJujuStatus(event, 'after');
      if (this.#parked) this.#recover();
      this.#after(event, outlook);
      if (result.reboot === 'after') this.restart({ pod: false });
    } else this.#park(event, result, attempt, outcome === 'terminated');
  }

  async #place(app: Application, event: HookEvent): Promise<HookPlace> {
    if (app.run) return placeOfFunction(app.charm);
    return this.#files.prepare(app.charm, app.charmVersion, event);
  }

  #after(event: HookEvent, outlook: Outlook): void {
    const { state } = this.#world;
    this.unit.memory = remember(this.unit.memory, outlook, event);
    if (event.kind === 'relation-broken') {
      const relation = state.relations.get(event.relationId);
      if (relation) leaveScope(state, relation, this.unit.name);
    }
    // Peer relations have no broken hook: they end here.
    if (this.unit.memory.stopped) leaveAllScopes(state, this.unit.name);
    if (this.unit.memory.removed) this.#world.onUnitGone(this.unit.name);
  }

  #park(event: HookEvent, result: HookResult, attempts: number, terminated: boolean): void {
    if (this.#closed) return;
    const world = this.#world;
    const { unit } = this;
    const hook = hookName(event);
    const failure = failureOf(unit.name, hook, result, attempts);
    const parked: Parked = { event, failure, due: result.reboot === 'now', forget: undefined };
    this.#parked = parked;
    if (parked.due) return;
    // A hook that something else ended is only run again; one that failed puts its unit in error.
    if (!terminated) {
      unit.failedHook = hook;
      world.onActivity({ kind: 'unit-status', unit: unit.name, status: unitStatus(unit) });
    }
    world.onFailure(failure);
    const delayMs = retryDelayMs(world.retry, attempts);
    if (delayMs === undefined) return;
    parked.forget = world.clock.after(delayMs, () => {
      parked.forget = undefined;
      parked.due = true;
      world.changed();
    });
  }

  #recover(): void {
    const hook = this.#parked?.failure.hook;
    this.#parked = undefined;
    this.unit.failedHook = null;
    if (hook === undefined) return;
    this.#world.onRecovery(this.unit.name, hook);
    this.#world.onActivity({ kind: 'unit-status', unit: this.unit.name, status: this.unit.status });
  }

  /** The statuses that Juju sets for a charm that has not spoken yet. */
  #setJujuStatus(event: HookEvent, when: 'before' | 'after'): void {
    const { unit } = this;
    if (unit.statusSetByCharm) return;
    if (event.kind === 'install' && when === 'before') {
      unit.status = { status: 'maintenance', message: 'installing charm software' };
    } else if (event.kind === 'start' && when === 'after') unit.status = { status: 'unknown', message: '' };
    else return;
    this.#world.onActivity({ kind: 'unit-status', unit: unit.name, status: unit.status });
  }
}
