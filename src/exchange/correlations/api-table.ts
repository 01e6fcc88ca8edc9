import type { SourceCorrelation } from '#src/relations/grafana-datasource';
import type { Signal } from './correlation.ts';

/** The kinds of link that Grafana's Correlations API makes, since `jsonData` has no word for them. */
export const apiKinds = [
  'metrics-to-logs',
  'metrics-to-profiles',
  'logs-to-metrics',
  'logs-to-profiles',
] as const;
export type ApiKind = (typeof apiKinds)[number];

/** One way in which datasources of a type can lead to others. */
export interface ApiCorrelation extends Omit<SourceCorrelation, 'target'> {
  readonly kind: ApiKind;
  readonly signal: Signal;
  /** Grafana plugin id of the target. */
  readonly to: string;
}

/**
 * The labels of Juju's topology by which the two ends are one thing: with all three an application is told from those
 * of the same name in other models. Grafana shows a link only where every variable of its query has a value.
 */
const labels = ['juju_application', 'juju_model', 'juju_model_uuid'] as const;

/** The same in PromQL, LogQL and Pyroscope: `{juju_application="${juju_application}", ...}`. */
const selector = `{${labels.map((label) => `${label}="\${${label}}"`).join(', ')}}`;

const logs = { queryType: 'range', expr: selector };

// A series that each scraped application has: to ask for every series of it would be much for a Prometheus.
const metrics = { expr: `up${selector}`, range: true, instant: false };

const profiles = {
  queryType: 'both',
  profileTypeId: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds',
  labelSelector: selector,
  groupBy: [],
};

/** In the table of a Prometheus query each label is a column, and each column a variable. */
const ofSeries = { field: 'juju_application', transformations: [] } as const;

/** Loki has all labels of a line in one field, as an object: it is searched as JSON. */
const ofLine = {
  field: 'labels',
  transformations: labels.map((label) => ({
    type: 'regex' as const,
    expression: `"${label}":"([^"]+)"`,
    mapValue: label,
  })),
} as const;

/**
 * Grafana plugin id to what the Correlations API can add to its `jsonData`.
 * @see grafana/grafana: docs/sources/administration/correlations
 */
export const apiTable: ReadonlyMap<string, readonly ApiCorrelation[]> = new Map([
  [
    'prometheus',
    [
      {
        ...ofSeries,
        kind: 'metrics-to-logs',
        signal: 'logs',
        to: 'loki',
        label: 'Logs of this application',
        description: 'From a series to the logs of the same Juju application.',
        query: logs,
      },
      {
        ...ofSeries,
        kind: 'metrics-to-profiles',
        signal: 'profiles',
        to: 'grafana-pyroscope-datasource',
        label: 'Profiles of this application',
        description: 'From a series to the profiles of the same Juju application.',
        query: profiles,
      },
    ],
  ],
  [
    'loki',
    [
      {
        ...ofLine,
        kind: 'logs-to-metrics',
        signal: 'metrics',
        to: 'prometheus',
        label: 'Metrics of this application',
        description: 'From a log line to the metrics of the same Juju application.',
        query: metrics,
      },
      {
        ...ofLine,
        kind: 'logs-to-profiles',
        signal: 'profiles',
        to: 'grafana-pyroscope-datasource',
        label: 'Profiles of this application',
        description: 'From a log line to the profiles of the same Juju application.',
        query: profiles,
      },
    ],
  ],
]);
