import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { type Activity, type CharmFunction, LocalModel } from '#lib/juju-local';
import { grafanaClient } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { ownArchitecture, pack, unpackCharm } from '#src/pack';
import { run } from '../charm/main.ts';

/** What one hook took, from the start of its dispatch to its end. */
export interface Figures {
  readonly wallMs: number;
  /** User and system, of all processes. */
  readonly cpuMs: number;
  /** Of the largest process; 10^6 bytes. */
  readonly peakMb: number;
}

/** Units whose hooks are measured. The leader of an application of one unit is unit 0. */
export const measured = { ours: 'ours/0', python: 'python/0', gateway: 'grafana/0' } as const;
export type Measured = keyof typeof measured;

const Line = z.object({
  wallMs: z.number(),
  cpuMs: z.number(),
  peakMb: z.number(),
  exitCode: z.literal(0, 'the hook failed'),
});

/** Peers are this project's charm too, called as a function: their hooks are not measured, and there are many. */
const asFunction: CharmFunction = (tools, context) => run({ tools, context, grafanaClient });

/**
 * One local model with a datasource of each kind, a Tempo that registers with a Grafana, exchanges with its peers and
 * links to them: ours from the packed charm, theirs from tests/interop/python. Both have the same peers and the same
 * Grafana. Its gateway is the packed charm as well; the peers register with it too, so that it has one relation more.
 */
export class HookWorld implements AsyncDisposable {
  readonly #folder: string;
  readonly #model: LocalModel;
  readonly #grafana: EmbeddedGrafana;
  readonly #activities: Activity[];
  /** Of the measured charms. */
  readonly #dispatches: string[] = [];
  #peers = 0;

  /** @param python - the interpreter of the Python charm, which measures as well */
  static async open(python: string): Promise<HookWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'crosslink-bench-'));
    const grafana = await EmbeddedGrafana.start();
    const activities: Activity[] = [];
    const model = await LocalModel.open({
      name: 'bench',
      retry: { limit: 0 },
      onActivity: (activity) => activities.push(activity),
    });
    const world = new HookWorld(folder, model, grafana, activities);
    try {
      await world.#deploy(python);
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
    return world;
  }

  private constructor(folder: string, model: LocalModel, grafana: EmbeddedGrafana, activities: Activity[]) {
    this.#folder = folder;
    this.#model = model;
    this.#grafana = grafana;
    this.#activities = activities;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model.close();
    await this.#grafana.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Adds peers until each of the two datasources has so many relations, and waits until nobody has news. */
  async grow(relations: number): Promise<void> {
    await this.#withoutDispatch(() => this.#addPeers(relations));
    do {
      this.#activities.length = 0;
      this.#model.fireUpdateStatus();
      await this.#settle();
    } while (this.#activities.some(({ kind }) => kind === 'databag-changed'));
    for (const app of ['ours', 'python']) assert.ok(this.#isLinked(app), `${app} links to none of its peers`);
  }

  async #addPeers(relations: number): Promise<void> {
    for (; this.#peers < relations - 1; this.#peers += 1) {
      const app = `peer${this.#peers}`;
      const type = this.#peers % 2 === 0 ? 'mimir' : 'loki';
      const config = { 'datasource-type': type, 'datasource-url': 'http://{app}:3100' };
      await this.#model.deploy({ app, charm: projectFolder, config, run: asFunction });
      this.#model.relate(`${app}:send-datasource`, 'ours:receive-datasource');
      this.#model.relate(`${app}:send-datasource`, 'python:receive-datasource');
      this.#model.relate(`${app}:grafana-source`, 'grafana:datasources');
    }
    await this.#settle();
  }

  /** Runs one update-status. @throws when it fails, or changes anything */
  async hook(which: Measured): Promise<Figures> {
    this.#activities.length = 0;
    this.#model.fireUpdateStatus(measured[which]);
    await this.#settle();
    const changed = this.#activities.filter(
      ({ kind }) => kind === 'databag-changed' || kind === 'unit-status',
    );
    // The Python charm sets its status each time, as those that it stands for do.
    assert.ok(which === 'python' || changed.length === 0, `${which}: the hook changed something`);
    const line = this.#activities.find(
      (activity) => activity.kind === 'log' && activity.message.startsWith('measured '),
    );
    assert.ok(line?.kind === 'log', `${which}: the hook was not measured`);
    return Line.parse(JSON.parse(line.message.slice('measured '.length)));
  }

  /** From now on ours has the agent's socket, or has to spawn hook tools. */
  async useSocket(yes: boolean): Promise<void> {
    const flag = join(this.#folder, flagName);
    await (yes ? rm(flag, { force: true }) : writeFile(flag, ''));
  }

  async #deploy(python: string): Promise<void> {
    const architecture = ownArchitecture();
    assert.ok(architecture !== undefined, `there is no packed charm for ${process.arch}`);
    const [packed] = await pack([architecture], this.#folder);
    const unpacked = join(this.#folder, 'unpacked');
    await unpackCharm(packed?.file ?? '', unpacked);
    const ours = await this.#measuredCharm('ours', unpacked, python);
    const theirs = await this.#measuredCharm(
      'theirs',
      join(projectFolder, 'tests/interop/python/charms/py-datasource'),
      python,
    );
    const config = { 'datasource-type': 'tempo', 'datasource-url': 'http://{app}:3200' };
    await this.#model.deploy({ app: 'ours', charm: ours, config });
    await this.#model.deploy({ app: 'python', charm: theirs, config });
    const token = this.#model.addSecret({ name: 'token', content: { token: this.#grafana.token } });
    const gateway = { 'grafana-url': this.#grafana.url, 'grafana-token': token };
    await this.#model.deploy({ app: 'grafana', charm: ours, config: gateway });
    this.#model.grantSecret('token', 'grafana');
    for (const app of ['ours', 'python']) this.#model.relate(`${app}:grafana-source`, 'grafana:datasources');
    // Units have links to the charms' files from now on, and to the dispatch that comes and goes.
    await this.#settle();
  }

  /**
   * @returns a folder like the charm's, whose dispatch measures update-status. It skips all other hooks: what they
   *   would have done update-status does as well, and with 200 relations a Python charm's would take an hour
   */
  async #measuredCharm(name: string, charm: string, python: string): Promise<string> {
    const folder = join(this.#folder, name);
    await mkdir(folder);
    for (const entry of await readdir(charm)) {
      await symlink(join(charm, entry), join(folder, entry === 'dispatch' ? 'dispatch.real' : entry));
    }
    const measure = join(import.meta.dirname, 'measure.py');
    const script = `#!/bin/sh
[ "$JUJU_DISPATCH_PATH" = hooks/update-status ] || exit 0
exec '${python}' -SE '${measure}' "$0.real" '${join(this.#folder, flagName)}'
`;
    const dispatch = join(folder, 'dispatch');
    await writeFile(dispatch, script, { mode: 0o755 });
    this.#dispatches.push(dispatch);
    return folder;
  }

  /** Without dispatch all hooks are skipped, and no process is started for them. */
  async #withoutDispatch(action: () => Promise<void>): Promise<void> {
    for (const file of this.#dispatches) await rename(file, `${file}.away`);
    await action();
    for (const file of this.#dispatches) await rename(`${file}.away`, file);
  }

  async #settle(): Promise<void> {
    const { settled, failedHooks } = await this.#model.settle({ timeoutMs: 600_000 });
    const logged = this.#activities.flatMap((activity) =>
      activity.kind === 'log' && ['WARNING', 'ERROR'].includes(activity.level) ? [activity.message] : [],
    );
    assert.deepEqual(failedHooks, [], logged.slice(-20).join('\n'));
    assert.ok(settled, 'the model has not settled');
  }

  #isLinked(app: string): boolean {
    return this.#model
      .snapshot()
      .relations.flatMap(({ ends }) => ends)
      .some((end) => end.app === app && (end.appData.grafana_source_data ?? '').includes('serviceMap'));
  }
}

const flagName = 'spawn-hook-tools';
