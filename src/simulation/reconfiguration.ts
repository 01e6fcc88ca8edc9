import { type App, at, type Datasource, type Gateway } from './applications.ts';
import { attempt } from './deployment.ts';
import type { World } from './world.ts';

/** What operators change of applications that are there, rightly and wrongly: their config and their secrets. */
export class Reconfiguration {
  readonly #world: World;
  /** What is wrong, and what makes it as it was. */
  readonly #toMend = new Map<string, () => void>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Makes all that is wrong as it was. */
  mend(): void {
    for (const mend of this.#toMend.values()) mend();
    this.#toMend.clear();
  }

  /** @returns whether there was anything to configure */
  change(app: App, option: number, value: number): boolean {
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
  spoil(app: App, n: number): boolean {
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
  rotate(app: App): boolean {
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

  withhold(app: App): void {
    const { model } = this.#world;
    const secret = `${app.role === 'gateway' ? 'token' : 'secure'}-${app.name}`;
    model.revokeSecret(secret, app.name);
    this.#toMend.set(secret, () => attempt(() => model.grantSecret(secret, app.name)));
  }
}
