/** How Grafana shows a field. Every key is optional; a key left out is not sent. */
export interface FieldConfig {
  /** Overrides the name outright; `displayNameFromDS` is the one for datasources. */
  displayName?: string;
  displayNameFromDS?: string;
  /** Identifies the field inside the datasource; Grafana's default is `<meta.path>/<name>`. */
  path?: string;
  description?: string;
  filterable?: boolean;
  writeable?: boolean;
  /** Grafana's unit id: `s`, `bytes`, `percent`, or any text */
  unit?: string;
  /** digits after the point, 0 to 65535 */
  decimals?: number;
  min?: number;
  max?: number;
  /** Expected step between values in the unit of the values; for a time field, milliseconds. */
  interval?: number;
  mappings?: readonly ValueMapping[];
  thresholds?: Thresholds;
  color?: FieldColor;
  links?: readonly DataLink[];
  /** Shown instead of an empty value. */
  noValue?: string;
  type?: { enum?: EnumConfig };
  /** Settings of one panel type. */
  custom?: Readonly<Record<string, unknown>>;
}

export interface FieldColor {
  /** `fixed`, `thresholds`, `palette-classic`, `continuous-GrYlRd`, ... */
  mode?: string;
  fixedColor?: string;
  seriesBy?: 'min' | 'max' | 'last';
  [key: string]: unknown;
}

export interface MappingResult {
  text?: string;
  color?: string;
  /** place among the mappings in the editor */
  index?: number;
}

export type ValueMapping =
  | { type: 'value'; options: Readonly<Record<string, MappingResult>> }
  | { type: 'range'; options: { from?: number; to?: number; result: MappingResult } }
  | {
      type: 'special';
      options: { match: 'true' | 'false' | 'null' | 'nan' | 'null+nan' | 'empty'; result: MappingResult };
    };

export interface Thresholds {
  mode: 'absolute' | 'percentage';
  /** Ascending; the first holds from `-Infinity`. */
  steps: readonly { value: number; color?: string; state?: string }[];
}

export interface DataLink {
  title?: string;
  targetBlank?: boolean;
  url?: string;
  internal?: InternalDataLink;
}

/** A link that opens a query of a datasource in Explore. */
export interface InternalDataLink {
  query?: unknown;
  datasourceUid?: string;
  datasourceName?: string;
  panelsState?: unknown;
  transformations?: readonly {
    type?: 'regex' | 'logfmt';
    field?: string;
    expression?: string;
    mapValue?: string;
  }[];
  timeRange?: { from: Date | string; to: Date | string };
}

/** Each list is looked up by the value's index. */
export interface EnumConfig {
  text: readonly string[];
  color?: readonly string[];
  icon?: readonly string[];
  description?: readonly string[];
}
