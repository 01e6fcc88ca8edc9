import type { UnitName } from '#lib/juju';
import { LocalModel } from '#lib/juju-local';
import { grafanaClient } from '#src/grafana';
import { EmbeddedGrafana, type EmbeddedGrafanaOptions } from '#src/grafana/embedded';
import { projectFolder } from '#src/local';
import { run } from '../../charm/main.ts';

/** UUID of every model made here, so that UIDs are the same each time. */
export const modelUuid = '33333333-2222-4333-8444-555555555555';

/**
 * A model in which an operator works: Grafanas, and this project's charm deployed as often as there is need. Hooks
 * are called as functions.
 */
export class Cos {
  readonly model: LocalModel;
  readonly #grafanas: EmbeddedGrafana[] = [];

  static async open(): Promise<Cos> {
    return new Cos(await LocalModel.open({ name: 'cos', uuid: modelUuid, retry: { baseMs: 50, limit: 2 } }));
  }

  private constructor(model: LocalModel) {
    this.model = model;
  }

  async grafana(options: EmbeddedGrafanaOptions = {}): Promise<EmbeddedGrafana> {
    const grafana = await EmbeddedGrafana.start(options);
    this.#grafanas.push(grafana);
    return grafana;
  }

  /** A gateway of this Grafana. Its credentials are a secret of the operator's, `<app>-token` by default. */
  async gateway(
    app: string,
    { url, token }: Pick<EmbeddedGrafana, 'url' | 'token'>,
    {
      units = 1,
      config = {},
      secret = `${app}-token`,
    }: { units?: number; config?: Readonly<Record<string, string>>; secret?: string } = {},
  ): Promise<void> {
    const uri = this.model.addSecret({ name: secret, content: { token } });
    await this.#deploy(app, units, { 'grafana-url': url, 'grafana-token': uri, ...config });
    this.model.grantSecret(secret, app);
  }

  /** A datasource; each unit one of its own where the URL has `{unit}`. */
  async datasource(
    app: string,
    type: string,
    { units = 1, url = `http://${app}-{unit}` }: { units?: number; url?: string } = {},
  ): Promise<void> {
    await this.#deploy(app, units, { 'datasource-type': type, 'datasource-url': url });
  }

  async #deploy(app: string, units: number, config: Readonly<Record<string, string>>): Promise<void> {
    await this.model.deploy({
      app,
      charm: projectFolder,
      units,
      config,
      run: (tools, context) =>
        run({ tools, context, grafanaClient: (options) => grafanaClient({ ...options, retries: 0 }) }),
    });
  }

  /** Waits until nothing is left to do. A unit in error, or one that never comes to rest, fails the test. */
  async settled(): Promise<void> {
    const { settled, failedHooks } = await this.model.settle();
    if (!settled || failedHooks.length > 0) throw new Error(`not settled: ${JSON.stringify(failedHooks)}`);
  }

  /** update-status on all units, as Juju does every five minutes. */
  async later(): Promise<void> {
    this.model.fireUpdateStatus();
    await this.settled();
  }

  status(unit: UnitName): { status: string; message: string } | undefined {
    const { applications } = this.model.snapshot();
    const status = applications[unit.replace(/\/.*$/, '')]?.units[unit]?.status;
    return status && { status: status.status, message: status.message };
  }

  /** What every application and unit says, relation by relation; Juju's own keys left out. */
  databags(): unknown {
    return this.model.snapshot().relations.map(({ ends }) =>
      ends.map(({ app, endpoint, appData, unitsData }) => ({
        end: `${app}:${endpoint}`,
        appData,
        unitsData: Object.fromEntries(
          Object.entries(unitsData).map(([unit, data]) => [unit, withoutAddresses(data)]),
        ),
      })),
    );
  }

  async close(): Promise<void> {
    await this.model.close();
    await Promise.all(this.#grafanas.map((grafana) => grafana.stop()));
  }
}

function withoutAddresses(data: Readonly<Record<string, string>>): Record<string, string> {
  const addresses = ['egress-subnets', 'ingress-address', 'private-address'];
  return Object.fromEntries(Object.entries(data).filter(([key]) => !addresses.includes(key)));
}
