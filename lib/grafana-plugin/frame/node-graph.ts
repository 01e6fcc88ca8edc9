import { FrameError } from './errors.ts';
import type { Field, FieldType } from './field.ts';
import type { FieldConfig } from './field-config.ts';
import { type FieldInput, field } from './fields.ts';
import { createFrame, type Frame } from './frame.ts';
import type { FrameMeta } from './frame-meta.ts';

/** A circle of the node graph panel. */
export interface GraphNode {
  /** unique among the nodes */
  id: string;
  title?: string;
  subTitle?: string;
  mainStat?: string | number;
  secondaryStat?: string | number;
  /** Parts of the ring around the node by name, each 0 to 1, together 1. */
  arcs?: Readonly<Record<string, number>>;
  /** Shown in the node's menu. */
  details?: Readonly<Record<string, string | number>>;
  color?: string | number;
  /** a Grafana icon instead of the stats */
  icon?: string;
  nodeRadius?: number;
  highlighted?: boolean;
  /** Both or neither, for all nodes or none: then the panel does not lay the graph out itself. */
  fixedX?: number;
  fixedY?: number;
}

export interface GraphEdge {
  /** unique among the edges; default `<source>--<target>` */
  id?: string;
  /** ids of nodes */
  source: string;
  target: string;
  mainStat?: string | number;
  secondaryStat?: string | number;
  details?: Readonly<Record<string, string | number>>;
  thickness?: number;
  color?: string;
  strokeDasharray?: string;
}

export interface NodeGraph {
  /** Left out, the panel makes nodes of the edges' ends. It shows the first 1,500. */
  nodes?: readonly GraphNode[];
  edges: readonly GraphEdge[];
  refId?: string;
  /**
   * Config by field: `mainStat` and `secondaryStat` for their unit, `arc__<name>` for a colour
   * (`{ color: { mode: 'fixed', fixedColor: 'red' } }`), `detail__<name>` for a display name.
   */
  config?: Readonly<Record<string, FieldConfig>>;
}

/**
 * The frames of a node graph as Grafana's panel wants them: nodes (when given), then edges.
 * @throws {FrameError} `WRONG_SHAPE` for what would break the panel: an id that is empty or not unique, an edge to a node
 *   that is not there, arcs that do not add to 1, `fixedX` without `fixedY`, a stat that is text here and a number there
 */
export function nodeGraphFrames({ nodes, edges, refId = '', config = {} }: NodeGraph): Frame[] {
  const meta: FrameMeta = { preferredVisualisationType: 'nodeGraph' };
  const withIds = edges.map((edge) => ({ ...edge, id: edge.id ?? `${edge.source}--${edge.target}` }));
  checkIds('edge', withIds);
  const frames: Frame[] = [];
  if (nodes) {
    checkNodes(nodes);
    const ids = new Set(nodes.map(({ id }) => id));
    for (const { id, source, target } of withIds) {
      for (const end of [source, target]) {
        if (ids.has(end)) continue;
        throw new FrameError(
          'WRONG_SHAPE',
          `edge "${id}" ends at "${end}", which is no node: add the node, or leave out the edge`,
        );
      }
    }
    frames.push(createFrame({ name: 'nodes', refId, meta, fields: columns(nodes, nodeColumns, config) }));
  }
  frames.push(createFrame({ name: 'edges', refId, meta, fields: columns(withIds, edgeColumns, config) }));
  return frames;
}

/** `'stat'` is text or numbers, whichever the graph has. */
type Columns = Readonly<Record<string, FieldType | 'stat'>>;

const nodeColumns: Columns = {
  id: 'string',
  title: 'string',
  subTitle: 'string',
  mainStat: 'stat',
  secondaryStat: 'stat',
  color: 'stat',
  icon: 'string',
  nodeRadius: 'float64',
  highlighted: 'bool',
  fixedX: 'float64',
  fixedY: 'float64',
};

const edgeColumns: Columns = {
  id: 'string',
  source: 'string',
  target: 'string',
  mainStat: 'stat',
  secondaryStat: 'stat',
  thickness: 'float64',
  color: 'string',
  strokeDasharray: 'string',
};

const required = new Set(['id', 'source', 'target']);

type Item = (GraphNode | GraphEdge) & { arcs?: Readonly<Record<string, number>> };

function columns(
  items: readonly Item[],
  wanted: Columns,
  config: Readonly<Record<string, FieldConfig>>,
): Field[] {
  const fields: Field[] = [];
  const add = (name: string, type: FieldType | 'stat', values: readonly unknown[]) => {
    if (!required.has(name) && values.every((value) => value === undefined)) return;
    const actual = type === 'stat' ? statType(name, values) : type;
    fields.push(field(actual, name, values as FieldInput<FieldType>, { config: config[name] }) as Field);
  };
  for (const [name, type] of Object.entries(wanted)) {
    add(
      name,
      type,
      items.map((item) => (item as unknown as Record<string, unknown>)[name]),
    );
  }
  for (const [group, prefix, type] of [
    ['arcs', 'arc__', 'float64'],
    ['details', 'detail__', 'stat'],
  ] as const) {
    const names = new Set(items.flatMap((item) => Object.keys(item[group] ?? {})));
    for (const name of names) {
      add(
        `${prefix}${name}`,
        type,
        items.map((item) => item[group]?.[name]),
      );
    }
  }
  return fields;
}

function statType(name: string, values: readonly unknown[]): 'string' | 'float64' {
  const kinds = new Set(values.filter((value) => value !== undefined).map((value) => typeof value));
  if (kinds.size > 1) {
    throw new FrameError(
      'WRONG_SHAPE',
      `"${name}" is a number for some and text for others: make it one of them for all`,
    );
  }
  return kinds.has('number') ? 'float64' : 'string';
}

function checkIds(what: string, items: readonly { id: string }[]): void {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (id === '')
      throw new FrameError('WRONG_SHAPE', `a ${what} has an empty id: give each ${what} its own`);
    if (seen.has(id))
      throw new FrameError('WRONG_SHAPE', `two ${what}s have the id "${id}": give each ${what} its own`);
    seen.add(id);
  }
}

/** Parts that were divided by their sum miss 1 by less. */
const ARC_TOLERANCE = 1e-6;

function checkNodes(nodes: readonly GraphNode[]): void {
  checkIds('node', nodes);
  const [first] = nodes;
  for (const { id, arcs, fixedX, fixedY } of nodes) {
    if ((fixedX === undefined) !== (fixedY === undefined)) {
      throw new FrameError('WRONG_SHAPE', `node "${id}" has one of fixedX and fixedY: give both, or neither`);
    }
    if ((fixedX === undefined) !== (first?.fixedX === undefined)) {
      throw new FrameError(
        'WRONG_SHAPE',
        `node "${id}" differs from "${first?.id}" in having a fixed place: fix all or none`,
      );
    }
    if (!arcs) continue;
    const parts = Object.values(arcs);
    const sum = parts.reduce((total, part) => total + part, 0);
    if (parts.every((part) => part >= 0) && Math.abs(sum - 1) <= ARC_TOLERANCE) continue;
    throw new FrameError(
      'WRONG_SHAPE',
      `the arcs of node "${id}" add to ${sum}, not 1: divide each by their sum`,
    );
  }
}
