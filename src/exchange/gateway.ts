import { parseUnitName, type UnitName } from '#lib/juju';
import {
  type Conflict,
  type DesiredDatasource,
  datasourceName,
  datasourceUid,
  ownMarker,
  type ProvisionStep,
  planProvisioning,
  type Topology,
} from '#src/grafana/provisioner';
import {
  answerDatabag,
  assignedUids,
  noAnswer,
  type RegisteredSource,
  readAnswer,
} from '#src/relations/grafana-datasource';
import { changesTo } from './changes.ts';
import { type CorrelationsIntent, decideCorrelations } from './gateway-correlations.ts';
import type { SourceRelation } from './gateway-view.ts';
import type { DatabagIntent } from './intent.ts';
import { keptUids } from './kept-uids.ts';
import type { View } from './view.ts';

/** What a gateway is to do about the applications that registered with it. */
export interface GatewayIntent {
  readonly provision: readonly ProvisionStep[];
  readonly conflicts: readonly Conflict[];
  readonly databags: readonly DatabagIntent[];
  readonly correlations: CorrelationsIntent['steps'];
  /** How many datasources there are to be. */
  readonly total: number;
  /** The same of correlations; null where there is no word about them. */
  readonly totalCorrelations: number | null;
}

/** @returns null when there is nothing to decide: a follower, or a Grafana that did not answer */
export function decideGateway({ gateway, sources, configProblems }: View): GatewayIntent | null {
  if (sources === null) return null;
  if (gateway === null) return configProblems.length > 0 ? null : answersTakenBack(sources);
  const { work } = gateway;
  if (work === null || work.grafana.state !== 'ok') return null;
  const { datasources: held } = work.grafana;
  const registered = sources.flatMap(registeredDatasources);
  const wanted = firstOfEach(registered.flatMap(({ datasources }) => datasources));
  const owned = held.flatMap((datasource) => {
    const marker = ownMarker(datasource, gateway.marker);
    return marker === undefined ? [] : [{ uid: datasource.uid, application: marker.application }];
  });
  const ofUnits = new Set(sources.flatMap(uidsOfUnreadableUnits));
  const keep = new Set([...ofUnits, ...sources.flatMap((source) => uidsOfUnreadable(source, owned))]);
  const kept = keptUids(
    wanted.map(({ topology }) => topology),
    new Set(owned.map(({ uid }) => uid)),
    ofUnits,
  );
  const uidOf = (uid: string) => kept.get(uid) ?? uid;
  const desired = wanted.map((datasource) => ({ ...datasource, uid: uidOf(datasource.uid) }));
  const { steps, conflicts } = planProvisioning({
    gateway: gateway.marker,
    desired,
    held,
    keep,
  });
  const blocked = new Set(conflicts.map(({ uid }) => uid));
  const present = new Set([...owned.map(({ uid }) => uid), ...steps.flatMap(uidOfNew)]);
  for (const step of steps) if (step.kind === 'delete') present.delete(step.uid);
  const correlations = decideCorrelations(
    gateway,
    sources,
    registered.map(({ datasources, correlations }) => ({
      sourceUids: datasources.map(({ uid }) => uidOf(uid)),
      correlations,
    })),
    present,
    // What a good relation asks for is known, whatever a bad one of the same application would have said.
    keep.difference(new Set(desired.map(({ uid }) => uid))),
  );
  const answers = registered.flatMap(({ relation, datasources, app, units, kept }): DatabagIntent[] => {
    const needs = datasources.map(({ uid }) => uidOf(uid));
    if (needs.some((uid) => blocked.has(uid))) return [];
    const answer = answerDatabag({
      grafanaUid: gateway.grafanaUid,
      baseUrl: gateway.baseUrl,
      datasourceUids: [
        ...units.map(({ unit, datasource }) => ({ unit, uid: uidOf(datasource.uid) })),
        ...kept,
      ],
      appDatasourceUid: app && uidOf(app.uid),
      secretUri: relation.sealed?.ref,
      takesCorrelations: correlations.announced,
    });
    const changes = changesTo(relation.localAppData, answer);
    return [{ relationId: relation.relationId, bag: 'app', changes, needs }];
  });
  const withdrawn = sources.filter(({ reading }) => reading.state === 'absent').map(takeBack);
  const isNotWithdrawn = (databag: DatabagIntent) =>
    !withdrawn.some(({ relationId }) => relationId === databag.relationId);
  return {
    provision: steps,
    conflicts,
    databags: [...answers, ...withdrawn, ...correlations.databags.filter(isNotWithdrawn)],
    correlations: correlations.steps,
    total: desired.length,
    totalCorrelations: correlations.total,
  };
}

/** An application that was a gateway and is none any more: its Grafana is out of reach, its answers are not. */
function answersTakenBack(sources: readonly SourceRelation[]): GatewayIntent {
  return {
    provision: [],
    conflicts: [],
    databags: sources.map(takeBack),
    correlations: [],
    total: 0,
    totalCorrelations: null,
  };
}

function uidOfNew(step: ProvisionStep): string[] {
  return step.kind === 'create' ? [step.desired.uid] : [];
}

function takeBack({ relationId, localAppData }: SourceRelation): DatabagIntent {
  return { relationId, bag: 'app', changes: changesTo(localAppData, noAnswer), needs: [] };
}

/** A datasource as its topology has it: under the UID that it would get if it were new. */
interface WantedDatasource extends DesiredDatasource {
  readonly topology: Topology;
}

/** What one relation asks for, and which datasource each of those it is told to stands for. */
interface Registered {
  readonly relation: SourceRelation;
  readonly datasources: readonly WantedDatasource[];
  readonly correlations: RegisteredSource['correlations'];
  readonly app: WantedDatasource | undefined;
  readonly units: readonly { readonly unit: UnitName; readonly datasource: WantedDatasource }[];
  /** What units were told that can't be read now. */
  readonly kept: readonly { readonly unit: UnitName; readonly uid: string }[];
}

/** The datasources that one relation asks for, and what it is told once they are there. */
function registeredDatasources(relation: SourceRelation): Registered[] {
  if (relation.reading.state !== 'valid') return [];
  const { source } = relation.reading;
  const { appUrl, members, correlations } = source;
  if (appUrl !== undefined) {
    // One thing, whichever forms it is offered in, and told in both: see adr/002.
    const app = desiredFor(source, appUrl, undefined, relation);
    const units = members.map((unit) => ({ unit, datasource: app }));
    return [{ relation, datasources: [app], correlations, app, units, kept: [] }];
  }
  const units = source.units.map(({ unit, url }) => ({
    unit,
    datasource: desiredFor(source, url, parseUnitName(unit).number, relation),
  }));
  const kept = answeredTo(source.unreadable, relation);
  return [
    {
      relation,
      datasources: units.map(({ datasource }) => datasource),
      correlations,
      app: undefined,
      units,
      kept,
    },
  ];
}

function desiredFor(
  source: RegisteredSource,
  url: string,
  unitNumber: number | undefined,
  { remoteApp, secureFingerprint, sealed }: SourceRelation,
): WantedDatasource {
  const { model, modelUuid, application } = source;
  const topology: Topology = { model, modelUuid, application, unitNumber };
  return {
    topology,
    uid: datasourceUid(topology),
    application: remoteApp,
    name: datasourceName(topology),
    type: source.type,
    url,
    jsonData: source.extraFields ?? {},
    secureJsonData: source.secureExtraFields ?? {},
    sealed,
    secureFingerprint,
  };
}

/** Of several that claim the same identity, that of the oldest relation counts. */
function firstOfEach(datasources: readonly WantedDatasource[]): WantedDatasource[] {
  const byUid = Map.groupBy(datasources, ({ uid }) => uid);
  return [...byUid.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
}

/**
 * What can't be read now was good once: it is left alone rather than taken away. What was answered is not all of it,
 * since nothing is answered before all that an application asks for is there.
 */
function uidsOfUnreadable(
  { reading, remoteApp, localAppData }: SourceRelation,
  owned: readonly Owned[],
): string[] {
  if (reading.state !== 'invalid') return [];
  const madeForIt = owned.filter(({ application }) => (application ?? remoteApp) === remoteApp);
  return [...assignedUids(readAnswer(localAppData).answer), ...madeForIt.map(({ uid }) => uid)];
}

/** The same of single units: where the application as a whole registered, nothing hangs on them. */
function uidsOfUnreadableUnits(relation: SourceRelation): string[] {
  const { reading } = relation;
  if (reading.state !== 'valid' || reading.source.appUrl !== undefined) return [];
  const { unreadable, model, modelUuid, application } = reading.source;
  const own = unreadable.map((unit) =>
    datasourceUid({ model, modelUuid, application, unitNumber: parseUnitName(unit).number }),
  );
  return [...own, ...answeredTo(unreadable, relation).map(({ uid }) => uid)];
}

/** A datasource of this gateway in Grafana; of those of earlier revisions nobody knows which application's. */
interface Owned {
  readonly uid: string;
  readonly application: string | undefined;
}

function answeredTo(
  units: readonly UnitName[],
  { localAppData }: SourceRelation,
): { unit: UnitName; uid: string }[] {
  if (units.length === 0) return [];
  const uids = new Map(Object.entries(readAnswer(localAppData).answer.datasourceUids ?? {}));
  return units.flatMap((unit) => {
    const uid = uids.get(unit) ?? '';
    return uid === '' ? [] : [{ unit, uid }];
  });
}
