import type { FieldConfig } from './field-config.ts';

export type FrameKind =
  | 'timeseries-wide'
  | 'timeseries-long'
  | 'timeseries-multi'
  | 'timeseries-many'
  | 'numeric-wide'
  | 'numeric-multi'
  | 'numeric-long'
  | 'log-lines'
  | 'table'
  | 'directory-listing';

/** What a frame says about itself. Every key is optional. */
export interface FrameMeta {
  /** The data plane contract that the frame keeps. */
  type?: FrameKind | (string & {});
  /** Version of that contract, `[major, minor]`; `[0, 0]`, the default, promises nothing. */
  typeVersion?: readonly [number, number];
  path?: string;
  /** Default `/`. */
  pathSeparator?: string;
  /** Anything the plugin's own frontend understands. */
  custom?: unknown;
  /** Shown in the query inspector. */
  stats?: readonly QueryStat[];
  notices?: readonly Notice[];
  /** Live channel that carries updates, `ds/<datasource uid>/<path>`. */
  channel?: string;
  preferredVisualisationType?:
    | 'graph'
    | 'table'
    | 'logs'
    | 'trace'
    | 'nodeGraph'
    | 'flamegraph'
    | (string & {});
  /** Panel plugin for Explore; wins over `preferredVisualisationType`. */
  preferredVisualisationPluginId?: string;
  /** The query as it was sent, shown in the query inspector. */
  executedQueryString?: string;
  dataTopic?: 'annotations' | (string & {});
  /** Indices of the fields whose values together identify a row. */
  uniqueRowIdFields?: readonly number[];
}

export interface QueryStat extends FieldConfig {
  displayName: string;
  value: number;
}

export interface Notice {
  severity: 'info' | 'warning' | 'error';
  text: string;
  link?: string;
  /** The tab of the inspector that tells more. */
  inspect?: InspectTab;
}

export type InspectTab = 'meta' | 'error' | 'data' | 'stats';

/** On the wire a tab is its number. */
export const inspectNumber: Readonly<Record<InspectTab, number>> = { meta: 1, error: 2, data: 3, stats: 4 };
