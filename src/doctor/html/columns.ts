import type { Graph, GraphLink, GraphNode } from './graph.ts';
import { type Role, roles } from './names.ts';

/** Traces stand in the middle, since most links lead from or to them: few have to pass a column. */
export type Column = 0 | 1 | 2;
export type Side = 'left' | 'right';

const columnByRole: Readonly<Record<Role, Column>> = {
  metrics: 0,
  traces: 1,
  logs: 2,
  profiles: 2,
  other: 2,
};

export function columnOf({ role }: GraphNode): Column {
  return columnByRole[role];
}

/** On a datasource, where links of one kind begin. */
export interface Port {
  readonly kind: string;
  readonly side: Side;
  /** All made, or a single one that is missing. */
  readonly links: readonly GraphLink[];
}

/** A part of a column, with a heading. */
export interface Group {
  readonly role: Role;
  readonly nodes: readonly GraphNode[];
}

export interface Arrangement {
  readonly columns: readonly [readonly Group[], readonly Group[], readonly Group[]];
  /** Those that could have no link and have none. */
  readonly idle: readonly GraphNode[];
  readonly ports: ReadonlyMap<GraphNode, readonly Port[]>;
  /** Kinds of link that arrive, by side, in the order in which they began. */
  readonly arrivals: ReadonlyMap<GraphNode, Readonly<Record<Side, readonly string[]>>>;
}

/** Who stands in which column, and on which side of it its links begin and arrive. */
export function arrange({ nodes, links }: Graph): Arrangement {
  const ports = new Map<GraphNode, Port[]>();
  const arrivals = new Map<GraphNode, Record<Side, string[]>>();
  for (const [from, own] of Map.groupBy(links, (link) => link.from)) {
    // Each that is missing has reasons of its own, which need room.
    const byPort = Map.groupBy(own, (link, i) =>
      JSON.stringify([link.kind, startSide(link), link.to === null ? i : '']),
    );
    ports.set(
      from,
      [...byPort.values()].flatMap((same) => {
        const [first] = same;
        return first === undefined ? [] : [{ kind: first.kind, side: startSide(first), links: same }];
      }),
    );
  }
  for (const link of links) {
    if (link.to === null) continue;
    const sides = arrivals.get(link.to) ?? { left: [], right: [] };
    arrivals.set(link.to, sides);
    const kinds = sides[endSide(link, link.to)];
    if (!kinds.includes(link.kind)) kinds.push(link.kind);
  }
  const idle = nodes.filter((node) => node.role === 'other' && !ports.has(node) && !arrivals.has(node));
  const apart = new Set(idle);
  const placed = nodes.filter((node) => !apart.has(node));
  const column = (wanted: Column): Group[] =>
    roles
      .map((role) => ({
        role,
        nodes: placed.filter((node) => node.role === role && columnOf(node) === wanted),
      }))
      .filter((group) => group.nodes.length > 0);
  return { columns: [column(0), column(1), column(2)], idle, ports, arrivals };
}

/** Where a link leaves its datasource: towards the column that it leads to, or would lead to. */
export function startSide({ from, to, signal }: GraphLink): Side {
  const own = columnOf(from);
  const other = to === null ? columnByRole[signal] : columnOf(to);
  if (own === other) return beside(own);
  return other < own ? 'left' : 'right';
}

/** Where a link meets what it leads to. */
export function endSide({ from }: GraphLink, to: GraphNode): Side {
  const [own, other] = [columnOf(from), columnOf(to)];
  if (own === other) return beside(own);
  return other < own ? 'right' : 'left';
}

/** Within a column links run beside it, where there are links to other columns anyway. */
function beside(column: Column): Side {
  return column === 2 ? 'left' : 'right';
}
