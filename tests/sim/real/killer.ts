import type { UnitName } from '#lib/juju';
import type { LocalModel } from '#lib/juju-local';
import type { Activity } from '#src/local';
import type { Exchange } from './connection.ts';

/** What a hook was at when it was killed, as far as it can be told from outside. */
export type Moment =
  | 'before it asked for anything'
  | 'at its agent'
  | 'reading from Grafana'
  | 'writing to Grafana'
  | 'after Grafana answered a write';

export const moments: readonly Moment[] = [
  'before it asked for anything',
  'at its agent',
  'reading from Grafana',
  'writing to Grafana',
  'after Grafana answered a write',
];

interface RunningHook {
  timer: NodeJS.Timeout | undefined;
  /** With Grafana, of this hook. */
  readonly exchanges: Exchange[];
  /** Of the moment of the kill. */
  atGrafana: Moment | undefined;
  killed: boolean;
}

/**
 * Kills hooks with SIGKILL: about one in four, at a moment drawn from the time that hooks take; and gateways' hooks
 * also right at their writes, which take too little of that time to be met by chance.
 */
export class Killer {
  /** Of hooks that a kill ended. */
  readonly kills = new Map<Moment, number>();
  /** Hooks that something else ended than themselves or this. */
  readonly unexplained: string[] = [];
  model: Pick<LocalModel, 'killHook'> | undefined;
  readonly #random: () => number;
  readonly #share: number;
  readonly #running = new Map<UnitName, RunningHook>();
  #typicalMs = 150;
  #stopped = false;

  constructor(random: () => number, share: number) {
    this.#random = random;
    this.#share = share;
  }

  get count(): number {
    return [...this.kills.values()].reduce((sum, count) => sum + count, 0);
  }

  activity(activity: Activity): void {
    if (activity.kind === 'hook-started') this.#started(activity.unit, activity.action);
    if (activity.kind === 'hook-ended') this.#ended(activity);
  }

  /** A gateway's request has come to what stands before its Grafana, or the answer goes back. */
  atGrafana(app: string, exchange: Exchange): void {
    for (const [unit, hook] of this.#running) {
      if (unit.split('/')[0] !== app) continue;
      if (!hook.exchanges.includes(exchange)) hook.exchanges.push(exchange);
      // Half before the answer, half after it: each write comes here twice.
      const isWrite = exchange.method !== 'GET';
      if (isWrite && !this.#stopped && this.#random() < this.#share / 2) {
        clearTimeout(hook.timer);
        // At once: the request goes on to Grafana and is carried out, and nobody is there to hear so.
        if (this.#random() < 0.5) this.#kill(unit, hook);
        else hook.timer = setTimeout(() => this.#kill(unit, hook), this.#random() * 5);
      }
    }
  }

  /** No hook is killed from now on. */
  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#running.values()) clearTimeout(timer);
  }

  #started(unit: UnitName, isAction: boolean): void {
    const hook: RunningHook = { timer: undefined, exchanges: [], atGrafana: undefined, killed: false };
    this.#running.set(unit, hook);
    // Whoever runs an action runs it again himself.
    if (isAction || this.#stopped || this.#random() >= this.#share) return;
    // Rarely in the first half of a hook, in which Node starts: there is nothing yet that could get lost.
    const after = this.#random() < 0.2 ? this.#random() * 0.5 : 0.5 + this.#random() * 0.5;
    hook.timer = setTimeout(() => this.#kill(unit, hook), after * this.#typicalMs);
  }

  #kill(unit: UnitName, hook: RunningHook): void {
    if (hook.killed) return;
    hook.atGrafana = momentAtGrafana(hook.exchanges);
    hook.killed = this.model?.killHook(unit) ?? false;
  }

  #ended(activity: Extract<Activity, { kind: 'hook-ended' }>): void {
    const { unit, result, toolCalls, durationMs } = activity;
    const hook = this.#running.get(unit);
    clearTimeout(hook?.timer);
    this.#running.delete(unit);
    if (result === 'ok') this.#typicalMs = 0.9 * this.#typicalMs + 0.1 * Math.min(durationMs, 1000);
    if (result !== 'terminated') return;
    if (hook?.killed !== true) {
      this.unexplained.push(`${unit} ${activity.hook}: something else ended it`);
      return;
    }
    const hasAsked = toolCalls.socket + toolCalls.processes > 0;
    const moment = hook.atGrafana ?? (hasAsked ? 'at its agent' : 'before it asked for anything');
    this.kills.set(moment, (this.kills.get(moment) ?? 0) + 1);
  }
}

function momentAtGrafana(exchanges: readonly Exchange[]): Moment | undefined {
  const open = exchanges.filter(({ state }) => state === 'asked');
  if (open.some(({ method }) => method !== 'GET')) return 'writing to Grafana';
  if (open.length > 0) return 'reading from Grafana';
  const wrote = exchanges.some(({ method, state }) => method !== 'GET' && state === 'answered');
  return wrote ? 'after Grafana answered a write' : undefined;
}
