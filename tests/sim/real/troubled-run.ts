import type { LocalModel } from '#lib/juju-local';
import { randomFrom } from '#lib/juju-local';
import {
  type Activity,
  type AgentSocketForm,
  type LoadedScenario,
  type RunningScenario,
  runScenario,
} from '#src/local';
import { converse, ending } from '../../model/conversation.ts';
import { Ways } from '../../model/ways.ts';
import { firstDifference } from './difference.ts';
import { type FaultKind, outage, randomFaults } from './faults.ts';
import { Killer, type Moment } from './killer.ts';
import { changeJsonData, givePasswords, passwords } from './operator.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { Witness } from './witness.ts';

export interface TroubledRun {
  /** A line each; `[]`: it ended as an undisturbed one. */
  readonly problems: readonly string[];
  readonly hooks: number;
  readonly kills: ReadonlyMap<Moment, number>;
  readonly connections: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** How often everybody had to be woken, when all was well again, until nobody had anything left to do. */
  readonly rounds: number;
}

export interface TroubleOptions {
  readonly seed: number;
  readonly agentSocket: AgentSocketForm;
  /** Whether a datasource gets a password, and then another one, besides the scenario's steps. */
  readonly withPasswords: boolean;
  /** Of hooks that are killed. */
  readonly kills: number;
  /** Of connections to Grafana that something happens to. */
  readonly faults: number;
}

const timeoutMs = 120_000;
/** Once a Grafana is well again, the first round mends, and what follows from that may take another one. */
const mostRounds = 4;

/** How a scenario ends when nothing goes wrong, and its hooks are called as functions. */
export async function undisturbedEnding(loaded: LoadedScenario, withPasswords: boolean): Promise<unknown> {
  const running = await converse(loaded, {
    onPhase: async ({ number, of }, model) => {
      if (number < of) return;
      if (withPasswords) await givePasswords(loaded, model, timeoutMs);
      await changeJsonData(loaded, model, timeoutMs);
    },
  });
  try {
    const { differences, failedHooks } = running.result;
    if (differences.length > 0 || failedHooks > 0) {
      throw new Error(`undisturbed, too: ${failedHooks} hooks failed; ${differences.join('; ')}`);
    }
    return comparable(running);
  } finally {
    await running.close();
  }
}

/**
 * Runs a scenario with a process for each hook while hooks are killed and connections to Grafana go wrong; then lets
 * all be well and wakes everybody until nobody has anything left to do.
 * @param wanted - by {@link undisturbedEnding}
 */
export async function troubledRun(
  loaded: LoadedScenario,
  wanted: unknown,
  options: TroubleOptions,
): Promise<TroubledRun> {
  const trouble = new Trouble(loaded, options);
  const problems: string[] = [];
  try {
    const running = await runScenario(loaded, {
      shuffle: options.seed,
      agentSocket: options.agentSocket,
      // A hook is killed several times in a row now and then.
      retry: { baseMs: 30, limit: 12 },
      timeoutMs,
      grafanaUrl: (grafana) => trouble.before(grafana),
      onActivity: (activity) => trouble.activity(activity),
      onPhase: async ({ number, of }, model) => {
        trouble.model = model;
        if (number < of) return;
        const settled = !options.withPasswords || (await givePasswords(loaded, model, timeoutMs));
        if (!(await trouble.worsen(model)) || !settled) problems.push('it did not settle in trouble');
        problems.push(...(await trouble.end(model)));
      },
    });
    try {
      problems.push(...running.result.differences, ...trouble.problems());
      const difference = firstDifference(comparable(running), wanted);
      if (difference !== undefined) problems.push(`it ends otherwise than undisturbed: ${difference}`);
    } finally {
      await running.close();
    }
  } finally {
    await trouble.stop();
  }
  return { problems, ...trouble.figures() };
}

/** Which secret it is that a databag names differs from run to run. */
function comparable(running: RunningScenario): unknown {
  return JSON.parse(
    JSON.stringify(ending(running)).replace(/secret:(\/\/[0-9a-f-]{36}\/)?[0-9a-z]{20}/g, 'secret:any'),
  );
}

/** All that goes wrong in one run, and what is seen meanwhile. */
class Trouble {
  readonly #loaded: LoadedScenario;
  readonly #options: TroubleOptions;
  readonly #killer: Killer;
  readonly #witness = new Witness();
  readonly #proxies: TcpProxy[] = [];
  readonly #ways: Ways;
  readonly #failed: string[] = [];
  #hooks = 0;
  /** Databags, statuses and failures since the last look. */
  #changes: string[] = [];
  #rounds = 0;
  /** Per proxy, requests until all was well and quiet. */
  #quietFrom: number[] = [];

  constructor(loaded: LoadedScenario, options: TroubleOptions) {
    this.#loaded = loaded;
    this.#options = options;
    this.#ways = new Ways(loaded);
    this.#killer = new Killer(randomFrom(options.seed), options.kills);
    for (const password of passwords) this.#witness.secret('a password', password);
  }

  set model(model: LocalModel) {
    this.#killer.model = model;
    this.#witness.model = model;
  }

  /** Puts a proxy before a Grafana. @returns the proxy's URL */
  async before({ name, url, token }: { name: string; url: string; token: string }): Promise<string> {
    const { seed, faults } = this.#options;
    const random = randomFrom(seed * 31 + this.#proxies.length + 1);
    const [app = ''] =
      Object.entries(this.#loaded.scenario.applications).find(([, one]) => one['gateway-of'] === name) ?? [];
    this.#witness.secret(`the token of Grafana ${name}`, token);
    const proxy = await TcpProxy.start({
      target: url,
      faults: randomFaults(random, { share: faults, silences: 1 }),
      onRequest: (exchange) => this.#killer.atGrafana(app, exchange),
      onAnswer: (exchange) => this.#killer.atGrafana(app, exchange),
    });
    this.#proxies.push(proxy);
    return proxy.url;
  }

  activity(activity: Activity): void {
    this.#killer.activity(activity);
    this.#witness.activity(activity);
    this.#ways.activity(activity);
    if (activity.kind === 'hook-ended') {
      this.#hooks += 1;
      const { unit, hook, result } = activity;
      // Of a killed hook nothing is said here: it is run again. Expected trouble never fails one.
      if (result === 'failed') this.#failed.push(`${unit} failed in ${hook}`);
    }
    if (activity.kind === 'databag-changed') this.#changed('databag', activity.of);
    if (activity.kind === 'unit-status') this.#changed('status', activity.unit);
    if (activity.kind === 'application-status') this.#changed('status', activity.app);
  }

  /** All Grafanas are away while one of their datasources changes: whatever it was like before, this is to be mended. */
  async worsen(model: LocalModel): Promise<boolean> {
    const random = randomFrom(this.#options.seed);
    for (const proxy of this.#proxies) proxy.misbehave(outage(random));
    return changeJsonData(this.#loaded, model, timeoutMs);
  }

  /** All is well from now on, and everybody is woken until nobody has anything left to do. */
  async end(model: LocalModel): Promise<string[]> {
    this.#killer.stop();
    await Promise.all(this.#proxies.map((proxy) => proxy.behave()));
    do {
      this.#rounds += 1;
      this.#changes = [];
      this.#quietFrom = this.#proxies.map(({ exchanges }) => exchanges.length);
      model.fireUpdateStatus();
      const { settled, failedHooks } = await model.settle({ timeoutMs });
      if (!settled) return [`it does not settle when all is well again: ${JSON.stringify(failedHooks)}`];
    } while (this.#rounds < mostRounds && (this.#changes.length > 0 || this.#writes().length > 0));
    const left = [...this.#changes, ...this.#writes()];
    return left.length === 0 ? [] : [`after ${mostRounds} rounds there is still: ${left.join(', ')}`];
  }

  /** @returns what was wrong on the way; to be asked at the end, when everybody has been woken once more */
  problems(): string[] {
    this.#witness.look();
    return [
      ...this.#failed,
      ...this.#killer.unexplained,
      ...this.#witness.sightings,
      ...this.#ways.problems(this.#options.agentSocket),
      ...this.#writes().map((write) => `when all was quiet: ${write}`),
    ];
  }

  figures() {
    const faults: Partial<Record<FaultKind, number>> = {};
    for (const { struck } of this.#proxies) {
      for (const [kind, count] of Object.entries(struck) as [FaultKind, number][]) {
        faults[kind] = (faults[kind] ?? 0) + count;
      }
    }
    return {
      hooks: this.#hooks,
      kills: this.#killer.kills,
      connections: this.#proxies.reduce((sum, { connections }) => sum + connections, 0),
      faults,
      rounds: this.#rounds,
    };
  }

  async stop(): Promise<void> {
    this.#killer.stop();
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
  }

  /** Other charms of a scenario may say the same over and over. */
  #changed(what: string, whose: string): void {
    const application = this.#loaded.scenario.applications[whose.split('/')[0] ?? ''];
    if (application?.charm === undefined) this.#changes.push(`${what} of ${whose}`);
  }

  #writes(): string[] {
    return this.#proxies.flatMap(({ exchanges }, i) =>
      exchanges
        .slice(this.#quietFrom[i])
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `${method} ${path}`),
    );
  }
}
