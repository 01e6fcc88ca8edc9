import { defaultPreferences, explain, type Link, type View } from '#src/exchange';
import { correlationsOf } from '../exchange/correlations/table.ts';
import type { DoctorReasonCode } from './codes.ts';
import type { DeployedApplication } from './deployment.ts';
import type { ReportLink, ReportLinkEnd, ReportReason } from './report.ts';
import { appKey, type DecodedWorld, type Exchange, type Grafana, type Registration } from './world.ts';
import { type WrittenLink, writtenLinks } from './written-links.ts';

/** One datasource application of a model that was looked at, with everything that it takes part in. */
interface Participant {
  readonly model: string;
  readonly app: string;
  readonly type: string;
  readonly registrations: readonly Registration[];
  /** What its peers say to it. */
  readonly heard: readonly Exchange[];
}

/**
 * Every link that an application wrote, and for every one that it could have and did not write, why it is not there:
 * by the charm's own `explain`, of which a view is made for each application, whatever charm it is.
 */
export function explainedLinks(world: DecodedWorld): ReportLink[] {
  const owners = ownersOf(world);
  return participants(world).flatMap((participant) => linksOf(participant, owners));
}

/** Whose a UID is, in which Grafana: first by what Grafana said, then by what applications say of themselves. */
type Owners = (grafana: Grafana | undefined, uid: string) => Omit<ReportLinkEnd, 'uid'>;

function ownersOf({ exchanges }: DecodedWorld): Owners {
  const claimed = new Map<string, Omit<ReportLinkEnd, 'uid'>>();
  for (const { from, datasources } of exchanges) {
    for (const { uid, type } of datasources ?? [])
      claimed.set(uid, { app: from.app, model: from.model, type });
  }
  const nobody = { app: null, model: null, type: null };
  return (grafana, uid) => {
    const given = grafana?.handedOut.get(uid);
    if (given === undefined) return claimed.get(uid) ?? nobody;
    const { source, type } = given;
    return { app: source.app, model: source.model, type: type ?? claimed.get(uid)?.type ?? null };
  };
}

function participants({ deployment, registrations, exchanges }: DecodedWorld): Participant[] {
  const byApp = Map.groupBy(registrations, ({ source, relation }) => appKey(source, relation));
  const heardBy = Map.groupBy(exchanges, ({ to, relation }) => appKey(to, relation));
  return deployment.models
    .flatMap(({ applications }) => applications)
    .filter(({ shown }) => shown)
    .flatMap(({ model, name }: DeployedApplication) => {
      const key = `${model} ${name}`;
      const own = byApp.get(key) ?? [];
      const heard = heardBy.get(key) ?? [];
      const type = typeOf(own) ?? spokenType(exchanges, key);
      if (type === undefined) return [];
      return [{ model, app: name, type, registrations: own, heard }];
    });
}

function typeOf(registrations: readonly Registration[]): string | undefined {
  for (const { reading } of registrations) if (reading.state === 'valid') return reading.source.type;
  return undefined;
}

/** What it registered can't be seen, or it is related to no Grafana: it tells its peers its type all the same. */
function spokenType(exchanges: readonly Exchange[], key: string): string | undefined {
  const own = exchanges.filter(({ from, relation }) => appKey(from, relation) === key);
  return own.flatMap(({ datasources }) => datasources ?? [])[0]?.type;
}

function linksOf(participant: Participant, owners: Owners): ReportLink[] {
  const grafanas = grafanaByUid(participant);
  const written = new Map(participant.registrations.map((one) => [one, writtenLinks(one)]));
  const links: ReportLink[] = [];
  const accounted = new Set<WrittenLink>();
  const byKind = Map.groupBy(explain(viewOf(participant)), ({ grafanaUid, from, kind }) =>
    JSON.stringify([grafanaUid, from.uid, kind]),
  );
  for (const [first, ...others] of byKind.values()) {
    if (first === undefined) continue;
    const { grafanaUid, kind } = first;
    const grafana = grafanaUid === null ? undefined : grafanas.get(grafanaUid);
    const mine = participant.registrations.filter((one) => one.answer.grafanaUid === grafanaUid);
    const found = mine.flatMap((one) => (written.get(one) ?? []).filter((link) => link.kind === kind));
    for (const one of found) accounted.add(one);
    const from: ReportLinkEnd = { ...first.from, model: participant.model };
    const common = { grafana: grafana?.key ?? null, from, kind };
    // Several fields may lead to one datasource.
    const uids = [...new Set(found.map(({ uid }) => uid))];
    const made = uids.map((uid) => ({ ...common, to: { uid, ...owners(grafana, uid) }, reasons: [] }));
    const apps = new Set(made.map(({ to }) => to.app));
    const missing = [first, ...others].filter(({ to }) => {
      return (
        made.length === 0 || (to !== null && hasRoomForMore(participant.type, kind) && !apps.has(to.app))
      );
    });
    const reasons = missing.flatMap((link) => whyNot(link, mine));
    links.push(...made, ...(missing.length > 0 ? [{ ...common, to: null, reasons }] : []));
  }
  return [...links, ...others(participant, written, accounted, owners)];
}

/** Whether Grafana takes a link of this kind to each application. */
function hasRoomForMore(type: string, kind: string): boolean {
  return correlationsOf(type).links.some((link) => link.kind === kind && link.room === 'each application');
}

/** Links that no explanation speaks of: of another kind than is known, or of a type that is not known to link. */
function others(
  { model, app, type }: Participant,
  written: ReadonlyMap<Registration, readonly WrittenLink[]>,
  accounted: ReadonlySet<WrittenLink>,
  owners: Owners,
): ReportLink[] {
  return [...written].flatMap(([{ grafana, answer }, links]) => {
    const own = [...new Set(Object.values(answer.datasourceUids ?? {})), answer.appDatasourceUid];
    const uids = own.filter((uid) => uid !== undefined && uid !== '');
    return links
      .filter((link) => !accounted.has(link))
      .flatMap(({ kind, uid }) =>
        (uids.length === 0 ? [null] : [...new Set(uids)]).map((own) => ({
          grafana: grafana.key,
          from: { uid: own ?? null, app, model, type },
          kind,
          to: { uid, ...owners(grafana, uid) },
          reasons: [],
        })),
      );
  });
}

function grafanaByUid({ registrations }: Participant): ReadonlyMap<string, Grafana> {
  return new Map(
    registrations.flatMap(({ answer, grafana }) =>
      answer.grafanaUid === undefined ? [] : [[answer.grafanaUid, grafana] as const],
    ),
  );
}

function whyNot(link: Link, registrations: readonly Registration[]): ReportReason[] {
  if (link.to === null) return [...link.reasons];
  const { uid, app } = link.to;
  const unseen = registrations.every(({ source }) => source.appData === null);
  return [unseen ? notVisible(registrations[0]) : notWritten(app, uid)];
}

interface DoctorReason extends ReportReason {
  readonly code: DoctorReasonCode;
}

function notWritten(app: string, uid: string): DoctorReason {
  return {
    code: 'not-written',
    message: `${app} (${uid}) could be linked to, and the application wrote no such link`,
    remedy: 'see whether its charm makes this kind of link, and whether its config switches it off',
  };
}

function notVisible(registration: Registration | undefined): DoctorReason {
  const grafana = registration?.grafanaEnd.app ?? 'its Grafana';
  const elsewhere = registration?.grafanaEnd.model === null;
  return {
    code: 'not-visible',
    message: `what the application wrote to ${grafana} can only be seen from there`,
    remedy: elsewhere
      ? `name the model of ${grafana} as well: --model for each`
      : `add a unit of ${grafana} to what show-unit is asked for`,
  };
}

/** The application as its own charm would see it, were it this one. */
function viewOf({ model, app, type, registrations, heard }: Participant): View {
  // Two relations of one model may have no id; what is said of them hangs on none.
  let invented = -1;
  const idOf = (id: number | null) => {
    invented -= 1;
    return id ?? invented;
  };
  return {
    self: { unit: `${app}/0` as const, app, unitNumber: 0, model, modelUuid: '', leader: true },
    configProblems: [],
    datasource: { type, url: '', perUnit: false, preferences: defaultPreferences },
    grafanas: registrations.map(({ relation, grafanaEnd, source, answer, answerIssues }) => {
      const relationId = idOf(relation.id);
      const endpoint = source.endpoint;
      return {
        relationId,
        remoteApp: grafanaEnd.app,
        answer,
        findings: answerIssues.map((issue) => ({
          ...issue,
          relationId,
          endpoint,
          remoteApp: grafanaEnd.app,
        })),
        localAppData: null,
        localUnitData: {},
      };
    }),
    exchange: heard.map(({ relation, from, to, datasources, issues }) => {
      const relationId = idOf(relation.id);
      const { endpoint } = to;
      return {
        relationId,
        endpoint,
        remoteApp: from.app,
        datasources,
        findings: issues.map((issue) => ({ ...issue, relationId, endpoint, remoteApp: from.app })),
        localAppData: null,
      };
    }),
    secret: null,
    gateway: null,
    sources: null,
    peer: null,
    fingerprintKey: null,
    status: { status: 'active', message: '' },
  };
}
