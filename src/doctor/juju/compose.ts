import type { Databag } from '#lib/juju';
import type {
  DeployedApplication,
  DeployedModel,
  DeployedRelation,
  Interface,
  RelationEnd,
  RelationUnit,
} from '../deployment.ts';
import { interfaceOf, type ModelInput } from './model-input.ts';
import type { RelationRow } from './show-unit.ts';
import { applicationOf, failedHook, type JujuStatus, unitsOf } from './status.ts';

/**
 * One relation as one of its applications sees it. `juju show-unit` shows what the other application wrote and what
 * the unit itself wrote: both ends together make the whole.
 */
interface Sight {
  readonly app: string;
  readonly endpoint: string;
  readonly relatedEndpoint: string;
  readonly interface: Interface;
  readonly id: number | null;
  /** Undefined until found out: a row does not name the other application, unless it has units. */
  remoteApp: string | undefined;
  readonly remoteAppData: Databag;
  readonly remoteUnits: Map<string, RelationUnit>;
  readonly ownUnits: Map<string, RelationUnit>;
}

/**
 * Puts together what a model's own applications see.
 * @param name - what the model is called in all output
 */
export function composeModel(
  name: string,
  input: ModelInput,
): { readonly model: DeployedModel; readonly relations: readonly DeployedRelation[] } {
  const { status } = input;
  const sights = sightsOf(input);
  nameRemotes(sights, status);
  const shown = new Set([...input.units.keys()].map(applicationOf));
  const relations = pair(sights).map((pair) => relationOf(name, pair, status, shown));
  return {
    model: {
      name,
      applications: applicationsOf(name, status, shown),
    },
    relations: [...relations, ...unshown(name, status, relations, shown)],
  };
}

function applicationsOf(
  model: string,
  status: JujuStatus,
  shown: ReadonlySet<string>,
): DeployedApplication[] {
  const units = Map.groupBy(unitsOf(status), ({ app }) => app);
  return Object.keys(status.applications ?? {}).map((name) => ({
    model,
    name,
    shown: shown.has(name),
    units: (units.get(name) ?? []).map(({ name, unit }) => ({
      name,
      leader: unit.leader ?? false,
      status: unit['workload-status']?.current ?? '',
      message: failedHook(unit),
    })),
  }));
}

function sightsOf({ status, units }: ModelInput): Sight[] {
  const sights = new Map<string, Sight>();
  for (const [unit, rows] of units) {
    const app = applicationOf(unit);
    for (const row of rows) {
      const interfaceName = interfaceOf(status, app, row.endpoint);
      if (interfaceName === undefined) continue;
      const sight = sightOf(app, interfaceName, row);
      const key = keyOf(sight);
      const known = sights.get(key) ?? sight;
      sights.set(key, known);
      // Each unit adds its own databag; the rest is the same whichever unit is asked.
      for (const [name, one] of sight.remoteUnits) known.remoteUnits.set(name, one);
      const own = row['local-unit'];
      if (own !== undefined) {
        known.ownUnits.set(unit, relationUnit(unit, { 'in-scope': own['in-scope'], data: own.data }));
      }
    }
  }
  return [...sights.values()];
}

function sightOf(app: string, interfaceName: Interface, row: RelationRow): Sight {
  const related = Object.entries(row['related-units'] ?? {});
  const remoteUnits = new Map(related.map(([name, unit]) => [name, relationUnit(name, unit)]));
  const [first] = remoteUnits.keys();
  return {
    app,
    endpoint: row.endpoint,
    relatedEndpoint: row['related-endpoint'],
    interface: interfaceName,
    id: row['relation-id'] ?? null,
    remoteApp: first === undefined ? undefined : applicationOf(first),
    remoteAppData: row['application-data'],
    remoteUnits,
    ownUnits: new Map(),
  };
}

function relationUnit(name: string, unit: { 'in-scope': boolean; data: Databag }): RelationUnit {
  const number = Number(/\/(\d{1,9})$/.exec(name)?.[1] ?? -1);
  return { name, number, inScope: unit['in-scope'], data: unit.data };
}

function keyOf({ app, endpoint, id, remoteApp, relatedEndpoint }: Sight): string {
  return JSON.stringify([app, endpoint, id ?? [remoteApp ?? '', relatedEndpoint]]);
}

/** Finds the other application of a row that shows no unit of it. */
function nameRemotes(sights: readonly Sight[], status: JujuStatus): void {
  const byId = Map.groupBy(sights, ({ id }) => id);
  for (const sight of sights) {
    if (sight.remoteApp !== undefined || sight.id === null) continue;
    sight.remoteApp = byId.get(sight.id)?.find((other) => other !== sight)?.app;
  }
  const taken = new Set(sights.map(({ app, endpoint, remoteApp }) => `${app} ${endpoint} ${remoteApp}`));
  for (const sight of sights) {
    if (sight.remoteApp !== undefined) continue;
    const related = status.applications?.[sight.app]?.relations?.[sight.endpoint] ?? [];
    const free = related
      .map((one) => one['related-application'])
      .filter((app) => !taken.has(`${sight.app} ${sight.endpoint} ${app}`));
    if (free.length === 1) sight.remoteApp = free[0];
  }
}

/** The two sights of each relation; one where only one application was asked, or only one is in this model. */
function pair(sights: readonly Sight[]): (readonly [Sight] | readonly [Sight, Sight])[] {
  const groups = Map.groupBy(sights, ({ id, app, endpoint, remoteApp, relatedEndpoint }) =>
    id === null
      ? JSON.stringify([`${app}:${endpoint}`, `${remoteApp ?? ''}:${relatedEndpoint}`].toSorted())
      : id,
  );
  return [...groups.values()].flatMap((group) => {
    const [first, second] = group.toSorted((a, b) => (a.app < b.app ? -1 : 1));
    if (first === undefined) return [];
    return [second === undefined ? ([first] as const) : ([first, second] as const)];
  });
}

function relationOf(
  model: string,
  [one, other]: readonly [Sight] | readonly [Sight, Sight],
  status: JujuStatus,
  shown: ReadonlySet<string>,
): DeployedRelation {
  const common = { model, id: one.id, interface: one.interface };
  if (other !== undefined) {
    return { ...common, ends: [seenFrom(model, one, other), seenFrom(model, other, one)] };
  }
  const { remoteApp } = one;
  const local = remoteApp !== undefined && Object.hasOwn(status.applications ?? {}, remoteApp);
  const own: RelationEnd = {
    model,
    app: one.app,
    endpoint: one.endpoint,
    // Juju leaves out a row without any data in it: what the other application was to show was empty.
    appData: local && shown.has(remoteApp) ? {} : null,
    units: inOrder(one.ownUnits),
  };
  const remote: RelationEnd = {
    model: local ? model : null,
    app: remoteApp ?? '',
    endpoint: one.relatedEndpoint,
    appData: one.remoteAppData,
    units: inOrder(one.remoteUnits),
  };
  return { ...common, ends: [own, remote] };
}

/** One's own end: its application's databag as the other sees it, and each unit as whoever shows it. */
function seenFrom(model: string, { app, endpoint, ownUnits }: Sight, other: Sight): RelationEnd {
  const units = new Map([...other.remoteUnits, ...ownUnits]);
  return { model, app, endpoint, appData: other.remoteAppData, units: inOrder(units) };
}

function inOrder(units: ReadonlyMap<string, RelationUnit>): RelationUnit[] {
  return [...units.values()].toSorted((a, b) => a.number - b.number);
}

/** Relations that only `juju status` tells of: nobody has written anything, not even Juju. */
function unshown(
  model: string,
  status: JujuStatus,
  relations: readonly DeployedRelation[],
  shown: ReadonlySet<string>,
): DeployedRelation[] {
  const known = new Set(
    relations.flatMap(({ interface: name, ends: [a, b] }) => [
      JSON.stringify([name, a.app, b.app]),
      JSON.stringify([name, b.app, a.app]),
    ]),
  );
  const found: DeployedRelation[] = [];
  for (const [app, { relations: endpoints }] of Object.entries(status.applications ?? {})) {
    for (const [endpoint, related] of Object.entries(endpoints ?? {})) {
      const name = interfaceOf(status, app, endpoint);
      if (name === undefined) continue;
      for (const { 'related-application': other } of related) {
        if (known.has(JSON.stringify([name, app, other]))) continue;
        known.add(JSON.stringify([name, app, other]));
        known.add(JSON.stringify([name, other, app]));
        const local = Object.hasOwn(status.applications ?? {}, other);
        const data = shown.has(app) && (!local || shown.has(other)) ? {} : null;
        found.push({
          model,
          id: null,
          interface: name,
          ends: [
            { model, app, endpoint, appData: local ? data : null, units: [] },
            {
              model: local ? model : null,
              app: other,
              endpoint: endpointTo(status, other, app, name),
              appData: data,
              units: [],
            },
          ],
        });
      }
    }
  }
  return found;
}

function endpointTo(status: JujuStatus, app: string, other: string, name: Interface): string {
  const relations =
    status.applications?.[app]?.relations ?? status['application-endpoints']?.[app]?.relations;
  const found = Object.entries(relations ?? {}).find(
    ([endpoint, related]) =>
      interfaceOf(status, app, endpoint) === name &&
      related.some((one) => one['related-application'] === other),
  );
  return found?.[0] ?? '';
}
