import { type ConfigChanges, type LocalModel, ModelError } from '#lib/juju-local';
import { at, type Datasource, type Gateway } from './applications.ts';
import type { Plan } from './plan.ts';
import type { Truth } from './truth.ts';

/** What an operator does with a model. */
export class Deployment {
  readonly #plan: Plan;
  readonly #model: LocalModel;
  readonly #truth: Truth;
  readonly #random: () => number;

  constructor(model: LocalModel, truth: Truth, plan: Plan, random: () => number) {
    this.#plan = plan;
    this.#model = model;
    this.#truth = truth;
    this.#random = random;
  }

  /** @returns the config of a gateway that is about to be deployed; its secret is there then */
  gatewayConfig({ name, plan }: Gateway): ConfigChanges {
    const { grafanas, grafanaOf } = this.#truth;
    const grafana = grafanaOf.get(name);
    if (!grafana) return {};
    const { url, token } = grafana.instance;
    const sharers = this.#plan.gateways.filter(
      (one) => one.charm === 'crosslink' && at(grafanas, one.grafana) === grafana,
    );
    return {
      'grafana-url': url,
      'grafana-token': this.#model.addSecret({ name: `token-${name}`, content: { token } }),
      'grafana-correlations': plan.correlations,
      ...(sharers.length > 1 && { 'grafana-uid': `shared-${grafana.number}` }),
    };
  }

  datasourceConfig({ name, plan: { charm, type, perUnit, secret, prefers } }: Datasource): ConfigChanges {
    if (charm !== 'crosslink') return {};
    const preferred = this.#truth.datasources.filter(
      (one) => prefers !== null && one.name.startsWith(prefers),
    );
    const apps = [...preferred.map((one) => one.name), '*'].join(', ');
    const content = () => this.newSecureData(name);
    return {
      'datasource-type': type,
      'datasource-url': perUnit ? `http://${name}-{unit}.example:3200` : `http://${name}.example:3200`,
      ...(prefers !== null && { 'metrics-app': apps, 'logs-app': apps, 'traces-app': apps }),
      ...(secret && {
        'secure-json-data': this.#model.addSecret({ name: `secure-${name}`, content: content() }),
      }),
    };
  }

  /** Lets an application read the secrets that its config names. */
  grantSecrets(name: string): void {
    for (const secret of [`token-${name}`, `secure-${name}`])
      attempt(() => this.#model.grantSecret(secret, name));
  }

  /** @returns another content for the secret of a datasource */
  newSecureData(name: string): { 'secure-json-data': string } {
    const value = `S3CRET-${name}-${Math.floor(this.#random() * 1e9)}`;
    this.#truth.secrets.add(value);
    return { 'secure-json-data': JSON.stringify({ httpHeaderValue1: value }) };
  }

  /** Relates a datasource to a gateway, by their numbers; what can't be is left alone. */
  register(datasource: number, gateway: number): void {
    const source = at(this.#truth.datasources, datasource);
    const target = at(this.#truth.gateways, gateway);
    if (source && target) this.relate(`${source.name}:grafana-source`, `${target.name}:datasources`);
  }

  exchange(sends: number, receives: number): void {
    const one = at(this.#truth.datasources, sends);
    const other = at(this.#truth.datasources, receives);
    if (!one || !other || one === other) return;
    this.relate(`${one.name}:send-datasource`, `${other.name}:receive-datasource`);
  }

  /** Provider first. */
  relate(a: string, b: string): void {
    const [source = '', endpoint] = a.split(':');
    const [target = ''] = b.split(':');
    if (endpoint === 'grafana-source' && !this.#plan.quarrels && this.#isElsewhere(source, target)) return;
    attempt(() => {
      const id = this.#model.relate(a, b);
      this.#truth.related.set(id, [source, target]);
    });
  }

  /** Whether a datasource is registered with another gateway of the same Grafana. */
  #isElsewhere(source: string, gateway: string): boolean {
    const { grafanaOf } = this.#truth;
    const grafana = grafanaOf.get(gateway);
    return this.#model.snapshot().relations.some(({ life, ends }) => {
      const apps = ends.map(({ app }) => app);
      const isOther = (app: string) => app !== gateway && grafanaOf.get(app) === grafana;
      return life === 'alive' && grafana !== undefined && apps.includes(source) && apps.some(isOther);
    });
  }
}

/** What an operator asks for and Juju refuses changes nothing. @returns whether it was done */
export function attempt(operation: () => void): boolean {
  try {
    operation();
    return true;
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}
