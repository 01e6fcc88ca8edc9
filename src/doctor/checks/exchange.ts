import * as z from 'zod';
import { json } from '#lib/juju';
import { type DatasourceList, datasourcesDatabag } from '#src/relations/grafana-datasource-exchange';
import { correlationsOf } from '../../exchange/correlations/table.ts';
import type { RelationEnd } from '../deployment.ts';
import type { ReportFinding } from '../report.ts';
import {
  appKey,
  type DecodedWorld,
  type Exchange,
  leaderNumberIn,
  type Registration,
  uidsGiven,
} from '../world.ts';
import { list, quoted, wrong } from './finding.ts';
import { nowhere } from './links.ts';

const key = 'datasources';

/** Whether every application tells its peers what its Grafanas gave it: all of that, and nothing else. */
export function checkExchanges(world: DecodedWorld): ReportFinding[] {
  const byApp = Map.groupBy(world.registrations, ({ source, relation }) => appKey(source, relation));
  const types = typesOf(world);
  const orders = new Orders();
  const shown = new Set(
    world.deployment.models.flatMap(({ name: model, applications }) =>
      applications.flatMap(({ name, shown }) => (shown ? [`${model} ${name}`] : [])),
    ),
  );
  return world.exchanges.flatMap((exchange) => {
    if (exchange.from.appData === null) return [];
    const app = appKey(exchange.from, exchange.relation);
    // Of what was not looked at nobody here knows which Grafanas it has, and what they gave it.
    const own = shown.has(app) ? (byApp.get(app) ?? []) : null;
    return checkExchange(world, exchange, own, { types, orders });
  });
}

type TypeOf = (end: RelationEnd, exchange: Exchange) => string | undefined;

function typesOf({ registrations, exchanges }: DecodedWorld): TypeOf {
  const types = new Map<string, string>();
  for (const { from, relation, datasources } of exchanges) {
    const [first] = datasources ?? [];
    if (first !== undefined) types.set(appKey(from, relation), first.type);
  }
  for (const { source, relation, reading } of registrations) {
    if (reading.state === 'valid') types.set(appKey(source, relation), reading.source.type);
  }
  return (end, { relation }) => types.get(appKey(end, relation));
}

function checkExchange(
  world: DecodedWorld,
  exchange: Exchange,
  own: readonly Registration[] | null,
  { types, orders }: { readonly types: TypeOf; readonly orders: Orders },
): ReportFinding[] {
  const { relation, from, issues, datasources } = exchange;
  const at = { relation, end: from, key };
  const invalid = issues.map(({ path, message }) =>
    wrong(
      'databag-invalid',
      { ...at, path },
      `${from.app} wrote what can't be read: ${message}; a Python charm takes nothing of the whole list then`,
      `report it to the authors of the charm of ${from.app}`,
    ),
  );
  if (datasources === null) return [...invalid, ...(invalid.length === 0 ? silence(exchange, types) : [])];
  const compared = own === null ? [] : [...missing(exchange, own), ...surplus(world, exchange, own)];
  return [...invalid, ...orders.check(exchange), ...compared];
}

/** Silence matters where one of the two could link to the other. */
function silence(exchange: Exchange, typeOf: TypeOf): ReportFinding[] {
  const { relation, from, to } = exchange;
  const [type, peerType] = [typeOf(from, exchange), typeOf(to, exchange)];
  const links = (a: string, b: string) => correlationsOf(a).links.some((link) => link.to.includes(b));
  if (type !== undefined && peerType !== undefined && !links(type, peerType) && !links(peerType, type))
    return [];
  return [
    wrong(
      'exchange-silent',
      { relation, end: from, key },
      `${from.app} tells ${to.app} of no datasource, not even that it has none`,
      `look at the status of ${from.app}; if that is active, its charm does not publish on this relation`,
    ),
  ];
}

/** What Grafana gave, and the application keeps to itself. */
function missing({ relation, from, datasources }: Exchange, own: readonly Registration[]): ReportFinding[] {
  const at = { relation, end: from, key };
  return own.flatMap((registration): ReportFinding[] => {
    const { answer, grafana } = registration;
    const { grafanaUid } = answer;
    if (grafanaUid === undefined) return [];
    const told = (uid: string) =>
      datasources?.some((one) => one.uid === uid && one.grafana_uid === grafanaUid);
    const kept = uidsGiven(registration).filter((uid) => !told(uid));
    // That a Grafana has changed its name since is another matter.
    if (kept.length === 0 || datasources?.some((one) => isFormer(one.grafana_uid, grafanaUid))) return [];
    const onlyOfApp = kept.every((uid) => uid === answer.appDatasourceUid);
    if (onlyOfApp && Object.keys(answer.datasourceUids ?? {}).length === 0) {
      return [
        wrong(
          'exchange-one-generation',
          at,
          `${from.app} has a UID as an application in ${grafana.app}, and shares only those of units, of which there are none`,
          `refresh ${from.app} to a charm that reads app_datasource_uid, or ${grafana.app} back to the first generation`,
        ),
      ];
    }
    const message = `${from.app} does not share ${list(kept)}, which ${grafana.app} gave it`;
    const remedy = `look at the status of ${from.app}: its hooks fail, or it has not come to it yet`;
    return [wrong('exchange-incomplete', at, message, remedy)];
  });
}

/** What the application shares, and has not from any Grafana. */
function surplus(
  { grafanas }: DecodedWorld,
  { relation, from, datasources }: Exchange,
  own: readonly Registration[],
): ReportFinding[] {
  return (datasources ?? []).flatMap(({ uid, grafana_uid: grafanaUid }): ReportFinding[] => {
    const at = { relation, end: from, key };
    const here = own.filter(({ answer }) => answer.grafanaUid === grafanaUid);
    if (here.some((registration) => uidsGiven(registration).includes(uid))) return [];
    const [registration] = here;
    if (registration !== undefined) {
      const { grafana } = registration;
      const owner = grafana.handedOut.get(uid)?.source;
      if (owner !== undefined && (owner.app !== from.app || owner.model !== from.model)) {
        const message = `${from.app} shares ${quoted(uid)} as its own, which ${grafana.app} gave to ${owner.app}`;
        const remedy = `report it to the authors of the charm of ${from.app}: an application shares only its own`;
        return [wrong('exchange-foreign', at, message, remedy)];
      }
      const { code, message, remedy } = nowhere(grafanas, grafana, from.app, uid);
      return [wrong(code, at, `${from.app} shares ${message}`, remedy)];
    }
    const renamed = own.find(({ answer }) => isFormer(grafanaUid, answer.grafanaUid));
    if (renamed !== undefined) {
      const { answer, grafana } = renamed;
      const message = `${from.app} shares a UID under ${quoted(grafanaUid)}, and ${grafana.app} now calls itself ${quoted(answer.grafanaUid ?? '')}`;
      return [
        wrong('grafana-uid-changed', at, message, `wake ${from.app}: its next hook shares the new one`),
      ];
    }
    const message = `${from.app} shares a UID in a Grafana that it is not related to: ${quoted(grafanaUid)}`;
    return [wrong('exchange-outdated', at, message, `wake ${from.app}, or relate it with that Grafana`)];
  });
}

/** Whether one is what the Python charm called the same Grafana while another unit led. */
function isFormer(one: string, now: string | undefined): boolean {
  const [a, b] = [leaderNumberIn(one), now === undefined ? undefined : leaderNumberIn(now)];
  return a !== undefined && b !== undefined && a.stem === b.stem && a.number !== b.number;
}

/** Lists are compared as text by Juju: an order that is left to chance wakes every peer for nothing. */
class Orders {
  /** By the list as it was read, which is the same for all that it was told to. */
  readonly #ordered = new Map<DatasourceList, boolean>();

  check({ relation, from, issues, datasources }: Exchange): ReportFinding[] {
    if (issues.length > 0 || datasources === null) return [];
    const ordered = this.#ordered.get(datasources) ?? isOrdered(from.appData?.datasources, datasources);
    this.#ordered.set(datasources, ordered);
    if (ordered) return [];
    return [
      wrong(
        'databag-unordered',
        { relation, end: from, key },
        `${from.app} lists its datasources in an order that can change from hook to hook`,
        `refresh ${from.app} to a charm that sorts them by uid and grafana_uid`,
      ),
    ];
  }
}

const Entry = z.object({ type: z.unknown(), uid: z.unknown(), grafana_uid: z.unknown() });
const Entries = json.pipe(z.array(Entry));

/** Whether what stands in the databag is in the order in which we would write it. */
function isOrdered(written: string | undefined, datasources: DatasourceList): boolean {
  const entries = (text: string | undefined) =>
    (Entries.safeParse(text).data ?? []).map(({ type, uid, grafana_uid }) =>
      JSON.stringify([type, uid, grafana_uid]),
    );
  const position = new Map(entries(datasourcesDatabag(datasources).datasources).map((one, i) => [one, i]));
  const positions = entries(written).map((entry) => position.get(entry) ?? -1);
  return positions.every((at, i) => i === 0 || (positions[i - 1] ?? -1) <= at);
}
