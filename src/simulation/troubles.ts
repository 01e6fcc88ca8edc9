import { type App, at, type Datasource, type Gateway } from './applications.ts';
import { byHand } from './by-hand.ts';
import { attempt } from './deployment.ts';
import type { Trouble } from './plan.ts';
import type { SimulatedGrafana } from './simulated-grafana.ts';
import type { World } from './world.ts';

/** What is done to an application. @returns false: there was nothing to do */
type Work = (app: App) => unknown;

/** Carries out what a plan has in store. What makes no sense at the moment - no such unit, nothing to undo - is left. */
export class Troubles {
  readonly #world: World;
  /** Ends of relations that were removed, to make them again. */
  readonly #parted: (readonly [string, string])[] = [];
  /** What was configured wrong, and how it was. */
  readonly #toMend = new Map<string, () => void>();

  constructor(world: World) {
    this.#world = world;
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
    for (const mend of this.#toMend.values()) mend();
    this.#toMend.clear();
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
        return this.#withApp(trouble.app, (app) => this.#configure(app, trouble.option, trouble.value));
      case 'misconfigure':
        return this.#withApp(trouble.app, (app) => this.#misconfigure(app, trouble.option));
      case 'rotate-secret':
        return this.#withSecret(trouble.secret, (app) => this.#rotate(app));
      case 'withhold-secret':
        return this.#withSecret(trouble.secret, (app) => this.#withhold(app));
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

  /** @returns whether there was anything to configure */
  #configure(app: App, option: number, value: number): boolean {
    const { model, truth } = this.#world;
    if (app.plan.charm !== 'crosslink') return false;
    const pick = <T>(values: readonly T[]): T | undefined => at(values, value);
    if (app.role === 'gateway') {
      if (option % 3 === 1) return this.#nameGrafana(app, value);
      if (option % 3 === 2) return this.#move(app, value);
      model.setConfig(app.name, { 'grafana-correlations': value % 2 === 0 });
      return true;
    }
    const changes = [
      { correlations: pick(['all', 'none', 'service-map', 'traces-to-logs,logs-to-traces']) ?? 'all' },
      { 'datasource-url': pick([`http://${app.name}-{unit}.new`, `http://${app.name}.new`]) ?? null },
      { 'secure-json-data': '' },
      { 'datasource-type': pick(['tempo', 'loki', 'prometheus']) ?? null },
      { 'datasource-type': null, 'datasource-url': null },
      { 'json-data': pick([`{"timeout": ${value}}`, '']) ?? '' },
      { 'logs-app': pick(['', '*', ...truth.datasources.map(({ name }) => name)]) ?? '' },
    ];
    const change = { ...this.#roleOf(app), ...at(changes, option) };
    model.setConfig(app.name, change);
    const { 'datasource-type': type, 'datasource-url': url } = change;
    if (typeof url === 'string') truth.hasNewForm ||= url.includes('{unit}') !== app.plan.perUnit;
    if (type !== null) return true;
    truth.hasNewForm = true;
    truth.retired.add(app.name);
    for (const key of ['datasource-type', 'datasource-url']) this.#toMend.delete(`${app.name} ${key}`);
    return true;
  }

  /** Gives its Grafana another name. Of several gateways of one Grafana all need the same one: then nothing is done. */
  #nameGrafana(gateway: Gateway, value: number): boolean {
    const { model, truth } = this.#world;
    if (!truth.isAlone(gateway)) return false;
    model.setConfig(gateway.name, { 'grafana-uid': `named-${gateway.name}-${value % 3}` });
    return true;
  }

  /** Points a gateway to another Grafana, which is nobody else's. What it made in the one of before stays there. */
  #move(gateway: Gateway, value: number): boolean {
    const { model, truth } = this.#world;
    const free = truth.grafanas.filter((one) => ![...truth.grafanaOf.values()].includes(one));
    const grafana = at(free, value);
    if (!grafana || !truth.isAlone(gateway)) return false;
    truth.grafanaOf.set(gateway.name, grafana);
    model.updateSecret(`token-${gateway.name}`, { token: grafana.instance.token });
    model.setConfig(gateway.name, { 'grafana-url': grafana.instance.url });
    // The URL of before would be that of a Grafana which it left, and is right now anyway.
    this.#toMend.delete(`${gateway.name} grafana-url`);
    return true;
  }

  /** @returns what makes a datasource again of an application that is none; nothing for one that is */
  #roleOf({ name, plan }: Datasource): {
    'datasource-type'?: string | null;
    'datasource-url'?: string | null;
  } {
    const config = this.#world.model.snapshot().applications[name]?.config ?? {};
    const isOne = String(config['datasource-type'] ?? '') !== '';
    return isOne ? {} : { 'datasource-type': plan.type, 'datasource-url': `http://${name}.example:3200` };
  }

  /** A mistake of the operator's, which is mended in the end. @returns whether there was anything to configure */
  #misconfigure(app: App, n: number): boolean {
    const { model } = this.#world;
    const config = model.snapshot().applications[app.name]?.config ?? {};
    const mistakes =
      app.role === 'gateway'
        ? ([
            ['grafana-url', 'no url'],
            ['grafana-token', null],
            ['grafana-uid', 'two\nlines'],
          ] as const)
        : ([
            ['datasource-url', 'ftp://{nothing}'],
            ['datasource-type', 'no-such-type'],
            ['json-data', '{'],
            ['datasource-type', null],
          ] as const);
    const mistake = at<readonly [string, string | null]>(mistakes, n);
    if (!mistake || app.plan.charm !== 'crosslink') return false;
    const [option, bad] = mistake;
    const key = `${app.name} ${option}`;
    const before = config[option] ?? null;
    model.setConfig(app.name, { [option]: bad });
    if (!this.#toMend.has(key)) {
      this.#toMend.set(key, () => attempt(() => model.setConfig(app.name, { [option]: before })));
    }
    return true;
  }

  /** The operator gives Grafana's service account a new token, or a datasource other secrets. @returns whether so */
  #rotate(app: App): boolean {
    const { model, truth, deployment } = this.#world;
    if (app.role === 'datasource') {
      model.updateSecret(`secure-${app.name}`, deployment.newSecureData(app.name));
      return true;
    }
    const token = truth.grafanaOf.get(app.name)?.newToken();
    if (token === undefined) return false;
    truth.secrets.add(token);
    model.updateSecret(`token-${app.name}`, { token });
    return true;
  }

  #withhold(app: App): void {
    const { model } = this.#world;
    const secret = `${app.role === 'gateway' ? 'token' : 'secure'}-${app.name}`;
    model.revokeSecret(secret, app.name);
    this.#toMend.set(secret, () => attempt(() => model.grantSecret(secret, app.name)));
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
