import type { ModelSnapshot } from '#lib/juju-local';
import type { App, Datasource } from './applications.ts';
import { markOf, type SimulatedGrafana } from './simulated-grafana.ts';
import type { World } from './world.ts';

/**
 * What has to be in a world at rest, from what its operators did and by nothing of the charm's own: without this a charm
 * that does nothing at all would be fine, and so would one that is wrong in the same way with and without its history.
 * @returns what is missing, too much or otherwise, a line each
 */
export function unexpectedIn(world: World): string[] {
  // Of a datasource that registers twice with one Grafana it depends on who came first.
  if (world.truth.isContested) return [];
  const facts = new Facts(world);
  return world.truth.gateways
    .filter(({ name, plan }) => plan.charm === 'crosslink' && facts.isThere(name))
    .flatMap(({ name }) => {
      const grafana = world.truth.grafanaOf.get(name);
      return grafana === undefined ? [] : facts.unexpectedOf(name, grafana);
    });
}

/** Grafana plugin ids. */
const plugins: Readonly<Record<string, string>> = {
  mimir: 'prometheus',
  pyroscope: 'grafana-pyroscope-datasource',
};

/** One kind of link: the option that chooses its target's application, and where it stands in `jsonData`. */
interface Kind {
  readonly name: string;
  readonly option: string;
  readonly key: string;
  readonly to: readonly string[];
}

const tracing = ['tempo', 'jaeger', 'zipkin'];
const toLogs = { name: 'traces-to-logs', option: 'logs-app', key: 'tracesToLogsV2', to: ['loki'] };
const toMetrics = {
  name: 'traces-to-metrics',
  option: 'metrics-app',
  key: 'tracesToMetrics',
  to: ['prometheus'],
};
const kinds: Readonly<Record<string, readonly Kind[]>> = {
  tempo: [
    { name: 'service-map', option: 'metrics-app', key: 'serviceMap', to: ['prometheus'] },
    toLogs,
    toMetrics,
    {
      name: 'traces-to-profiles',
      option: 'profiles-app',
      key: 'tracesToProfiles',
      to: ['grafana-pyroscope-datasource'],
    },
  ],
  jaeger: [toLogs, toMetrics],
  loki: [{ name: 'logs-to-traces', option: 'traces-app', key: 'derivedFields', to: tracing }],
  prometheus: [
    { name: 'metrics-to-traces', option: 'traces-app', key: 'exemplarTraceIdDestinations', to: tracing },
  ],
};
/** Keys that hold a list: one of each application, in place of one for all. */
const lists = new Set(['derivedFields', 'exemplarTraceIdDestinations']);

/** The row of a datasource that should be there. */
interface Wanted {
  readonly url: string;
  readonly type: string;
  readonly links: Readonly<Record<string, string>>;
}

class Facts {
  readonly #world: World;
  readonly #model: ModelSnapshot;

  constructor(world: World) {
    this.#world = world;
    this.#model = world.model.snapshot();
  }

  isThere(app: string): boolean {
    return Object.keys(this.#model.applications[app]?.units ?? {}).length > 0;
  }

  unexpectedOf(gateway: string, grafana: SimulatedGrafana): string[] {
    const rows = grafana.instance.rows();
    const foreign = rows.filter((row) => markOf(row) === undefined);
    const ours = rows.filter((row) => markOf(row)?.endsWith(`_${gateway}`));
    const sources = this.#partners(gateway, 'datasources');
    const concerns = (app: Datasource) => (row: { uid: string; name: string }) =>
      `${row.uid} ${row.name}`.includes(app.name);
    // Somebody took our mark out of one of theirs: that one is the operator's now, and stands in the way of another.
    const lost = sources.filter((app) => foreign.some(concerns(app)));
    const wanted = sources
      .filter((app) => !lost.includes(app))
      .flatMap((app) => this.#datasourcesOf(app, gateway));
    const silent = sources.filter((app) => this.#datasourcesOf(app, gateway).length === 0);
    const left = silent.filter((app) => !lost.includes(app) && this.#isAnswered(app.name, gateway));
    const has = ours
      .filter((row) => !lost.some((app) => concerns(app)(row)))
      .map(({ url, type, jsonData }) => text({ url, type, links: linksIn(jsonData) }));
    const should = wanted.map(text);
    const where = `${gateway} in Grafana ${grafana.number}`;
    return [
      ...left.map((app) => `${where}: still answers ${app.name}, which registers nothing`),
      ...without(should, has).map((one) => `${where}: nowhere ${one}`),
      ...without(has, should).map((one) => `${where}: should not have ${one}`),
    ].slice(0, 4);
  }

  #datasourcesOf(app: Datasource, gateway: string): Wanted[] {
    // It is none any more, if its operator says so.
    if (app.plan.charm === 'crosslink' && !this.#config(app.name)['datasource-type']) return [];
    const type = this.#typeOf(app);
    const { name, plan } = app;
    const units = Object.keys(this.#model.applications[name]?.units ?? {}).map(
      (unit) => unit.split('/')[1] ?? '',
    );
    const links = this.#linksOf(app, type, gateway);
    if (plan.charm !== 'crosslink') {
      return units.map((unit) => ({ url: `http://${name}-${unit}.example:3200`, type, links }));
    }
    const url = String(this.#config(name)['datasource-url']);
    const urls = url.includes('{unit}') ? units.map((unit) => url.replace('{unit}', unit)) : [url];
    return urls.map((one) => ({ url: one, type, links }));
  }

  #linksOf(app: Datasource, type: string, gateway: string): Record<string, string> {
    if (app.plan.charm !== 'crosslink') return {};
    const config = this.#config(app.name);
    const wanted = String(config.correlations ?? 'all').split(',');
    const chosen = (kinds[type] ?? []).filter(({ name }) => wanted.includes('all') || wanted.includes(name));
    const peers = [
      ...this.#partners(app.name, 'send-datasource'),
      ...this.#partners(app.name, 'receive-datasource'),
    ];
    const links = chosen.flatMap(({ option, key, to }): [string, string][] => {
      const words = String(config[option] ?? '')
        .split(/[\s,]+/)
        .filter((word) => word !== '');
      const rank = (name: string) => (words.includes(name) ? words.indexOf(name) : words.length);
      const targets = peers
        .filter((peer, n) => peers.indexOf(peer) === n && to.includes(this.#typeOf(peer)))
        .filter(({ name }) => words.length === 0 || words.includes('*') || words.includes(name))
        .toSorted((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1))
        .flatMap((peer) => this.#firstUid(peer.name, gateway) ?? []);
      if (targets.length === 0) return [];
      return [[key, lists.has(key) ? targets.toSorted().join(' ') : (targets[0] ?? '')]];
    });
    return Object.fromEntries(links);
  }

  /** @returns of the datasources of an application in a gateway's Grafana, the one of the lowest unit */
  #firstUid(app: string, gateway: string): string | undefined {
    const grafana = this.#world.truth.grafanaOf.get(gateway);
    const gateways = this.#world.truth.gateways.filter(
      ({ name }) => this.#world.truth.grafanaOf.get(name) === grafana,
    );
    const uids = this.#model.relations.flatMap(({ life, ends }) => {
      const answered = ends.find(
        (end) => end.endpoint === 'datasources' && gateways.some(({ name }) => name === end.app),
      );
      const isIt = life === 'alive' && answered && ends.some((end) => end.app === app);
      if (!isIt) return [];
      const { datasource_uids: ofUnits, app_datasource_uid: ofApp } = answered.appData;
      return [...Object.values(JSON.parse(ofUnits ?? '{}') as Record<string, string>), ofApp ?? ''];
    });
    const numbers = (uid: string) => Number(/-(\d+)-[0-9a-f]{8}$/.exec(uid)?.[1] ?? 1e9);
    return uids.filter((uid) => uid !== '').toSorted((a, b) => numbers(a) - numbers(b))[0];
  }

  #isAnswered(app: string, gateway: string): boolean {
    return this.#model.relations.some(({ life, ends }) => {
      const answered = ends.find((end) => end.app === gateway && end.endpoint === 'datasources');
      const { datasource_uids: ofUnits = '{}', app_datasource_uid: ofApp = '' } = answered?.appData ?? {};
      return life === 'alive' && ends.some((end) => end.app === app) && (ofUnits !== '{}' || ofApp !== '');
    });
  }

  #typeOf({ name, plan }: Datasource): string {
    const type = plan.charm === 'crosslink' ? String(this.#config(name)['datasource-type']) : plan.type;
    return plugins[type] ?? type;
  }

  #config(app: string): Readonly<Record<string, unknown>> {
    return this.#model.applications[app]?.config ?? {};
  }

  /** Applications at the other ends of an endpoint's relations, as far as somebody is there. */
  #partners(app: string, endpoint: string): Datasource[] {
    const names = this.#model.relations.flatMap(({ life, ends }) => {
      const isOwn = ends.some((end) => end.app === app && end.endpoint === endpoint);
      return life === 'alive' && isOwn ? ends.filter((end) => end.app !== app).map((end) => end.app) : [];
    });
    const isPartner = (one: App): one is Datasource =>
      one.role === 'datasource' && names.includes(one.name) && this.isThere(one.name);
    return this.#world.truth.apps.filter(isPartner);
  }
}

function linksIn(jsonData: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(jsonData).flatMap(([key, value]): [string, string][] => {
      const uids = [...JSON.stringify(value).matchAll(/"datasourceUid":"([^"]*)"/g)].map(
        ([, uid = '']) => uid,
      );
      return uids.length === 0 ? [] : [[key, [...new Set(uids)].toSorted().join(' ')]];
    }),
  );
}

function text({ url, type, links }: Wanted): string {
  const sorted = Object.entries(links).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${type} ${url} ${JSON.stringify(Object.fromEntries(sorted))}`;
}

/** @returns what of `all` is not among `others`, as often as it is not */
function without(all: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return all.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
