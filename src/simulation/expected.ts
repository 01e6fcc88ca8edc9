import type { ModelSnapshot, RelationEndSnapshot } from '#lib/juju-local';
import type { App, Datasource } from './applications.ts';
import { markOf, type SimulatedGrafana } from './simulated-grafana.ts';
import { linkedUids, objectIn } from './wire.ts';
import type { World } from './world.ts';

/**
 * What has to be in a world at rest, from what its operators did and by nothing of the charm's own: without this a
 * charm that does nothing at all would be fine, and so would one that is wrong in the same way with and without its
 * history.
 * @returns what is missing, too much or otherwise, a line each
 */
export function unexpectedIn(world: World): string[] {
  const facts = new Facts(world);
  return world.truth.gateways
    .filter(({ name, plan }) => plan.charm === 'crosslink' && facts.isThere(name))
    .flatMap(({ name }) => {
      const grafana = world.truth.grafanaOf.get(name);
      // Of a datasource that registers twice with one Grafana it depends on who came first.
      if (grafana === undefined || world.truth.isContestedIn(grafana)) return [];
      return facts.unexpectedOf(name, grafana);
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
interface Expected {
  readonly url: string;
  readonly type: string;
  readonly links: Readonly<Record<string, string>>;
  /** Whether it has secret fields. */
  readonly sealed: boolean;
}

/** What somebody asks for, and who is to be answered: a unit, or an application by its name. */
interface Wanted extends Expected {
  readonly asker: string;
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
    const concerns = (app: Datasource) => {
      const uids = new RegExp(`^${app.name}-(\\d+-)?[0-9a-f]{8}$`);
      return ({ uid }: { readonly uid: string }) => uids.test(uid);
    };
    // Somebody took our mark out of one of theirs: that one is the operator's now, and stands in the way of another.
    const lost = sources.filter((app) => foreign.some(concerns(app)));
    const wanted = sources
      .filter((app) => !lost.includes(app))
      .flatMap((app) => this.#datasourcesOf(app, gateway));
    const silent = sources.filter((app) => this.#datasourcesOf(app, gateway).length === 0);
    const left = silent.filter((app) => !lost.includes(app) && this.#isAnswered(app.name, gateway));
    const has = ours
      .filter((row) => !lost.some((app) => concerns(app)(row)))
      .map(({ url, type, jsonData, secureJsonData }) => {
        const sealed = Object.keys(secureJsonData).length > 0;
        return text({ url, type, links: linksIn(jsonData), sealed });
      });
    const should = wanted.map(text);
    const where = `${gateway} in Grafana ${grafana.number}`;
    const unanswered = wanted.filter(({ asker, url }) => {
      const uid = this.#answerTo(asker, gateway);
      return !ours.some((row) => row.uid === uid && row.url === url);
    });
    return [
      ...unanswered.map(({ asker, url }) => `${where}: does not tell ${asker} the UID of ${url}`),
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
    const units = Object.keys(this.#model.applications[name]?.units ?? {}).map((unit) => ({
      asker: unit,
      number: unit.split('/')[1] ?? '',
    }));
    const links = this.#linksOf(app, type, gateway);
    if (plan.charm !== 'crosslink') {
      return units.map(({ asker, number }) => {
        return { asker, url: `http://${name}-${number}.example:3200`, type, links, sealed: false };
      });
    }
    const sealed = String(this.#config(name)['secure-json-data'] ?? '') !== '';
    const url = String(this.#config(name)['datasource-url']);
    if (!url.includes('{unit}')) return [{ asker: name, url, type, links, sealed }];
    return units.map(({ asker, number }) => {
      return { asker, url: url.replace('{unit}', number), type, links, sealed };
    });
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
    const { grafanaOf } = this.#world.truth;
    const gateways = [...grafanaOf].filter(([, grafana]) => grafana === grafanaOf.get(gateway));
    const uids = gateways.flatMap(([name]) => {
      const { datasource_uids: ofUnits, app_datasource_uid: ofApp = '' } = this.#answer(app, name);
      return [...Object.values(objectIn(ofUnits) ?? {}).map(String), ofApp];
    });
    const numbers = (uid: string) => Number(/-(\d+)-[0-9a-f]{8}$/.exec(uid)?.[1] ?? 1e9);
    return uids.filter((uid) => uid !== '').toSorted((a, b) => numbers(a) - numbers(b))[0];
  }

  /** @returns the UID that a gateway answers a unit, or an application as a whole; undefined: none */
  #answerTo(asker: string, gateway: string): unknown {
    const [app = ''] = asker.split('/');
    const answer = this.#answer(app, gateway);
    return asker === app ? answer.app_datasource_uid : objectIn(answer.datasource_uids)?.[asker];
  }

  #isAnswered(app: string, gateway: string): boolean {
    const { datasource_uids: ofUnits = '{}', app_datasource_uid: ofApp = '' } = this.#answer(app, gateway);
    return ofUnits !== '{}' || ofApp !== '';
  }

  /** @returns what a gateway says to an application */
  #answer(app: string, gateway: string): Readonly<Record<string, string>> {
    const isGateway = (end: RelationEndSnapshot) => end.app === gateway && end.endpoint === 'datasources';
    const relation = this.#model.relations.find(
      ({ life, ends }) => life === 'alive' && ends.some(isGateway) && ends.some((end) => end.app === app),
    );
    return relation?.ends.find(isGateway)?.appData ?? {};
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
      const uids = linkedUids(JSON.stringify(value));
      return uids.length === 0 ? [] : [[key, [...new Set(uids)].toSorted().join(' ')]];
    }),
  );
}

function text({ url, type, links, sealed }: Expected): string {
  const sorted = Object.entries(links).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const secrets = sealed ? 'with secrets' : 'without secrets';
  return `${type} ${url} ${secrets} ${JSON.stringify(Object.fromEntries(sorted))}`;
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
