import type { Charm, CharmFunction, LocalModel } from '#lib/juju-local';
import { otlpHttp, readTracingRequest, tracingAnswerDatabag } from '#src/relations/tracing';
import type { Scenario } from './scenario.ts';

/** By which Canonical's charms, and crosslink, ask where the traces of their hooks go. */
const wanted = { endpoint: 'charm-tracing', interface: 'tracing' } as const;

/** What every charm that takes traces provides. */
const receiver: Charm = {
  folder: import.meta.dirname,
  name: 'hook-traces',
  endpoints: new Map([
    [
      'tracing',
      { name: 'tracing', role: 'provides', interface: wanted.interface, limit: undefined, scope: 'global' },
    ],
  ]),
  extraBindings: [],
  options: new Map(),
  actions: new Map(),
  packed: new Map(),
};

/**
 * An application beside those of a scenario that takes the traces of their hooks, as a Tempo would: each that can send
 * some and that the scenario does not relate to another tracing backend is related to it.
 */
export class HookTraces {
  readonly #model: LocalModel;
  readonly #otlpHttpUrl: string;
  readonly #app: string;
  /** `app:charm-tracing` that the scenario relates by itself, at any time. */
  readonly #taken: ReadonlySet<string>;

  /** @param otlpHttpUrl - traces go to `/v1/traces` below it */
  constructor(model: LocalModel, scenario: Scenario, otlpHttpUrl: string) {
    this.#model = model;
    this.#otlpHttpUrl = otlpHttpUrl;
    const relations = [
      ...scenario.relations,
      ...scenario.steps.flatMap(({ relate }) => (relate ? [relate] : [])),
    ];
    this.#taken = new Set(relations.flat());
    this.#app = freeName(scenario);
  }

  async deploy(): Promise<void> {
    await this.#model.deploy({ app: this.#app, charm: receiver, run: this.#run });
  }

  /** Whether a unit is one of its own: it is no part of the scenario. */
  has(unit: string): boolean {
    return unit.startsWith(`${this.#app}/`);
  }

  /** To be called when an application has been deployed. */
  relate(app: string, { endpoints }: Charm): void {
    const end = `${app}:${wanted.endpoint}`;
    const endpoint = endpoints.get(wanted.endpoint);
    if (endpoint?.role !== 'requires' || endpoint.interface !== wanted.interface || this.#taken.has(end))
      return;
    this.#model.relate(end, `${this.#app}:tracing`);
  }

  /** Answers what is asked for, as far as it goes over HTTP. */
  readonly #run: CharmFunction = async (tools, { event }) => {
    if (event.kind === 'install') await tools.statusSet('active', `takes traces at ${this.#otlpHttpUrl}`);
    if (event.kind !== 'relation-changed') return;
    const { relationId, remoteApp } = event;
    const { protocols } = readTracingRequest(await tools.relationGet({ relationId, of: remoteApp }));
    if (protocols === null) return;
    const receivers = protocols
      .filter((name) => name === otlpHttp)
      .map((name) => ({ protocol: { name, type: 'http' }, url: this.#otlpHttpUrl }));
    await tools.relationSet({ relationId, app: true, data: tracingAnswerDatabag(receivers) });
  };
}

/** The scenario's own applications keep their names. */
function freeName({ applications, steps }: Scenario): string {
  const names = new Set([applications, ...steps.map(({ deploy = {} }) => deploy)].flatMap(Object.keys));
  let name = receiver.name;
  while (names.has(name)) name = `${name}-too`;
  return name;
}
