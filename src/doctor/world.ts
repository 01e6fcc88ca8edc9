import { type Databag, isUnitName, type UnitName } from '#lib/juju';
import {
  assignedUids,
  type GrafanaAnswer,
  readAnswer,
  readSource,
  type SourceReading,
} from '#src/relations/grafana-datasource';
import { type DatasourceList, readDatasources } from '#src/relations/grafana-datasource-exchange';
import type { Issue } from '../relations/issue.ts';
import type { DeployedRelation, Deployment, RelationEnd } from './deployment.ts';

/** A relation between a datasource application and a Grafana, decoded. */
export interface Registration {
  readonly relation: DeployedRelation;
  readonly source: RelationEnd;
  readonly grafanaEnd: RelationEnd;
  /** `absent` also where the databag can't be seen. */
  readonly reading: SourceReading;
  readonly sourceIssues: readonly Issue[];
  readonly answer: GrafanaAnswer;
  readonly answerIssues: readonly Issue[];
  readonly grafana: Grafana;
}

/** What one application says to one peer. */
export interface Exchange {
  readonly relation: DeployedRelation;
  readonly from: RelationEnd;
  readonly to: RelationEnd;
  /** Null: nothing published, nothing readable, or not to be seen. */
  readonly datasources: DatasourceList | null;
  readonly issues: readonly Issue[];
}

export interface HandedOut {
  readonly uid: string;
  /** Null while nobody can see what the application registered. */
  readonly type: string | null;
  readonly source: RelationEnd;
  /** Unit name as Grafana has it; null for the UID of an application. */
  readonly unit: string | null;
}

/** One Grafana, by whatever its applications and relations say of it. */
export interface Grafana {
  /** Of all applications that are it, `app` is the first. Two gateways may stand for one Grafana. */
  readonly app: string;
  readonly model: string | null;
  readonly key: string;
  readonly registrations: Registration[];
  /** By UID. A UID of the application and of its units may be the same: then it is the application's. */
  readonly handedOut: Map<string, HandedOut>;
  /** Every `grafana_uid` that it gave, the one that counts first. */
  uids: readonly string[];
}

/** A deployment with its databags read, and who is who. */
export interface DecodedWorld {
  readonly deployment: Deployment;
  readonly grafanas: readonly Grafana[];
  readonly registrations: readonly Registration[];
  /** Both directions of every exchange relation. */
  readonly exchanges: readonly Exchange[];
  /** Relations of `grafana_datasource` on which nothing tells who is the datasource. */
  readonly unclear: readonly DeployedRelation[];
}

export function decodeWorld(given: Deployment): DecodedWorld {
  // In whatever order Juju lists them, the same is said of them.
  const deployment = { ...given, relations: inOrder(given.relations) };
  const ofSources = deployment.relations.filter(({ interface: name }) => name === 'grafana_datasource');
  const roles = new Roles(ofSources);
  const sided = ofSources.map((relation) => ({ relation, sides: roles.of(relation) }));
  const grafanas = new Grafanas();
  // Those that say who they are first: what is silent on one relation is known by another.
  const registrations = sided
    .flatMap(({ relation, sides }) => (sides === undefined ? [] : [{ relation, sides }]))
    .toSorted((a, b) => Number(identified(b.sides)) - Number(identified(a.sides)))
    .map(({ relation, sides }) => grafanas.register(relation, ...sides));
  const lists = new Lists();
  const exchanges = deployment.relations
    .filter(({ interface: name }) => name === 'grafana_datasource_exchange')
    .flatMap((relation) => {
      const [a, b] = relation.ends;
      return [lists.exchange(relation, a, b), lists.exchange(relation, b, a)];
    });
  return {
    deployment,
    grafanas: grafanas.all(deployment),
    registrations,
    exchanges,
    unclear: sided.flatMap(({ relation, sides }) => (sides === undefined ? [relation] : [])),
  };
}

function inOrder(relations: readonly DeployedRelation[]): DeployedRelation[] {
  const key = ({ model, id, ends }: DeployedRelation) =>
    JSON.stringify([
      model,
      String(id ?? '').padStart(9, '0'),
      ends.map(({ app, endpoint }) => [app, endpoint]),
    ]);
  return relations
    .map((relation) => ({ relation, text: key(relation) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ relation }) => relation);
}

function identified([, grafana]: readonly [source: RelationEnd, grafana: RelationEnd]): boolean {
  return has(grafana.appData, 'grafana_uid');
}

/** @returns something that is the same for the same application; one of an unseen model is known by its alias */
export function appKey(end: RelationEnd, relation: DeployedRelation): string {
  return end.model === null ? `${relation.model} > ${end.app}` : `${end.model} ${end.app}`;
}

/** The number of the unit that led when the Python charm made this up, and what is before it. */
export function leaderNumberIn(
  grafanaUid: string,
): { readonly stem: string; readonly number: number } | undefined {
  const [, stem, digits] =
    /^(juju_.+_[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}_[a-z][a-z0-9-]*)_(\d{1,9})$/.exec(grafanaUid) ??
    [];
  return stem === undefined ? undefined : { stem, number: Number(digits) };
}

/** Who is the datasource on a relation, and who the Grafana: both call their endpoint `grafana-source`. */
class Roles {
  readonly #sources = new Set<string>();
  readonly #grafanas = new Set<string>();

  constructor(relations: readonly DeployedRelation[]) {
    for (const relation of relations) {
      for (const end of relation.ends) {
        if (writesAsSource(end)) this.#sources.add(appKey(end, relation));
        if (writesAsGrafana(end)) this.#grafanas.add(appKey(end, relation));
      }
    }
  }

  of(relation: DeployedRelation): readonly [source: RelationEnd, grafana: RelationEnd] | undefined {
    const [a, b] = relation.ends;
    // What is written here says more than what the same application wrote elsewhere, and that more than names.
    for (const says of [this.#here, this.#elsewhere, this.#byName]) {
      const [x, y] = [says.call(this, a, relation), says.call(this, b, relation)];
      if (x === y) continue;
      if (x === 'source' || y === 'grafana') return [a, b];
      return [b, a];
    }
    return undefined;
  }

  #here(end: RelationEnd): Role {
    if (writesAsSource(end) === writesAsGrafana(end)) return undefined;
    return writesAsSource(end) ? 'source' : 'grafana';
  }

  #elsewhere(end: RelationEnd, relation: DeployedRelation): Role {
    const key = appKey(end, relation);
    if (this.#sources.has(key) === this.#grafanas.has(key)) return undefined;
    return this.#sources.has(key) ? 'source' : 'grafana';
  }

  #byName({ endpoint }: RelationEnd): Role {
    return endpoint === 'datasources' ? 'grafana' : undefined;
  }
}

type Role = 'source' | 'grafana' | undefined;

function writesAsSource({ appData, units }: RelationEnd): boolean {
  return (
    has(appData, 'grafana_source_data') ||
    has(appData, 'grafana_source_app_host') ||
    units.some(({ data }) => has(data, 'grafana_source_host'))
  );
}

function writesAsGrafana({ appData }: RelationEnd): boolean {
  return has(appData, 'grafana_uid') || has(appData, 'datasource_uids') || has(appData, 'app_datasource_uid');
}

/** @returns whether the key is there: Juju has no empty values */
export function has(databag: Databag | null, key: string): boolean {
  return databag !== null && Object.hasOwn(databag, key) && databag[key] !== '';
}

class Grafanas {
  readonly #byKey = new Map<string, Grafana>();

  register(relation: DeployedRelation, source: RelationEnd, grafanaEnd: RelationEnd): Registration {
    const { reading, issues: sourceIssues } = readSource({
      appData: source.appData ?? {},
      unitsData: new Map(
        source.units.flatMap(({ name, inScope, data }): [UnitName, Databag][] => {
          return inScope && isUnitName(name) ? [[name, data]] : [];
        }),
      ),
    });
    const { answer, issues: answerIssues } = readAnswer(grafanaEnd.appData ?? {});
    const grafana = this.#grafana(relation, grafanaEnd, answer);
    const registration = {
      relation,
      source,
      grafanaEnd,
      reading,
      sourceIssues,
      answer,
      answerIssues,
      grafana,
    };
    grafana.registrations.push(registration);
    const type = reading.state === 'valid' ? reading.source.type : null;
    const hand = (uid: string, unit: string | null) => {
      if (uid !== '') grafana.handedOut.set(uid, { uid, type, source, unit });
    };
    for (const [unit, uid] of Object.entries(answer.datasourceUids ?? {})) hand(uid, unit);
    hand(answer.appDatasourceUid ?? '', null);
    return registration;
  }

  /** The same `grafana_uid` is the same Grafana, also across models, and with another leader's number. */
  #grafana(relation: DeployedRelation, end: RelationEnd, { grafanaUid }: GrafanaAnswer): Grafana {
    const byApp = `app ${appKey(end, relation)}`;
    const byUid = grafanaUid === undefined ? byApp : `uid ${leaderNumberIn(grafanaUid)?.stem ?? grafanaUid}`;
    const known = this.#byKey.get(byUid) ?? this.#byKey.get(byApp);
    const grafana: Grafana = known ?? {
      app: end.app,
      model: end.model,
      key: byUid,
      registrations: [],
      handedOut: new Map(),
      uids: [],
    };
    this.#byKey.set(byUid, grafana);
    if (!this.#byKey.has(byApp)) this.#byKey.set(byApp, grafana);
    return grafana;
  }

  all(deployment: Deployment): Grafana[] {
    const all = [...new Set(this.#byKey.values())];
    for (const grafana of all) grafana.uids = uidsOf(grafana, deployment);
    return all.toSorted((a, b) => (nameKey(a) < nameKey(b) ? -1 : 1));
  }
}

function nameKey({ model, app, key }: Grafana): string {
  return JSON.stringify([model ?? '', app, key]);
}

/** Every `grafana_uid` given; that of the present leader first, or else the one that is given most. */
function uidsOf({ registrations, app, model }: Grafana, { models }: Deployment): string[] {
  const given = registrations.flatMap(({ answer }) => answer.grafanaUid ?? []);
  const leader = models
    .find(({ name }) => name === model)
    ?.applications.find(({ name }) => name === app)
    ?.units.find((unit) => unit.leader)?.name;
  const counts = Map.groupBy(given, (uid) => uid);
  const isLeaders = (uid: string) => leader === `${app}/${leaderNumberIn(uid)?.number}`;
  return [...counts.keys()].toSorted(
    (a, b) =>
      Number(isLeaders(b)) - Number(isLeaders(a)) ||
      (counts.get(b)?.length ?? 0) - (counts.get(a)?.length ?? 0) ||
      (a < b ? -1 : 1),
  );
}

/** An application says the same to all of its peers: each text is read once. */
class Lists {
  readonly #read = new Map<string, ReturnType<typeof readDatasources>>();

  exchange(relation: DeployedRelation, from: RelationEnd, to: RelationEnd): Exchange {
    const text = from.appData?.datasources ?? '';
    const known = this.#read.get(text) ?? readDatasources({ datasources: text });
    this.#read.set(text, known);
    return { relation, from, to, ...known };
  }
}

/** Every UID that Grafana gave to an application, by the relation. */
export function uidsGiven({ answer }: Registration): string[] {
  return assignedUids(answer);
}
