import { type Activity, LocalModel, type ModelOptions, randomFrom } from '#lib/juju-local';
import { markerOf, modelName, modelUuid } from './applications.ts';
import { charmOf, type SimulatedCharm } from './charms.ts';
import { Deployment } from './deployment.ts';
import { Gates } from './gates.ts';
import type { Surroundings } from './hook-watch.ts';
import type { Plan } from './plan.ts';
import { Safety } from './safety.ts';
import type { SimulatedGrafana } from './simulated-grafana.ts';
import { type Trace, Truth } from './truth.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What happened in a world so far, counted; and how many units have something to do. */
interface Tally {
  hooks: number;
  databagChanges: number;
  statusChanges: number;
  busyUnits: number;
  /** How often each application or unit has said something else on a relation, by `<relation id> <who>`. */
  readonly saidBy: Map<string, number>;
}

/** Everything that is there while a plan runs: a model with its applications, Grafanas, and time. */
export class World implements Surroundings {
  readonly clock = new VirtualClock();
  readonly gates = new Gates();
  readonly tally: Tally = { hooks: 0, databagChanges: 0, statusChanges: 0, busyUnits: 0, saidBy: new Map() };
  readonly random: () => number;
  readonly truth: Truth;
  readonly safety: Safety;
  readonly charm: SimulatedCharm;
  readonly #plan: Plan;
  #model: LocalModel | undefined;

  private constructor(plan: Plan, charm: SimulatedCharm, truth: Truth, random: () => number) {
    this.#plan = plan;
    this.charm = charm;
    this.random = random;
    this.truth = truth;
    this.safety = new Safety(truth, () => this.model.snapshot());
  }

  /** A world as its plan has it at the beginning. */
  static async open(plan: Plan, charm: SimulatedCharm, trace: Trace): Promise<World> {
    const random = randomFrom(plan.schedule);
    const world = new World(plan, charm, Truth.of(plan, random, trace), random);
    const options = { ...world.#modelOptions, concurrency: plan.concurrency };
    world.#model = await LocalModel.open({ ...options, name: modelName, uuid: modelUuid });
    const { deployment, truth } = world;
    for (const app of truth.apps) {
      const { name, role } = app;
      await world.model.deploy({
        app: name,
        charm: charm.charm,
        units: app.plan.units,
        config: role === 'gateway' ? deployment.gatewayConfig(app) : deployment.datasourceConfig(app),
        run: charmOf(app, charm, world),
      });
      deployment.grantSecrets(name);
    }
    for (const [datasource, gateway] of plan.registrations) deployment.register(datasource, gateway);
    for (const [sends, receives] of plan.exchanges) deployment.exchange(sends, receives);
    return world;
  }

  /**
   * The same world as it is now, but that no charm has said anything yet, and that no Grafana holds what gateways of
   * ours made. In it nobody waits for anybody.
   */
  withoutHistory(): World {
    const random = randomFrom(this.#plan.schedule);
    const truth = this.truth.withoutHistory(this.#plan, (grafana) => this.marksIn(grafana), random);
    const world = new World(this.#plan, this.charm, truth, random);
    world.gates.openAll();
    const charms = new Map(truth.apps.map((app) => [app.name, charmOf(app, this.charm, world)]));
    world.#model = this.model.withoutHistory({
      ...world.#modelOptions,
      concurrency: 1,
      // Of the same one the same ids would come, and those of operator's secrets are taken.
      seed: this.#plan.schedule + 1,
      run: (app) => charms.get(app),
    });
    return world;
  }

  get model(): LocalModel {
    if (!this.#model) throw new Error('the world has no model yet');
    return this.#model;
  }

  get deployment(): Deployment {
    return new Deployment(this.model, this.truth, this.#plan, this.random);
  }

  /** How the gateways of ours that are there mark what they make in this Grafana. */
  marksIn(grafana: SimulatedGrafana): Set<string> {
    const { applications } = this.model.snapshot();
    const there = [...this.truth.grafanaOf].filter(([name, one]) => one === grafana && applications[name]);
    return new Set(there.map(([name]) => markerOf(name)));
  }

  get #modelOptions(): Omit<ModelOptions, 'name'> {
    return {
      seed: this.#plan.schedule,
      retry: { baseMs: 5000 },
      hookTimeoutMs: Number.POSITIVE_INFINITY,
      clock: this.clock,
      onActivity: (activity) => this.#hear(activity),
    };
  }

  #hear(activity: Activity): void {
    this.safety.hear(activity);
    const line = lineOf(activity);
    if (line !== undefined) this.truth.trace(line);
    if (activity.kind === 'busy') this.tally.busyUnits = activity.units;
    else if (activity.kind === 'hook-ended') this.tally.hooks += 1;
    else if (activity.kind === 'databag-changed') {
      const who = `${activity.relationId} ${activity.of}`;
      this.tally.databagChanges += 1;
      this.tally.saidBy.set(who, (this.tally.saidBy.get(who) ?? 0) + 1);
    } else if (activity.kind === 'unit-status') this.tally.statusChanges += 1;
  }
}

function lineOf(activity: Activity): string | undefined {
  switch (activity.kind) {
    case 'hook-started':
      return `${activity.unit} ${activity.hook} begins${activity.attempt > 1 ? ' again' : ''}`;
    case 'hook-ended':
      return `${activity.unit} ${activity.hook} ends: ${activity.result}`;
    case 'databag-changed':
      return `${activity.of} says on relation ${activity.relationId}: ${activity.keys.join(', ')}`;
    case 'unit-status':
      return `${activity.unit} is ${activity.status.status}: ${activity.status.message}`;
    case 'model-changed':
      return `${activity.change}: ${activity.subject}`;
    case 'log':
      return `${activity.unit} logs ${activity.level} ${activity.message}`;
    default:
      return undefined;
  }
}
