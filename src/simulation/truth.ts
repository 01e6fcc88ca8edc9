import { type App, applicationsOf, at, type Datasource, type Gateway } from './applications.ts';
import type { Garbage, Plan } from './plan.ts';
import { SimulatedGrafana } from './simulated-grafana.ts';

/** Told what happens, line by line. */
export type Trace = (line: string) => void;

/** What is so in a simulated world, whatever its charms are told or believe. */
export class Truth {
  readonly apps: readonly App[];
  readonly gateways: readonly Gateway[];
  readonly datasources: readonly Datasource[];
  readonly grafanas: readonly SimulatedGrafana[];
  /** Which of `grafanas` a gateway of ours writes to. */
  readonly grafanaOf = new Map<string, SimulatedGrafana>();
  /** Applications at both ends of each relation that ever was. */
  readonly related = new Map<number, readonly [string, string]>();
  /** What no databag, log or status may hold. */
  readonly secrets = new Set<string>();
  /** Applications of the first generation that say something else than they should. */
  readonly garbage = new Map<string, Garbage>();
  /** How often each kind of trouble happened: what hit nobody does not count. */
  readonly troubles = new Map<string, number>();
  /** Whether a datasource may have been several before, or several one: it keeps a UID of then, on purpose. */
  hasNewForm = false;
  /** Applications that were no datasource for a while. */
  readonly retired = new Set<string>();
  /** Whether somebody took a mark away: what was one of ours is in the way then, and what was said of it stays. */
  hasLostMark = false;
  readonly trace: Trace;

  constructor(plan: Plan, grafanas: readonly SimulatedGrafana[], trace: Trace) {
    this.trace = trace;
    this.grafanas = grafanas;
    this.apps = applicationsOf(plan);
    this.gateways = this.apps.filter((app) => app.role === 'gateway');
    this.datasources = this.apps.filter((app) => app.role === 'datasource');
    for (const { instance } of grafanas) this.secrets.add(instance.token);
    for (const { name, plan: gateway } of this.gateways) {
      const grafana = at(grafanas, gateway.grafana);
      if (gateway.charm === 'crosslink' && grafana) this.grafanaOf.set(name, grafana);
    }
  }

  static of(plan: Plan, random: () => number, trace: Trace): Truth {
    return new Truth(
      plan,
      plan.grafanas.map((one, n) => SimulatedGrafana.of(n, one, random)),
      trace,
    );
  }

  /**
   * The same as it is now, but that no Grafana holds what gateways of ours made.
   * @param marksIn - of the gateways that are there and write to a Grafana
   */
  withoutHistory(
    plan: Plan,
    marksIn: (grafana: SimulatedGrafana) => ReadonlySet<string>,
    random: () => number,
  ): Truth {
    const grafanas = this.grafanas.map((grafana) => grafana.without(marksIn(grafana), random));
    const truth = new Truth(plan, grafanas, () => {});
    for (const [gateway, { number }] of this.grafanaOf) {
      const grafana = grafanas[number];
      if (grafana) truth.grafanaOf.set(gateway, grafana);
    }
    for (const secret of this.secrets) truth.secrets.add(secret);
    for (const [id, ends] of this.related) truth.related.set(id, ends);
    return truth;
  }

  count(kind: string): void {
    this.troubles.set(kind, (this.troubles.get(kind) ?? 0) + 1);
  }

  /** Applications of ours, not those of the first generation. */
  isOurs(name: string): boolean {
    return this.apps.some((app) => app.name === name && app.plan.charm === 'crosslink');
  }

  /** Whether a gateway is the only one of its Grafana. */
  isAlone({ name }: Gateway): boolean {
    const grafana = this.grafanaOf.get(name);
    return (
      grafana !== undefined && [...this.grafanaOf.values()].filter((one) => one === grafana).length === 1
    );
  }

  /** Whether it is right that the past can be seen in the end. */
  get remembers(): boolean {
    return this.isContested || this.hasNewForm || this.hasLostMark;
  }

  get isContested(): boolean {
    return this.grafanas.some((grafana) => this.isContestedIn(grafana));
  }

  /**
   * Whether one datasource ever registered with two gateways of this Grafana. That is a mistake, which one of them
   * says, and whose the datasource is depends on who came first.
   */
  isContestedIn(grafana: SimulatedGrafana): boolean {
    const pairs = [...this.related.values()];
    return pairs.some(([source, gateway]) => {
      const isSame = ([one, other]: readonly [string, string]) =>
        one === source && other !== gateway && this.grafanaOf.get(other) === grafana;
      return this.grafanaOf.get(gateway) === grafana && pairs.some(isSame);
    });
  }
}
