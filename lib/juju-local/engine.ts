import type { UnitName } from '#lib/juju';
import type { Activity } from './activity.ts';
import type { Clock } from './clock.ts';
import type { Failure } from './hook-outcome.ts';
import { killLeftovers } from './hook-process.ts';
import type { ModelDirectory } from './model-directory.ts';
import { ModelWatch } from './model-watch.ts';
import { dropUnit } from './operator.ts';
import { shuffled } from './random.ts';
import type { RetryPolicy } from './retry.ts';
import type { ModelState } from './state.ts';
import { type AgentWorld, UnitAgent } from './unit-agent.ts';
import type { AgentSocketForm } from './unit-directory.ts';

export interface EngineOptions {
  readonly directory: ModelDirectory;
  readonly jujuVersion: string;
  readonly concurrency: number;
  /** Where order and ids come from; undefined: order is the same each time, and ids are guessed by nobody. */
  readonly random: (() => number) | undefined;
  readonly retry: RetryPolicy;
  readonly hookTimeoutMs: number;
  readonly agentSocket: AgentSocketForm;
  readonly agentPath: string;
  readonly clock: Clock;
  onActivity(activity: Activity): void;
}

export interface SettleResult {
  /** False: the time was up, or a unit stays in error. */
  readonly settled: boolean;
  /** Hooks and actions that ended since the last settle, attempts counted one by one. */
  readonly hooks: number;
  /** Hooks that failed since the last settle, or still do. `recovered`: it went well later. */
  readonly failedHooks: readonly (Failure & { readonly recovered: boolean })[];
}

/** Runs the hooks of all units, several at a time, as long as there are any. */
export class Engine {
  readonly agents = new Map<UnitName, UnitAgent>();
  readonly #state: ModelState;
  readonly #world: AgentWorld;
  readonly #concurrency: number;
  readonly #random: (() => number) | undefined;
  readonly #watch = new ModelWatch();
  readonly #running = new Set<Promise<void>>();
  readonly #removing = new Set<Promise<void>>();
  readonly #failures = new Map<string, Failure & { recovered: boolean }>();
  #waiting: (() => void)[] = [];
  #hooks = 0;
  #runs = 0;
  #busy = 0;
  #pumping = false;
  #closed = false;
  /** An error of this library: reported by whoever waits next. */
  #bug: unknown;

  constructor(state: ModelState, options: EngineOptions) {
    const { random, concurrency, jujuVersion, ...rest } = options;
    this.#state = state;
    this.#concurrency = concurrency;
    this.#random = random;
    this.#world = {
      ...rest,
      onActivity: options.onActivity,
      state,
      jujuVersion,
      legacyLeaderHooks: jujuVersion.startsWith('3.'),
      random,
      shuffle: random && ((items) => shuffled(items, random)),
      changed: () => this.changed(),
      onFailure: (failure) => {
        this.#failures.set(`${failure.unit} ${failure.hook}`, { ...failure, recovered: false });
      },
      onRecovery: (unit, hook) => {
        const failure = this.#failures.get(`${unit} ${hook}`);
        if (failure) failure.recovered = true;
      },
      onUnitGone: (name) => this.#dropUnit(name),
    };
  }

  /** Something changed that may give units an event. Cheap: many changes in one turn are looked at once. */
  changed(): void {
    if (this.#closed) return;
    this.#tellChanges();
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  agent(name: UnitName): UnitAgent {
    this.adopt();
    const agent = this.agents.get(name);
    if (!agent) throw new Error(`unit ${name} has no agent`);
    return agent;
  }

  /** Gives new units their agents. */
  adopt(): void {
    for (const unit of this.#state.units.values()) {
      if (!this.agents.has(unit.name)) this.agents.set(unit.name, new UnitAgent(this.#world, unit));
    }
  }

  /** Resolves when no unit has an event left, or when the time is up. */
  async settle(timeoutMs: number): Promise<SettleResult> {
    this.#pump();
    let inTime = true;
    if (!this.#isQuiet(this.#ready().length)) {
      let forget: (() => void) | undefined;
      const late = new Promise<boolean>((resolve) => {
        forget = this.#world.clock.after(timeoutMs, () => resolve(false));
      });
      const quiet = new Promise<boolean>((resolve) => this.#waiting.push(() => resolve(true)));
      inTime = await Promise.race([quiet, late]);
      forget?.();
    }
    if (this.#bug !== undefined) throw this.#bug;
    const failedHooks = [...this.#failures.values()].map((failure) => ({ ...failure }));
    const hooks = this.#hooks;
    this.#hooks = 0;
    for (const [key, { recovered }] of this.#failures) if (recovered) this.#failures.delete(key);
    return { settled: inTime && failedHooks.every(({ recovered }) => recovered), hooks, failedHooks };
  }

  /** Ends all hooks and waits until they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const agent of this.agents.values()) agent.close();
    await Promise.allSettled(this.#running);
    // An agent that was only preparing its hook has made its channel since.
    for (const agent of this.agents.values()) agent.close();
    killLeftovers(this.#world);
    await Promise.all(this.#removing);
    this.agents.clear();
    this.#wakeWaiting();
  }

  #pump(): void {
    if (this.#closed) return;
    this.adopt();
    for (const agent of [...this.agents.values()]) {
      if (agent.canVanish) this.#dropUnit(agent.unit.name);
      else agent.syncScopes();
    }
    // Asked once: that one of them starts makes no other one ready.
    const ready = this.#ready();
    if (!this.#random) ready.sort((a, b) => a.lastRun - b.lastRun);
    while (this.#running.size < this.#concurrency) {
      const agent = this.#take(ready);
      if (!agent) break;
      this.#start(agent);
    }
    this.#tellBusy(ready);
    if (this.#isQuiet(ready.length)) this.#wakeWaiting();
  }

  #ready(): UnitAgent[] {
    return [...this.agents.values()].filter((agent) => agent.isReady());
  }

  /** Who has waited longest; any of those that are ready when order is random. */
  #take(ready: UnitAgent[]): UnitAgent | undefined {
    const which = this.#random ? Math.floor(this.#random() * ready.length) : 0;
    return ready.splice(which, 1)[0];
  }

  #start(agent: UnitAgent): void {
    this.#runs += 1;
    agent.lastRun = this.#runs;
    const run = agent
      .runNext()
      .catch((error: unknown) => {
        this.#bug ??= error;
        this.#wakeWaiting();
      })
      .finally(() => {
        this.#hooks += 1;
        this.#running.delete(run);
        this.changed();
      });
    this.#running.add(run);
  }

  /** @param ready - how many units have a hook to run that has not begun */
  #isQuiet(ready: number): boolean {
    if (this.#closed || this.#bug !== undefined) return true;
    const waits = [...this.agents.values()].some((agent) => agent.awaitsRetry);
    return this.#running.size === 0 && !waits && ready === 0;
  }

  /** @param ready - the agents that have a hook to run which has not begun */
  #tellBusy(ready: readonly UnitAgent[]): void {
    const busy = [...this.agents.values()].filter((agent) => agent.isRunning || agent.awaitsRetry);
    // One that waits to run its hook again may have an action to run.
    const units = new Set([...busy, ...ready]).size;
    if (units === this.#busy) return;
    this.#busy = units;
    this.#world.onActivity({ kind: 'busy', units });
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #dropUnit(name: UnitName): void {
    const agent = this.agents.get(name);
    if (!agent) return;
    dropUnit(this.#state, agent.unit);
    agent.close();
    this.agents.delete(name);
    // What its hooks left running may still write there: then the rest goes with the model's own directory.
    const removing = agent
      .removeFiles()
      .catch(() => undefined)
      .finally(() => this.#removing.delete(removing));
    this.#removing.add(removing);
    this.#tellChanges();
  }

  #tellChanges(): void {
    for (const change of this.#watch.look(this.#state)) this.#world.onActivity(change);
  }
}
