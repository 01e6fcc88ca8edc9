import { assignedUids } from '#src/relations/grafana-datasource';
import { byRelation } from './by-relation.ts';
import type { Correlation, LinkKind, Target } from './correlations/correlation.ts';
import { findingText } from './finding.ts';
import { type LinksOfKind, linksIn } from './links.ts';
import { inOrder } from './pick.ts';
import { type Reason, reason } from './reasons.ts';
import type { DatasourceView, ExchangeRelation, GrafanaRelation, View } from './view.ts';

/** A datasource at one end of a link. */
export interface LinkEnd {
  readonly app: string;
  /** Null while Grafana has not assigned one. */
  readonly uid: string | null;
  readonly type: string;
}

/** One kind of link of one datasource in one Grafana, made or not, and why. */
export interface Link {
  /** Null where the Grafana has not said who it is, or there is none. */
  readonly grafanaUid: string | null;
  readonly from: LinkEnd;
  readonly kind: LinkKind;
  /** Null: there is no link, and `reasons` say why. */
  readonly to: (LinkEnd & { readonly uid: string }) | null;
  /** For a link that was made, why these and not others. */
  readonly reasons: readonly Reason[];
}

/**
 * For each Grafana, each own datasource in it and each kind of link that its type can have: where it points, or
 * every reason why it points nowhere. Looks at the same view as `decide`, by the same rules.
 * @returns sorted by Grafana, own uid and kind; `[]` for an application that is no datasource, or only a target
 */
export function explain(seen: View): Link[] {
  const view = byRelation(seen);
  const { datasource } = view;
  if (datasource === null) return [];
  return seatsOf(view, datasource.type).flatMap((seat) => {
    const { kinds } = linksIn(datasource, view.exchange, seat.grafanaUid ?? undefined);
    return kinds.flatMap((kind) => explainKind(view, datasource, seat, kind));
  });
}

/** One own datasource in one Grafana, or the lack of it. */
interface Seat {
  readonly grafanaUid: string | null;
  readonly from: LinkEnd;
  /** Tells seats apart that have no UID; '' where they have. */
  readonly grafanaApp: string;
  /** Why nothing can be linked from here, whatever the peers say. */
  readonly obstacles: readonly Reason[];
}

function seatsOf({ self: { app }, grafanas }: View, type: string): Seat[] {
  if (grafanas.length === 0) {
    const from = { app, uid: null, type };
    return [{ grafanaUid: null, from, grafanaApp: '', obstacles: [reason.noGrafanaRelation()] }];
  }
  const seats = grafanas.flatMap((relation): Seat[] => {
    const uids = assignedUids(relation.answer);
    const obstacles = obstaclesOf(relation, uids);
    const grafanaUid = relation.answer.grafanaUid ?? null;
    const own = uids.length === 0 ? [null] : uids;
    const grafanaApp = obstacles.length > 0 ? relation.remoteApp : '';
    return own.map((uid) => ({ grafanaUid, from: { app, uid, type }, grafanaApp, obstacles }));
  });
  // Two gateways of one Grafana are one Grafana; `''` sorts what is not known first.
  const key = ({ grafanaUid, from, grafanaApp }: Seat) =>
    JSON.stringify([grafanaUid ?? '', from.uid ?? '', grafanaApp]);
  const unique = new Map(seats.map((seat) => [key(seat), seat]));
  return [...unique].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, seat]) => seat);
}

function obstaclesOf({ answer, remoteApp, findings }: GrafanaRelation, uids: readonly string[]): Reason[] {
  const invalid = findings.map((finding) => reason.databagInvalid(findingText(finding)));
  const answered = uids.length > 0 || answer.datasourceUids !== undefined;
  if (answer.grafanaUid === undefined && answered) return [reason.grafanaWithoutUid(remoteApp), ...invalid];
  if (uids.length === 0) return [reason.grafanaSilent(remoteApp), ...invalid];
  return [];
}

function explainKind(view: View, datasource: DatasourceView, seat: Seat, links: LinksOfKind): Link[] {
  const { grafanaUid, from, obstacles } = seat;
  const { correlation, targets, equals, written } = links;
  const { kind, key } = correlation;
  const link = (to: Link['to'], reasons: readonly Reason[]): Link => ({
    grafanaUid,
    from,
    kind,
    to,
    reasons,
  });
  if (grafanaUid === null || obstacles.length > 0) return [link(null, obstacles)];
  const made = targets
    .filter(({ uid }) => written.includes(uid))
    .map((target) => {
      const others = equals.get(target.uid) ?? [];
      return link(
        target,
        others.map(({ app, uid }) => reason.lostToEqual(app, uid, target.app, target.uid)),
      );
    });
  const byHand = written
    .filter((uid) => !targets.some((target) => target.uid === uid))
    .map((uid) => link(byHandTarget(view, uid), [reason.setByOperator(key, uid)]));
  if (made.length > 0 || byHand.length > 0) return [...made, ...byHand];
  if (targets.length > 0) return [link(null, [reason.removedByOperator(key)])];
  return [link(null, whyNone(view, datasource, grafanaUid, correlation))];
}

/** The operator may name any datasource; where a peer has told of it, it is that peer's. */
function byHandTarget({ exchange }: View, uid: string): Target {
  const told = exchange.flatMap(({ remoteApp, datasources }) =>
    (datasources ?? [])
      .filter((entry) => entry.uid === uid)
      .map(({ type }) => ({ app: remoteApp, uid, type })),
  );
  const [first] = told.toSorted(inOrder);
  return first ?? { app: 'json-data', uid, type: 'unknown' };
}

/** Why no peer has anything to link to in this Grafana: one reason or more for each peer. */
function whyNone(
  { self, exchange, grafanas }: View,
  { preferences }: DatasourceView,
  grafanaUid: string,
  { kind, signal, to: types }: Correlation,
): Reason[] {
  if (!preferences.kinds.includes(kind)) return [reason.kindOff(kind)];
  if (exchange.length === 0) return [reason.noExchangeRelation(types)];
  const { apps, others } = preferences.apps[signal];
  const eligible = others ? exchange : exchange.filter(({ remoteApp }) => apps.includes(remoteApp));
  if (eligible.length === 0) return [reason.pinnedAbsent(signal, apps)];
  const nameOf = grafanaNames(grafanas, exchange);
  const aboutPeers = eligible.flatMap(({ remoteApp, datasources, findings }: ExchangeRelation) => {
    const invalid = findings.map((finding) => reason.databagInvalid(findingText(finding)));
    if (datasources === null) return invalid.length > 0 ? invalid : [reason.peerSilent(remoteApp)];
    const suitable = datasources.filter(({ type }) => types.includes(type));
    // A list of which nothing could be read is not an empty list.
    if (datasources.length === 0 && invalid.length === 0) return [reason.peerWithout(remoteApp)];
    if (suitable.length === 0) return invalid;
    const elsewhere = [...new Set(suitable.map((entry) => entry.grafana_uid))].toSorted();
    return [reason.otherGrafana(remoteApp, elsewhere.map(nameOf), self.app, nameOf(grafanaUid)), ...invalid];
  });
  const anySuitable = eligible.some(({ datasources }) =>
    datasources?.some(({ type }) => types.includes(type)),
  );
  return anySuitable ? aboutPeers : [reason.noSuitablePeer(types), ...aboutPeers];
}

/**
 * What to call a Grafana. Its UID names the application that is its gateway; related ones have a name of their
 * own here. Where it would not be clear, the UID as it is.
 */
function grafanaNames(
  grafanas: readonly GrafanaRelation[],
  exchange: readonly ExchangeRelation[],
): (grafanaUid: string) => string {
  const shape = /^juju_.+_[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}_([a-z][a-z0-9-]*)(?:_\d+)?$/;
  const related = new Map(grafanas.map(({ answer, remoteApp }) => [answer.grafanaUid, remoteApp]));
  const nameOf = (grafanaUid: string) => related.get(grafanaUid) ?? shape.exec(grafanaUid)?.[1] ?? grafanaUid;
  const mentioned = exchange.flatMap(
    ({ datasources }) => datasources?.map((entry) => entry.grafana_uid) ?? [],
  );
  const uids = new Set([...mentioned, ...[...related.keys()].filter((uid) => uid !== undefined)]);
  const namesakes = Map.groupBy(uids, nameOf);
  return (grafanaUid) => {
    const name = nameOf(grafanaUid);
    return (namesakes.get(name)?.length ?? 0) > 1 ? grafanaUid : name;
  };
}
