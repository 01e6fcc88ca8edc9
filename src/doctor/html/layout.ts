import { type Arrangement, arrange, columnOf, endSide, type Port, type Side } from './columns.ts';
import type { Graph, GraphLink, GraphNode } from './graph.ts';
import { across, trackKey, tracksOf } from './gutters.ts';
import { roleTitles } from './names.ts';
import { route } from './route.ts';
import { gaps, sizes } from './sizes.ts';

export interface PlacedNode {
  readonly node: GraphNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly ports: readonly PlacedPort[];
}

export interface PlacedPort {
  readonly kind: string;
  readonly side: Side;
  /** On the edge of the card. */
  readonly x: number;
  readonly y: number;
  /** Room for the name of the kind, in characters. */
  readonly columns: number;
  readonly links: readonly PlacedLink[];
}

export interface PlacedLink {
  readonly link: GraphLink;
  /** What SVG calls a path; null for a link that is missing. */
  readonly path: string | null;
  /** Where the arrow's point is, and in which direction it points. */
  readonly end: { readonly x: number; readonly y: number; readonly direction: 1 | -1 } | null;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly headings: readonly { readonly text: string; readonly x: number; readonly y: number }[];
  readonly nodes: readonly PlacedNode[];
}

type Box = Omit<PlacedNode, 'ports'>;

/**
 * Where everything is. Datasources stand in columns by what they hold, links run in the space between: out of a card
 * straight to where they may turn, and straight into the other card. Equal graphs give equal layouts.
 */
export function layOut(graph: Graph): Layout {
  const arrangement = arrange(graph);
  const tracks = tracksOf(graph);
  const { gutters, columnX, width } = across(graph, arrangement.columns, arrangement.ports);
  const inColumns = standInColumns(
    arrangement,
    columnX,
    tracks.size * gaps.track + (tracks.size > 0 ? 8 : 0),
  );
  const below = standBelow(arrangement.idle, width, inColumns.bottom);
  const boxes = new Map([...inColumns.boxes, ...below.boxes].map((box) => [box.node, box]));
  const connect = (link: GraphLink, side: Side, x: number, y: number): PlacedLink => {
    const to = link.to === null ? undefined : boxes.get(link.to);
    if (link.to === null || to === undefined) return { link, path: null, end: null };
    const arrives = endSide(link, link.to);
    const kinds = arrangement.arrivals.get(link.to)?.[arrives] ?? [];
    const slot = ((kinds.indexOf(link.kind) + 0.5) * (sizes.head - 22)) / kinds.length;
    const end = {
      x: arrives === 'left' ? to.x : to.x + to.width,
      y: Math.round(to.y + 11 + slot),
      direction: arrives === 'left' ? (1 as const) : (-1 as const),
    };
    const track = tracks.get(trackKey(link));
    const path = route(
      { x, y, column: columnOf(link.from), side },
      { x: end.x, y: end.y, column: columnOf(link.to), side: arrives },
      gutters,
      track === undefined ? null : 4 + track * gaps.track,
    );
    return { link, path, end };
  };
  return {
    width: Math.max(width, below.right),
    height: below.bottom,
    headings: [...inColumns.headings, ...below.headings],
    nodes: [...boxes.values()].map((box) => ({
      ...box,
      ports: placePorts(box, arrangement.ports.get(box.node) ?? [], connect),
    })),
  };
}

interface Standing {
  readonly boxes: readonly Box[];
  readonly headings: Layout['headings'];
  readonly bottom: number;
}

function standInColumns({ columns, ports }: Arrangement, columnX: readonly number[], top: number): Standing {
  const boxes: Box[] = [];
  const headings: Layout['headings'][number][] = [];
  let bottom = 0;
  for (const [i, groups] of columns.entries()) {
    const [x = 0, width = 0] = [columnX[i], sizes.cards[i]];
    let y = top;
    for (const [position, { role, nodes }] of groups.entries()) {
      if (position > 0) y += gaps.group;
      headings.push({ text: roleTitles[role], x, y: y + 12 });
      y += gaps.heading;
      for (const [n, node] of nodes.entries()) {
        const before = nodes[n - 1];
        // Units of an application stand closer together.
        const same = before?.app === node.app && before.model === node.model;
        if (before !== undefined) y += same ? gaps.same : gaps.other;
        const height = heightOf(ports.get(node) ?? []);
        boxes.push({ node, x, y, width, height });
        y += height;
      }
    }
    bottom = Math.max(bottom, y);
  }
  return { boxes, headings, bottom };
}

/** Those that have no links need no column: they fill the width. */
function standBelow(
  idle: readonly GraphNode[],
  width: number,
  top: number,
): Standing & { readonly right: number } {
  if (idle.length === 0) return { boxes: [], headings: [], bottom: top, right: 0 };
  const [card] = sizes.cards;
  const [across, down] = [card + gaps.idle, sizes.head + gaps.idle];
  const perRow = Math.max(4, Math.floor((width + gaps.idle) / across));
  const y = top === 0 ? 0 : top + gaps.group;
  const boxes = idle.map((node, n) => ({
    node,
    x: (n % perRow) * across,
    y: y + gaps.heading + Math.floor(n / perRow) * down,
    width: card,
    height: sizes.head,
  }));
  return {
    boxes,
    headings: [{ text: 'Without links', x: 0, y: y + 12 }],
    bottom: y + gaps.heading + Math.ceil(idle.length / perRow) * down - gaps.idle,
    right: Math.min(perRow, idle.length) * across - gaps.idle,
  };
}

function placePorts(
  { x, y, width }: Box,
  ports: readonly Port[],
  connect: (link: GraphLink, side: Side, x: number, y: number) => PlacedLink,
): PlacedPort[] {
  const alone = new Set(ports.map(({ side }) => side)).size < 2;
  const columns = Math.floor((alone ? width - 24 : width / 2 - 12) / sizes.small);
  return (['left', 'right'] as const).flatMap((side) =>
    ports.filter(isOn(side)).map(({ kind, links }, i): PlacedPort => {
      const [portX, portY] = [side === 'left' ? x : x + width, y + sizes.head + (i + 0.5) * sizes.row];
      const placed = links.map((link) => connect(link, side, portX, portY));
      return { kind, side, x: portX, y: portY, columns, links: placed };
    }),
  );
}

const isOn = (side: Side) => (port: Port) => port.side === side;

function heightOf(ports: readonly Port[]): number {
  const rows = Math.max(ports.filter(isOn('left')).length, ports.filter(isOn('right')).length);
  return sizes.head + (rows === 0 ? 0 : rows * sizes.row + gaps.row);
}
