import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Activity, LocalModel, ModelError, readCharm } from '#lib/juju-local';
import { UsageError } from './errors.ts';
import { differences } from './expectations.ts';
import { type GrafanaUnderTest, startGrafanas } from './grafana-under-test.ts';
import { HookCount } from './hook-count.ts';
import { HookTraces } from './hook-traces.ts';
import { charmFolder, type LoadedScenario, projectFolder } from './load-scenario.ts';
import { uuidOf } from './model-uuid.ts';
import { phasesOf } from './phase.ts';
import { restlessness } from './restless.ts';
import { type ReportedDatasource, type ReportedLink, ReportedLinks, type ScenarioResult } from './result.ts';
import type { RunOptions } from './run-options.ts';
import type { ScenarioApplication, Step } from './scenario.ts';
import { shuffled } from './shuffle.ts';
import { untilAborted } from './until-aborted.ts';

/** A scenario that has been run and is still there to look at. Close it. */
export interface RunningScenario {
  readonly result: ScenarioResult;
  readonly grafanas: readonly GrafanaUnderTest[];
  readonly model: LocalModel;
  close(): Promise<void>;
}

const defaultTimeoutMs = 300_000;

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
  const started = await startGrafanas(scenario, options.grafana);
  let grafanas: readonly GrafanaUnderTest[] = started;
  let run: ScenarioRun | undefined;
  const close = async () => {
    await run?.model.close();
    await Promise.all(started.map((grafana) => grafana.stop()));
  };
  try {
    const { grafanaUrl = async ({ url }) => url } = options;
    grafanas = await Promise.all(started.map(async (one) => ({ ...one, url: await grafanaUrl(one) })));
    const count = new HookCount();
    const model = await LocalModel.open({
      name: scenario.name,
      uuid: uuidOf(scenario.name),
      retry: options.retry ?? retry,
      ...(options.shuffle !== undefined && { seed: options.shuffle }),
      ...(options.agentPath !== undefined && { agentPath: options.agentPath }),
      ...(options.agentSocket !== undefined && { agentSocket: options.agentSocket }),
      onActivity: (activity) => {
        if (!run?.isBeside(activity)) count.activity(activity);
        run?.hear(activity);
        options.onActivity?.(activity);
      },
    });
    run = new ScenarioRun(loaded, model, grafanas, count, options);
    const [building, ...taking] = phasesOf(scenario.steps);
    const waking = taking.pop();
    if (building !== undefined) await options.onPhase?.(building, model);
    await run.build();
    for (const [i, step] of scenario.steps.entries()) {
      const phase = taking[i];
      if (phase !== undefined) await options.onPhase?.(phase, model);
      await run.take(step);
    }
    if (waking !== undefined) await options.onPhase?.(waking, model);
    await run.wake();
    return { result: await run.outcome(), grafanas, model, close };
  } catch (error) {
    await close();
    if (error instanceof ModelError) {
      throw new UsageError(`${loaded.file}: ${error.message.trimEnd()}`, { cause: error });
    }
    if (isTemporaryFolderTrouble(error)) {
      const remedy = 'set TMPDIR to a folder that has room and can be written to';
      throw new UsageError(`no place for the model's files: ${error.message}; ${remedy}`, { cause: error });
    }
    throw error;
  }
}

/** The model keeps its files in the system's folder for temporary ones, which can be full, read-only or missing. */
function isTemporaryFolderTrouble(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error)) return false;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EROFS') return true;
  return 'path' in error && String(error.path).startsWith(join(tmpdir(), 'juju-local-'));
}

class ScenarioRun {
  readonly model: LocalModel;
  readonly #loaded: LoadedScenario;
  readonly #grafanas: readonly GrafanaUnderTest[];
  readonly #count: HookCount;
  readonly #options: RunOptions;
  readonly #hookTraces: HookTraces | undefined;
  #settled = true;
  /** Application name to the name of the Grafana that it is the gateway of. */
  readonly #gateways = new Map<string, string>();
  /** Applications that run crosslink, and no charm of the scenario's own. */
  readonly #crosslinks = new Set<string>();
  /** While somebody listens. */
  #heard: Activity[] | undefined;
  #restless: readonly string[] = [];

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
    const { otlpHttpUrl } = options;
    this.#hookTraces =
      otlpHttpUrl === undefined ? undefined : new HookTraces(model, loaded.scenario, otlpHttpUrl);
  }

  /** Whether it is of an application that is not the scenario's. */
  isBeside(activity: Activity): boolean {
    return activity.kind === 'hook-ended' && this.#hookTraces?.has(activity.unit) === true;
  }

  async build(): Promise<void> {
    const { applications, relations } = this.#loaded.scenario;
    const { shuffle } = this.#options;
    await this.#hookTraces?.deploy();
    for (const [app, application] of Object.entries(applications)) await this.#deploy(app, application);
    const inOrder = shuffle === undefined ? relations : shuffled(relations, shuffle);
    for (const [a, b] of inOrder) this.model.relate(a, b);
    await this.#settle();
  }

  async take(step: Step): Promise<void> {
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

  hear(activity: Activity): void {
    this.#heard?.push(activity);
  }

  /** Wakes everybody once more, as Juju does by the clock. A model that has not settled has things left to write. */
  async wake(): Promise<void> {
    if (!this.#settled) return;
    const before = await this.#datasources();
    const heard: Activity[] = [];
    this.#heard = heard;
    this.#count.end();
    this.model.fireUpdateStatus();
    await this.#settle();
    this.#heard = undefined;
    const after = await this.#datasources();
    const changes = this.#grafanas.map(({ name }, i) => {
      return { name, before: before[i] ?? [], after: after[i] ?? [] };
    });
    this.#restless = restlessness(heard, changes, (name) => {
      return this.#crosslinks.has(name.split('/')[0] ?? '');
    });
  }

  #datasources(): Promise<(readonly ReportedDatasource[])[]> {
    return Promise.all(this.#grafanas.map((grafana) => grafana.datasources()));
  }

  async outcome(): Promise<ScenarioResult> {
    const links = await this.#links();
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
          ...(this.#loaded.scenario.expect.correlations !== undefined && {
            correlations: await grafana.correlations(),
          }),
        })),
      ),
      links,
      restless: this.#restless,
    };
    return { ...outcome, differences: differences(this.#loaded.scenario, outcome) };
  }

  async #deploy(app: string, application: ScenarioApplication): Promise<void> {
    const { charm, units, config, 'gateway-of': gatewayOf } = application;
    const ours = this.#options.charmFolder ?? projectFolder;
    const folder = charm === undefined ? ours : await charmFolder(charm, this.#loaded.file);
    const grafana = this.#grafanas.find(({ name }) => name === gatewayOf);
    if (grafana !== undefined) this.#gateways.set(app, grafana.name);
    if (charm === undefined) this.#crosslinks.add(app);
    const secret = `${app}-credentials`;
    const gateway = grafana && {
      'grafana-url': grafana.url,
      'grafana-token': this.model.addSecret({ name: secret, content: { token: grafana.token } }),
    };
    const run = charm === undefined ? this.#options.charm : undefined;
    const read = await readCharm(folder);
    await this.model.deploy({
      app,
      charm: read,
      units,
      config: { ...gateway, ...config },
      ...(run !== undefined && { run }),
    });
    this.#hookTraces?.relate(app, read);
    if (grafana !== undefined) this.model.grantSecret(secret, app);
  }

  async #settle(): Promise<void> {
    const { signal, timeoutMs = defaultTimeoutMs } = this.#options;
    const { settled } = await untilAborted(this.model.settle({ timeoutMs }), signal);
    // Once is enough: what came after a time-out looked at a model that was still at work.
    this.#settled &&= settled;
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

  /**
   * Asks each application that can explain itself, by the same action that an operator runs. A unit whose first hook
   * fails never runs it: once nobody has anything left to do, no more answers come.
   */
  async #links(): Promise<ReportedLink[]> {
    const { applications } = this.model.snapshot();
    const leaders = Object.values(applications).flatMap(({ units, actions }) => {
      const leader = Object.entries(units).find(([, unit]) => unit.leader)?.[0];
      return leader !== undefined && actions.includes('explain') ? [leader] : [];
    });
    const answers = new Map<string, ReportedLink[]>();
    const asked = Promise.all(
      leaders.map(async (leader) => answers.set(leader, await this.#explained(leader))),
    );
    await this.#settle();
    // An answer that came last is still on its way through its promises.
    await Promise.race([asked, setImmediate()]);
    return leaders.flatMap((leader) => answers.get(leader) ?? []);
  }

  /** Another charm may have an action of that name that takes something else, or answers something else. */
  async #explained(unit: string): Promise<ReportedLink[]> {
    try {
      const { status, results } = await this.model.runAction(unit, 'explain', { format: 'json' });
      return status === 'completed' ? readLinks(results.links) : [];
    } catch (error) {
      if (error instanceof ModelError) return [];
      throw error;
    }
  }
}

function readLinks(json: unknown): ReportedLink[] {
  return ReportedLinks.safeParse(json).data ?? [];
}
