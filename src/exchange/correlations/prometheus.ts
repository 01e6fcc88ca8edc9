import type { Correlations } from './correlation.ts';
import { tracingTypes } from './tracing.ts';

/**
 * What a Prometheus datasource can link to, and a Mimir, which is one to Grafana: from an exemplar to its trace.
 * `traceID` is the exemplar's label as Tempo's metrics generator and Canonical's Mimir charm have it.
 * @see canonical/mimir-operators: coordinator/src/charm.py
 * @see grafana/grafana: packages/grafana-prometheus/src/types.ts
 */
export const prometheus: Correlations = {
  links: [
    {
      kind: 'metrics-to-traces',
      signal: 'traces',
      to: tracingTypes,
      room: 'each application',
      key: 'exemplarTraceIdDestinations',
      value: (targets) => targets.map(({ uid }) => ({ datasourceUid: uid, name: 'traceID' })),
    },
  ],
};
