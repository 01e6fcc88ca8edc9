import type {
  Report,
  ReportDatasource,
  ReportFinding,
  ReportLink,
  ReportLinkEnd,
  ReportReason,
} from '../report.ts';
import { compareNames, datasourceName, endName, type Role, roleOf, roles, signalOf } from './names.ts';

/** A datasource, or what a link speaks of that is no datasource of this Grafana. */
export interface GraphNode {
  readonly name: string;
  readonly app: string | null;
  readonly model: string | null;
  /** Grafana plugin id. */
  readonly type: string;
  readonly uid: string | null;
  readonly role: Role;
  /** Whether Grafana is known to have it. */
  readonly known: boolean;
  readonly readOnly: boolean;
  /** Places in the list of findings that are about it, or about its application. */
  readonly findings: readonly number[];
}

export interface GraphLink {
  readonly from: GraphNode;
  readonly kind: string;
  /** What it leads to, or would lead to. */
  readonly signal: Role;
  /** Null: it is missing, and `reasons` say why. */
  readonly to: GraphNode | null;
  readonly reasons: readonly ReportReason[];
}

/** What there is to be drawn of one Grafana. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly links: readonly GraphLink[];
}

/** @param groups - the findings, those that say the same together: a node names them by their place in this list */
export function graphOf(
  datasources: readonly ReportDatasource[],
  links: Report['links'],
  groups: readonly (readonly ReportFinding[])[],
): Graph {
  const findingsOf = findingsBySubject(groups);
  const known = datasources.map((datasource): GraphNode => {
    const { app, model, type, uid } = datasource;
    return {
      ...{ name: datasourceName(datasource), app, model, type, uid, role: roleOf(type) },
      known: true,
      readOnly: datasource.readOnly === true,
      findings: findingsOf(datasource),
    };
  });
  const byUid = new Map(known.toReversed().map((node) => [node.uid, node]));
  const strangers = new Map<string, GraphNode>();
  const nodeOf = (end: ReportLinkEnd, role: Role): GraphNode => {
    const found = end.uid === null ? undefined : byUid.get(end.uid);
    if (found !== undefined) return found;
    const key = JSON.stringify([end.model, end.app, end.uid]);
    const { app, model, uid } = end;
    const type = end.type ?? '';
    const node = strangers.get(key) ?? {
      ...{ name: endName(end), app, model, type, uid, known: false, readOnly: false },
      role: type === '' ? role : roleOf(type),
      findings: findingsOf(end),
    };
    strangers.set(key, node);
    return node;
  };
  const drawn = links.map((link): GraphLink => {
    const from = nodeOf(link.from, 'other');
    const kindSignal = signalOf(link.kind);
    const to = link.to === null ? null : nodeOf(link.to, kindSignal);
    const signal = kindSignal === 'other' ? (to?.role ?? 'other') : kindSignal;
    return { from, kind: link.kind, signal, to, reasons: link.reasons };
  });
  return { nodes: [...known, ...strangers.values()].toSorted(compareNodes), links: drawn };
}

/** @returns whether a link is there, and leads to a datasource that its Grafana has */
export function isMade({ to }: GraphLink): boolean {
  return to?.known === true;
}

type Subject = Pick<ReportLinkEnd, 'uid' | 'app' | 'model'>;

/** In a Grafana that was looked at itself a finding names the datasource, otherwise the application that wrote it. */
function findingsBySubject(groups: readonly (readonly ReportFinding[])[]): (of: Subject) => number[] {
  const all = groups.flatMap((group, i) => group.map(({ where }) => ({ where, i })));
  const byDatasource = Map.groupBy(all, ({ where }) => where.datasource);
  const byApp = Map.groupBy(all, ({ where }) => where.app);
  return ({ uid, app, model }) => {
    const about = [
      ...(uid === null ? [] : (byDatasource.get(uid) ?? [])),
      ...(app === null ? [] : (byApp.get(app) ?? []).filter(({ where }) => sameModel(where.model, model))),
    ];
    return [...new Set(about.map(({ i }) => i))].toSorted((a, b) => a - b);
  };
}

/** Null: it is not known which. */
function sameModel(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

function compareNodes(a: GraphNode, b: GraphNode): number {
  return (
    roles.indexOf(a.role) - roles.indexOf(b.role) ||
    Number(b.known) - Number(a.known) ||
    compareNames(a.model ?? '', b.model ?? '') ||
    compareNames(a.app ?? '', b.app ?? '') ||
    compareNames(a.name, b.name) ||
    compareNames(a.uid ?? '', b.uid ?? '')
  );
}

/** Those of one Grafana; of none, where `id` is null. */
export function linksIn({ links }: Report, id: string | null): readonly ReportLink[] {
  return links.filter(({ grafana }) => grafana === id);
}
