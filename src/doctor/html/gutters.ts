import { type Column, columnOf, type Group, type Port } from './columns.ts';
import type { Graph, GraphLink, GraphNode } from './graph.ts';
import { columnsOf } from './names.ts';
import { missingLabel, sizes } from './sizes.ts';

/** The space left of a column (0 to 2), or right of the last one (3): links run here, and never across a card. */
export interface Gutter {
  /** Where links may turn; left and right of it they run straight, past the reasons of those that are missing. */
  readonly turn: readonly [from: number, to: number];
}

/** Where columns and the gutters beside them are, from left to right. */
export interface Across {
  /** Four: the last one is right of the last column. */
  readonly gutters: readonly Gutter[];
  readonly columnX: readonly number[];
  readonly width: number;
}

export function across(
  { links }: Graph,
  columns: readonly (readonly Group[])[],
  ports: ReadonlyMap<GraphNode, readonly Port[]>,
): Across {
  // Left and right of each gutter the reasons, as wide as the widest.
  const labels = Array.from({ length: 4 }, () => ({ left: 0, right: 0 }));
  for (const [node, own] of ports) {
    for (const { side, links: same } of own) {
      for (const link of same) {
        if (link.to !== null) continue;
        const gutter = labels[columnOf(node) + (side === 'left' ? 0 : 1)];
        if (gutter === undefined) continue;
        const width = Math.ceil(sizes.stub + columnsOf(missingLabel(link)) * sizes.small + 8);
        const at = side === 'left' ? 'right' : 'left';
        gutter[at] = Math.max(gutter[at], width);
      }
    }
  }
  const busy = [0, 0, 0, 0];
  for (const { from, to } of links) {
    if (to === null) continue;
    const [a, b] = [columnOf(from), columnOf(to)];
    const [first, last] = a === b ? [beside(a), beside(a)] : [Math.min(a, b) + 1, Math.max(a, b)];
    for (let i = first; i <= last; i += 1) busy[i] = (busy[i] ?? 0) + 1;
  }
  let x = 0;
  const gutters: Gutter[] = [];
  const columnX: number[] = [];
  for (const [i, { left, right }] of labels.entries()) {
    const links = busy[i] ?? 0;
    const between = i > 0 && i < 3 && hasNodes(columns, 0, i) && hasNodes(columns, i, 3);
    const turn = links > 0 ? Math.min(120, 60 + links * 2) : between ? 24 : 0;
    // Where nothing stands on one side, links to it still need a straight piece for their arrows.
    const [before, after] = [links > 0 ? Math.max(left, 16) : left, links > 0 ? Math.max(right, 16) : right];
    const width = before + turn + after;
    gutters.push({ turn: [x + before, x + before + turn] });
    x += width;
    columnX.push(x);
    if (hasNodes(columns, i, i + 1)) x += sizes.cards[i] ?? 0;
  }
  return { gutters, columnX, width: x };
}

function hasNodes(columns: readonly (readonly Group[])[], from: number, to: number): boolean {
  return columns.slice(from, to).some((groups) => groups.length > 0);
}

/** The gutter in which links within a column run. */
function beside(column: Column): number {
  return column === 2 ? 2 : column + 1;
}

/** Links that pass the middle column do so above it, those of a kind to one datasource on one track. */
export function tracksOf({ links }: Graph): ReadonlyMap<string, number> {
  const tracks = new Map<string, number>();
  for (const link of links) {
    if (link.to === null || Math.abs(columnOf(link.from) - columnOf(link.to)) < 2) continue;
    const key = trackKey(link);
    if (!tracks.has(key)) tracks.set(key, tracks.size);
  }
  return tracks;
}

export function trackKey({ kind, from, to }: GraphLink): string {
  if (to === null || Math.abs(columnOf(from) - columnOf(to)) < 2) return '';
  return JSON.stringify([kind, to.uid, to.app, to.model]);
}
