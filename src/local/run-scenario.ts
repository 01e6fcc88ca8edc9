import { createHash } from 'node:crypto';
import { type Activity, type CharmFunction, LocalModel, ModelError } from '#lib/juju-local';
import { Interrupted, UsageError } from './errors.ts';
import { differences } from './expectations.ts';
import { type GrafanaUnderTest, type RealGrafana, startGrafanas } from './grafana-under-test.ts';
import { charmFolder, type LoadedScenario, projectFolder } from './load-scenario.ts';
import { ReportedLink, type ScenarioResult } from './result.ts';
import type { ScenarioApplication, Step } from './scenario.ts';
import { shuffled } from './shuffle.ts';

export interface RunOptions {
  /** Use this one in place of an embedded Grafana. */
  readonly grafana?: RealGrafana;
  /** Relations are made, and events delivered, in an order that follows from this number. */
  readonly shuffle?: number;
  /** How long the model may take to settle, each time. Default 120 s. */
  readonly timeoutMs?: number;
  /** Called for crosslink's own hooks, in place of a process for each. */
  readonly charm?: CharmFunction;
  /** Ends the run: running hooks are killed, everything is taken down, and {@link Interrupted} is thrown. */
  readonly signal?: AbortSignal;
  readonly onActivity?: (activity: Activity) => void;
  /** Told before the model is built, and before each step. */
  readonly onPhase?: (description: string) => void;
}

/** A scenario that has been run and is still there to look at. Close it. */
export interface RunningScenario {
  readonly result: ScenarioResult;
  readonly grafanas: readonly GrafanaUnderTest[];
  readonly model: LocalModel;
  close(): Promise<void>;
}

const defaultTimeoutMs = 120_000;

/** Sooner than Juju, and not for ever: somebody is waiting for the end. */
const retry = { baseMs: 500, limit: 4 };

/**
 * Builds the model of a scenario, lets it settle, goes through the steps, and looks at how it ended.
 * @throws {Interrupted} `options.signal` was aborted
 * @throws {UsageError} the scenario asks for what can't be: an endpoint that no charm has, a Grafana that is away
 */
export async function runScenario(
  loaded: LoadedScenario,
  options: RunOptions = {},
): Promise<RunningScenario> {
  const { scenario } = loaded;
  const grafanas = await startGrafanas(scenario, options.grafana);
  let run: ScenarioRun | undefined;
  const close = async () => {
    await run?.model.close();
    await Promise.all(grafanas.map((grafana) => grafana.stop()));
  };
  try {
    const count = new HookCount();
    const model = await LocalModel.open({
      name: scenario.name,
      uuid: uuidOf(scenario.name),
      retry,
      ...(options.shuffle !== undefined && { seed: options.shuffle }),
      onActivity: (activity) => {
        count.activity(activity);
        options.onActivity?.(activity);
      },
    });
    run = new ScenarioRun(loaded, model, grafanas, count, options);
    await run.build();
    for (const step of scenario.steps) await run.take(step);
    return { result: await run.outcome(), grafanas, model, close };
  } catch (error) {
    await close();
    if (error instanceof ModelError)
      throw new UsageError(`${loaded.file}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Always the same for a scenario, and so are the UIDs: running it again on a real Grafana makes nothing twice. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(`crosslink scenario ${name}`).digest('hex');
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** Counts hooks, retries included, but no actions: those are the runner's own questions. */
class HookCount {
  hooks = 0;
  failedHooks = 0;

  activity(activity: Activity): void {
    if (activity.kind !== 'hook-ended' || activity.action) return;
    this.hooks += 1;
    if (activity.result === 'failed' || activity.result === 'terminated') this.failedHooks += 1;
  }
}

class ScenarioRun {
  readonly model: LocalModel;
  readonly #loaded: LoadedScenario;
  readonly #grafanas: readonly GrafanaUnderTest[];
  readonly #count: HookCount;
  readonly #options: RunOptions;
  #settled = true;
  /** Application name to the name of the Grafana that it is the gateway of. */
  readonly #gateways = new Map<string, string>();

  constructor(
    loaded: LoadedScenario,
    model: LocalModel,
    grafanas: readonly GrafanaUnderTest[],
    count: HookCount,
    options: RunOptions,
  ) {
    this.#loaded = loaded;
    this.model = model;
    this.#grafanas = grafanas;
    this.#count = count;
    this.#options = options;
  }

  async build(): Promise<void> {
    const { applications, relations } = this.#loaded.scenario;
    const { shuffle } = this.#options;
    this.#options.onPhase?.('deploy and relate');
    for (const [app, application] of Object.entries(applications)) await this.#deploy(app, application);
    const inOrder = shuffle === undefined ? relations : shuffled(relations, shuffle);
    for (const [a, b] of inOrder) this.model.relate(a, b);
    await this.#settle();
  }

  async take(step: Step): Promise<void> {
    this.#options.onPhase?.(describe(step));
    const { deploy, relate, unrelate, config, leader, refresh } = step;
    const { 'add-unit': add, 'remove-unit': unit, 'remove-application': app } = step;
    for (const [name, application] of Object.entries(deploy ?? {})) await this.#deploy(name, application);
    if (relate !== undefined) this.model.relate(...relate);
    if (unrelate !== undefined) this.model.removeRelation(...unrelate);
    if (add !== undefined) this.model.addUnit(add.app, add.count);
    if (unit !== undefined) this.model.removeUnit(unit);
    if (app !== undefined) this.model.removeApplication(app);
    if (config !== undefined) this.model.setConfig(config.app, config.set);
    if (leader !== undefined) this.model.setLeader(leader);
    if (refresh !== undefined) await this.model.refresh(refresh);
    await this.#settle();
  }

  async outcome(): Promise<ScenarioResult> {
    const links = await this.#links();
    await this.#settle();
    const { applications } = this.model.snapshot();
    const outcome = {
      scenario: this.#loaded.scenario.name,
      settled: this.#settled,
      hooks: this.#count.hooks,
      failedHooks: this.#count.failedHooks,
      applications: Object.entries(applications).map(([name, { units }]) => ({
        name,
        units: Object.entries(units).map(([name, { leader, status }]) => ({ name, leader, ...status })),
      })),
      grafanas: await Promise.all(
        this.#grafanas.map(async (grafana) => ({
          name: grafana.name,
          grafanaUid: this.#grafanaUid(grafana.name),
          url: grafana.url,
          datasources: await grafana.datasources(),
        })),
      ),
      links,
    };
    return { ...outcome, differences: differences(this.#loaded.scenario, outcome) };
  }

  async #deploy(app: string, application: ScenarioApplication): Promise<void> {
    const { charm, units, config, 'gateway-of': gatewayOf } = application;
    const folder = charm === undefined ? projectFolder : await charmFolder(charm, this.#loaded.file);
    const grafana = this.#grafanas.find(({ name }) => name === gatewayOf);
    if (grafana !== undefined) this.#gateways.set(app, grafana.name);
    const secret = `${app}-credentials`;
    const gateway = grafana && {
      'grafana-url': grafana.url,
      'grafana-token': this.model.addSecret({ name: secret, content: { token: grafana.token } }),
    };
    const run = charm === undefined ? this.#options.charm : undefined;
    await this.model.deploy({
      app,
      charm: folder,
      units,
      config: { ...gateway, ...config },
      ...(run !== undefined && { run }),
    });
    if (grafana !== undefined) this.model.grantSecret(secret, app);
  }

  async #settle(): Promise<void> {
    const { signal, timeoutMs = defaultTimeoutMs } = this.#options;
    const { settled } = await untilAborted(this.model.settle({ timeoutMs }), signal);
    this.#settled = settled;
  }

  /** What a gateway answered over its relations says who it is; the first that answered anything counts. */
  #grafanaUid(name: string): string | null {
    const gateways = new Set(
      [...this.#gateways].flatMap(([app, grafana]) => (grafana === name ? [app] : [])),
    );
    for (const { ends } of this.model.snapshot().relations) {
      for (const { app, appData } of ends) {
        if (gateways.has(app) && appData.grafana_uid !== undefined) return appData.grafana_uid;
      }
    }
    return null;
  }

  /** Asks each application that can explain itself, by the same action that an operator runs. */
  async #links(): Promise<ReportedLink[]> {
    const { applications } = this.model.snapshot();
    const reports = await Promise.all(
      Object.values(applications).map(async ({ units, actions }) => {
        const leader = Object.entries(units).find(([, unit]) => unit.leader)?.[0];
        if (leader === undefined || !actions.includes('explain')) return [];
        const { status, results } = await this.model.runAction(leader, 'explain', { format: 'json' });
        return status === 'completed' ? readLinks(results.links) : [];
      }),
    );
    return reports.flat();
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const interrupted = Promise.withResolvers<never>();
  const stop = () => interrupted.reject(new Interrupted());
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, interrupted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function readLinks(json: unknown): ReportedLink[] {
  if (typeof json !== 'string') return [];
  return ReportedLink.array().parse(JSON.parse(json));
}

/** A step as a person would say it: `add-unit app=mimir count=2`. */
function describe(step: Step): string {
  const [[verb, what] = ['', '']] = Object.entries(step);
  if (typeof what === 'string') return `${verb} ${what}`;
  if (Array.isArray(what)) return `${verb} ${what.join(' ')}`;
  const parts = Object.entries(what ?? {}).map(([key, value]) => {
    return `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`;
  });
  return [verb, ...parts].join(' ');
}
