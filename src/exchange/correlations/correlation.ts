import type { Json, JsonObject } from '../../relations/python-json.ts';

/** The kinds of link, in the order in which they are shown. The words are the same in code, output and docs. */
export const linkKinds = [
  'service-map',
  'traces-to-logs',
  'traces-to-metrics',
  'traces-to-profiles',
  'metrics-to-traces',
  'logs-to-traces',
] as const;
export type LinkKind = (typeof linkKinds)[number];

/** What is at the other end of a link: the operator names a preferred application for each of these. */
export const signals = ['metrics', 'logs', 'traces', 'profiles'] as const;
export type Signal = (typeof signals)[number];

/** A datasource of a peer application that can be linked to. */
export interface Target {
  readonly app: string;
  readonly uid: string;
  /** Grafana plugin id. */
  readonly type: string;
}

export type Targets = readonly [Target, ...Target[]];

/** How the operator wants links from a span to logs: what is not set is as it is by default. */
export interface TracesToLogsOptions extends SpanShifts {
  readonly tags?: readonly TagMapping[];
  readonly query?: string;
  readonly filterByTraceID?: boolean;
  readonly filterBySpanID?: boolean;
}

/** How the operator wants links from a span to metrics. */
export interface TracesToMetricsOptions extends SpanShifts {
  readonly tags?: readonly TagMapping[];
  readonly queries?: readonly { readonly name?: string; readonly query: string }[];
}

/** How much earlier and later than the span to look: `-1h`, `5m`. */
interface SpanShifts {
  readonly spanStartTimeShift?: string;
  readonly spanEndTimeShift?: string;
}

/** An attribute of spans, and the label that it has at the other end, where that has another name. */
export interface TagMapping {
  readonly key: string;
  readonly value?: string;
}

/** What the operator can set about the links of a datasource. */
export interface LinkOptions {
  readonly tracesToLogs: TracesToLogsOptions;
  readonly tracesToMetrics: TracesToMetricsOptions;
}

/** One way in which a datasource of some type can point at others. */
export interface Correlation {
  readonly kind: LinkKind;
  readonly signal: Signal;
  /** Grafana plugin ids that Grafana accepts as the target. */
  readonly to: readonly string[];
  /** Grafana has room for one target, or for one of each peer application. */
  readonly room: 'one' | 'each application';
  /** The key of `jsonData` that holds the links of this kind, and of no other. */
  readonly key: string;
  /** @returns the value of `key`, dollars as Grafana reads them; each target's UID stands in a `datasourceUid` */
  value(targets: Targets, options: LinkOptions): Json;
}

/** All that datasources of one type can be made to link to. */
export interface Correlations {
  /** Sent along as soon as there is one link, never alone: first these, then the links, then `after`. */
  readonly before?: JsonObject;
  /** In the order in which their keys are sent. */
  readonly links: readonly Correlation[];
  readonly after?: JsonObject;
}
