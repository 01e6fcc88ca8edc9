import { type App, at } from './applications.ts';
import { byHand } from './by-hand.ts';
import { attempt } from './deployment.ts';
import type { Trouble } from './plan.ts';
import { Reconfiguration } from './reconfiguration.ts';
import type { SimulatedGrafana } from './simulated-grafana.ts';
import type { World } from './world.ts';

/** What is done to an application. @returns false: there was nothing to do */
type Work = (app: App) => unknown;

/** Carries out what a plan has in store. What makes no sense at the moment - no such unit, nothing to undo - is left. */
export class Troubles {
  readonly #world: World;
  /** Ends of relations that were removed, to make them again. */
  readonly #parted: (readonly [string, string])[] = [];
  readonly #config: Reconfiguration;

  constructor(world: World) {
    this.#world = world;
    this.#config = new Reconfiguration(world);
  }

  async carryOut(trouble: Trouble): Promise<void> {
    const done = await this.#take(trouble);
    this.#world.truth.trace(`${done ? 'TROUBLE' : 'no'} ${JSON.stringify(trouble)}`);
    // A mood counts with each request that it hits.
    if (!done || trouble.kind === 'grafana') return;
    this.#world.truth.count(kindOf(trouble));
  }

  /** Makes an end of all that would not end by itself. */
  end(): void {
    const world = this.#world;
    for (const grafana of world.truth.grafanas) grafana.trouble = undefined;
    this.#config.mend();
    for (const name of [...world.truth.garbage.keys()]) this.#say(name, undefined);
    // An application without units has nobody who could say anything, and what it said before stays.
    const { applications } = world.model.snapshot();
    for (const [name, { life, units }] of Object.entries(applications)) {
      const stay = Object.values(units).some((unit) => unit.life === 'alive');
      if (life === 'alive' && !stay) attempt(() => world.model.addUnit(name));
    }
    // What failed while Grafana did is tried again when Juju looks after its units, every five minutes.
    world.model.fireUpdateStatus();
  }

  async #take(trouble: Trouble): Promise<boolean> {
    const { model } = this.#world;
    switch (trouble.kind) {
      case 'add-unit':
        return this.#withApp(trouble.app, ({ name }) => void model.addUnit(name));
      case 'remove-unit':
        return this.#withUnit(trouble.unit, (unit) => model.removeUnit(unit));
      case 'remove-application':
        return this.#withApp(trouble.app, ({ name }) => model.removeApplication(name));
      case 'register':
        return this.#counting(() => this.#world.deployment.register(trouble.datasource, trouble.gateway));
      case 'exchange':
        return this.#counting(() => this.#world.deployment.exchange(trouble.sends, trouble.receives));
      case 'unrelate':
        return this.#unrelate(trouble.relation);
      case 'relate-again': {
        const ends = at(this.#parted, trouble.relation);
        return ends !== undefined && this.#counting(() => this.#world.deployment.relate(...ends));
      }
      case 'lead':
        return this.#lead(trouble.unit);
      case 'kill':
        return this.#kill(trouble);
      case 'configure':
        return this.#withApp(trouble.app, (app) => this.#config.change(app, trouble.option, trouble.value));
      case 'misconfigure':
        return this.#withApp(trouble.app, (app) => this.#config.spoil(app, trouble.option));
      case 'rotate-secret':
        return this.#withSecret(trouble.secret, (app) => this.#config.rotate(app));
      case 'withhold-secret':
        return this.#withSecret(trouble.secret, (app) => this.#config.withhold(app));
      case 'upgrade': {
        const app = at(this.#world.truth.apps, trouble.app);
        const isThere = app !== undefined && model.snapshot().applications[app.name] !== undefined;
        if (isThere) await model.refresh(app.name, this.#world.charm);
        return isThere;
      }
      case 'restart':
        return this.#withUnit(trouble.unit, (unit) => model.restart(unit, { pod: trouble.pod }));
      case 'update-status':
        return this.#withUnit(trouble.unit, (unit) => model.fireUpdateStatus(unit));
      case 'garbage': {
        const legacy = this.#world.truth.apps.filter(({ plan }) => plan.charm !== 'crosslink');
        const app = at(legacy, trouble.app);
        return app !== undefined && this.#say(app.name, trouble.garbage);
      }
      case 'grafana':
      case 'hand':
      case 'backup':
      case 'restore': {
        const grafana = at(this.#world.truth.grafanas, trouble.grafana);
        return grafana !== undefined && this.#inGrafana(grafana, trouble);
      }
    }
  }

  #inGrafana(grafana: SimulatedGrafana, trouble: Extract<Trouble, { grafana: number }>): boolean {
    switch (trouble.kind) {
      case 'grafana':
        grafana.trouble = { mood: trouble.mood, left: trouble.requests };
        return true;
      case 'backup':
        grafana.backup = grafana.instance.backup();
        return true;
      case 'restore':
        if (!grafana.backup) return false;
        grafana.instance.restore(grafana.backup);
        grafana.look();
        return true;
      case 'hand': {
        const done = byHand(grafana, trouble);
        grafana.look();
        this.#world.truth.hasLostMark ||= done && trouble.work === 'drop-marker';
        return done;
      }
    }
  }

  #unrelate(n: number): boolean {
    const {
      model,
      truth: { related },
    } = this.#world;
    const alive = model
      .snapshot()
      .relations.filter(({ life, ends }) => life === 'alive' && ends.length === 2);
    const relation = at(alive, n);
    if (!relation || !related.has(relation.id)) return false;
    const [a, b] = relation.ends.map(({ app, endpoint }) => `${app}:${endpoint}`);
    if (a !== undefined && b !== undefined) this.#parted.push([a, b]);
    return attempt(() => model.removeRelation(relation.id));
  }

  #kill({ hook: n, afterCommit }: Extract<Trouble, { kind: 'kill' }>): boolean {
    const { model } = this.#world;
    const running = Object.values(model.snapshot().applications)
      .flatMap(({ units }) => Object.entries(units))
      .flatMap(([unit, { currentHook }]) => (currentHook === null ? [] : [unit]));
    const unit = at(running, n);
    return unit !== undefined && model.killHook(unit, { afterCommit });
  }

  /** Lets an application of the first generation say something, and Juju run its hooks. */
  #say(name: string, garbage: Extract<Trouble, { kind: 'garbage' }>['garbage'] | undefined): boolean {
    const { model, truth } = this.#world;
    if (garbage === undefined) truth.garbage.delete(name);
    else truth.garbage.set(name, garbage);
    const units = Object.keys(model.snapshot().applications[name]?.units ?? {});
    for (const unit of units) attempt(() => model.fireUpdateStatus(unit));
    return units.length > 0;
  }

  #withApp(n: number, work: Work): boolean {
    const { applications } = this.#world.model.snapshot();
    const app = at(
      this.#world.truth.apps.filter(({ name }) => applications[name]),
      n,
    );
    return app !== undefined && worked(() => work(app));
  }

  #withSecret(n: number, work: Work): boolean {
    const { applications } = this.#world.model.snapshot();
    const holders = this.#world.truth.apps.filter(
      ({ name, role, plan }) =>
        applications[name] && plan.charm === 'crosslink' && (role === 'gateway' || plan.secret),
    );
    const app = at(holders, n);
    return app !== undefined && worked(() => work(app));
  }

  #withUnit(n: number, work: (unit: string) => void): boolean {
    const { applications } = this.#world.model.snapshot();
    const unit = at(
      Object.values(applications).flatMap(({ units }) => Object.keys(units)),
      n,
    );
    return unit !== undefined && attempt(() => work(unit));
  }

  /**
   * Makes a follower the leader, since who leads already is no change; now and then one whose leader is amid a hook, if
   * there is such a one.
   */
  #lead(n: number): boolean {
    const { model } = this.#world;
    const followers = Object.values(model.snapshot().applications).flatMap(({ units }) => {
      const all = Object.entries(units);
      const isAmid = all.some(([, { leader, currentHook }]) => leader && currentHook !== null);
      return all.flatMap(([unit, { leader }]) => (leader ? [] : [{ unit, isAmid }]));
    });
    const amid = followers.filter(({ isAmid }) => isAmid);
    const { unit } = at(n % 2 === 0 && amid.length > 0 ? amid : followers, n) ?? {};
    return unit !== undefined && attempt(() => model.setLeader(unit));
  }

  #counting(work: () => void): boolean {
    const before = this.#world.truth.related.size;
    work();
    return this.#world.truth.related.size > before;
  }
}

/** What a trouble is counted as. */
function kindOf(trouble: Trouble): string {
  if (trouble.kind === 'hand') return `by hand: ${trouble.work}`;
  return trouble.kind === 'kill' && trouble.afterCommit ? 'kill after commit' : trouble.kind;
}

/** @returns whether it was done, and Juju did not refuse it */
function worked(work: () => unknown): boolean {
  let isDone = true;
  const isAllowed = attempt(() => {
    isDone = work() !== false;
  });
  return isAllowed && isDone;
}
