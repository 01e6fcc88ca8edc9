import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Activity, type CharmFunction, type ConfigChanges, LocalModel } from '#lib/juju-local';
import { grafanaClient } from '#src/grafana';
import { type DatasourceSnapshot, EmbeddedGrafana } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { run } from '../../../charm/main.ts';

export const modelUuid = '11111111-2222-4333-8444-555555555555';
const charms = join(import.meta.dirname, 'charms');

export type Bag = Readonly<Record<string, string>>;
export interface Bags {
  readonly app: Bag;
  readonly unit: Bag;
}

/** How an application registers: of the charm library `grafana_source`. */
export type SourceGeneration = 'v0' | 'v1-unit' | 'v1-app';
export type GrafanaGeneration = 'v0' | 'v1';
/** Who stands in a seat of the conversation. */
export type Whose = 'ours' | 'theirs';

/** A datasource in a Grafana, whoever keeps it. */
export interface Held {
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

export interface Published {
  readonly type: string;
  readonly uid: string;
  readonly grafana_uid: string;
}

/** Our charm without a process for each hook, where it is not the process that is looked at. */
const asFunction: CharmFunction = (tools, context) => run({ tools, context, grafanaClient });

/** What a scripted peer says on every relation. */
export interface Script {
  readonly app?: Bag;
  /** By unit number. */
  readonly units?: Readonly<Record<number, Bag>>;
}

/**
 * A local model in which Python charms and ours meet. Theirs run their real `dispatch`; ours too, unless the world is
 * opened with `{ ours: 'functions' }`.
 */
export class World implements AsyncDisposable {
  readonly model: LocalModel;
  /** The Grafana that our gateways provision into. */
  readonly grafana: EmbeddedGrafana;
  readonly activities: Activity[];
  readonly #run: { readonly run?: CharmFunction };

  static async open({ ours = 'processes' }: { ours?: 'processes' | 'functions' } = {}): Promise<World> {
    const activities: Activity[] = [];
    const grafana = await EmbeddedGrafana.start();
    const model = await LocalModel.open({
      name: 'cos',
      uuid: modelUuid,
      retry: { baseMs: 50, limit: 2 },
      onActivity: (activity) => activities.push(activity),
    });
    return new World(model, grafana, activities, ours === 'functions' ? { run: asFunction } : {});
  }

  private constructor(
    model: LocalModel,
    grafana: EmbeddedGrafana,
    activities: Activity[],
    run: { readonly run?: CharmFunction },
  ) {
    this.#run = run;
    this.model = model;
    this.grafana = grafana;
    this.activities = activities;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.model.close();
    await this.grafana.stop();
  }

  /** Our gateway, on endpoint `datasources`. */
  async gateway(app = 'grafana'): Promise<void> {
    const token = this.model.addSecret({ name: `${app}-token`, content: { token: this.grafana.token } });
    await this.model.deploy({
      app,
      charm: projectFolder,
      config: { 'grafana-url': this.grafana.url, 'grafana-token': token },
      ...this.#run,
    });
    this.model.grantSecret(`${app}-token`, app);
  }

  /** Their Grafana, on endpoint `grafana-source`. */
  async pyGrafana(generation: GrafanaGeneration, { app = 'grafana', units = 1 } = {}): Promise<void> {
    await this.model.deploy({ app, charm: join(charms, 'py-grafana'), units, config: { generation } });
  }

  /** Our datasource; its URL says whether each unit is one. */
  async crosslink(
    app: string,
    type: string,
    { url = `http://{app}:3200`, units = 1 }: { url?: string; units?: number } = {},
  ): Promise<void> {
    const config = { 'datasource-type': type, 'datasource-url': url };
    await this.model.deploy({ app, charm: projectFolder, units, config, ...this.#run });
  }

  async pyDatasource(
    app: string,
    type: string,
    {
      url = `http://{app}:3200`,
      units = 1,
      generation = 'v0',
      config = {},
    }: { url?: string; units?: number; generation?: SourceGeneration; config?: ConfigChanges } = {},
  ): Promise<void> {
    await this.model.deploy({
      app,
      charm: join(charms, 'py-datasource'),
      units,
      config: { 'datasource-type': type, 'datasource-url': url, generation, ...config },
    });
  }

  /** A peer that says exactly this, and nothing when there is no script. */
  async scripted(app: string, script: Script = {}, units = 1): Promise<void> {
    const run: CharmFunction = async (tools, { unitNumber, event }) => {
      if (!('endpoint' in event) || event.kind === 'relation-broken') return;
      const { relationId } = event;
      const unit = script.units?.[unitNumber];
      if (unit !== undefined) await tools.relationSet({ relationId, data: unit });
      if (script.app !== undefined && (await tools.isLeader())) {
        await tools.relationSet({ relationId, app: true, data: script.app });
      }
    };
    await this.model.deploy({ app, charm: join(charms, 'scripted'), units, run });
  }

  relate(...pairs: readonly (readonly [string, string])[]): void {
    for (const [a, b] of pairs) this.model.relate(a, b);
  }

  /** Waits until everything is quiet; a hook that failed fails the test, with what the charm said. */
  async settle(): Promise<void> {
    // Longer than by default: a Python charm takes its time to start, and there are many of them in a world.
    const { settled, failedHooks } = await this.model.settle({ timeoutMs: 150_000 });
    const logged = this.activities.flatMap((activity) =>
      activity.kind === 'log' && ['WARNING', 'ERROR'].includes(activity.level)
        ? [`${activity.unit}: ${activity.message}`]
        : [],
    );
    assert.deepEqual(failedHooks, [], logged.slice(-30).join('\n'));
    assert.ok(settled, 'the model has not settled');
  }

  /** What `app` says to `peer`: the application's databag, and those of its units by number. */
  said(app: string, peer: string): { app: Bag; units: Readonly<Record<string, Bag>> } {
    for (const { ends } of this.model.snapshot().relations) {
      const end = ends.find((one) => one.app === app);
      if (end === undefined || !ends.some((one) => one.app === peer)) continue;
      const units = Object.entries(end.unitsData).map(([unit, bag]) => [
        unit.split('/')[1],
        withoutJuju(bag),
      ]);
      return { app: end.appData, units: Object.fromEntries(units) };
    }
    throw new TypeError(`${app} and ${peer} are not related`);
  }

  /** What `app` published for `peer` on the exchange. */
  published(app: string, peer: string): Published[] {
    return JSON.parse(this.said(app, peer).app.datasources ?? 'null');
  }

  /** Every UID that Grafana assigned to `app`. */
  assigned(app: string, grafana = 'grafana'): string[] {
    const { datasource_uids = '{}', app_datasource_uid } = this.said(grafana, app).app;
    const uids = Object.values(JSON.parse(datasource_uids) as Record<string, string>);
    return [...new Set([...uids, ...(app_datasource_uid === undefined ? [] : [app_datasource_uid])])].sort();
  }

  /** What is in Grafana by now: the embedded one, or the one that a py-grafana plays. */
  held(whose: Whose, app = 'grafana'): Held[] {
    const all = whose === 'ours' ? this.grafana.datasources().map(plain) : this.#played(app);
    return all.toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
  }

  /** `extra_fields` that `app` sends to a Grafana, as they stand on the wire. */
  extraFields(app: string, grafana = 'grafana'): Readonly<Record<string, { datasourceUid?: string }>> | null {
    return JSON.parse(this.said(app, grafana).app.grafana_source_data ?? 'null')?.extra_fields ?? null;
  }

  /** Databag changes since the activities were last cleared, by who changed which keys. */
  changes(): string[] {
    return this.activities.flatMap((activity) =>
      activity.kind === 'databag-changed' ? [`${activity.of}: ${activity.keys.join(', ')}`] : [],
    );
  }

  #played(app: string): Held[] {
    const peers = this.model.snapshot().relations.find(({ ends }) => {
      return ends.length === 1 && ends[0]?.app === app;
    });
    const database = JSON.parse(peers?.ends[0]?.appData.database ?? '{}') as Record<
      string,
      Omit<Held, 'uid'>
    >;
    return Object.entries(database).map(([uid, row]) => ({ ...row, uid }));
  }
}

function plain({ uid, type, url, jsonData }: DatasourceSnapshot): Held {
  const { crosslink: _, ...rest } = jsonData as Record<string, unknown>;
  return { uid, type, url, jsonData: rest };
}

/** Juju's own keys, which every unit has. */
function withoutJuju(bag: Bag): Bag {
  const own = ['ingress-address', 'private-address', 'egress-subnets'];
  return Object.fromEntries(Object.entries(bag).filter(([key]) => !own.includes(key)));
}
