import { assignedUids } from '#src/relations/grafana-datasource';
import { byRelation } from './by-relation.ts';
import type { Correlation, LinkKind } from './correlations/correlation.ts';
import { correlationsOf } from './correlations/table.ts';
import { findingText } from './finding.ts';
import { type Candidate, candidates } from './pick.ts';
import { type Reason, reason } from './reasons.ts';
import type { ExchangeRelation, GrafanaRelation, View } from './view.ts';

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
  const kinds = correlationsOf(datasource.type).links;
  const seats = seatsOf(view, datasource.type);
  return seats.flatMap((seat) => kinds.map((correlation) => explainOne(view, seat, correlation)));
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

function explainOne(view: View, seat: Seat, correlation: Correlation): Link {
  const { grafanaUid, from } = seat;
  const { kind, to: types } = correlation;
  const none = (reasons: readonly Reason[]): Link => ({ grafanaUid, from, kind, to: null, reasons });
  if (grafanaUid === null || seat.obstacles.length > 0) return none(seat.obstacles);
  const [winner, ...others] = candidates(view.exchange, grafanaUid, types);
  if (winner === undefined) return none(whyNone(view, grafanaUid, types));
  const reasons = others.map(({ app, uid }: Candidate) =>
    reason.lostToEqual(app, uid, winner.app, winner.uid),
  );
  return { grafanaUid, from, kind, to: winner, reasons };
}

/** Why no peer has anything to link to in this Grafana: one reason or more for each peer. */
function whyNone({ self, exchange, grafanas }: View, grafanaUid: string, types: readonly string[]): Reason[] {
  if (exchange.length === 0) return [reason.noExchangeRelation(types)];
  const nameOf = grafanaNames(grafanas, exchange);
  const aboutPeers = exchange.flatMap(({ remoteApp, datasources, findings }: ExchangeRelation) => {
    const invalid = findings.map((finding) => reason.databagInvalid(findingText(finding)));
    if (datasources === null) return invalid.length > 0 ? invalid : [reason.peerSilent(remoteApp)];
    const suitable = datasources.filter(({ type }) => types.includes(type));
    // A list of which nothing could be read is not an empty list.
    if (datasources.length === 0 && invalid.length === 0) return [reason.peerWithout(remoteApp)];
    if (suitable.length === 0) return invalid;
    const elsewhere = [...new Set(suitable.map((entry) => entry.grafana_uid))].toSorted();
    return [reason.otherGrafana(remoteApp, elsewhere.map(nameOf), self.app, nameOf(grafanaUid)), ...invalid];
  });
  const anySuitable = exchange.some(({ datasources }) =>
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
