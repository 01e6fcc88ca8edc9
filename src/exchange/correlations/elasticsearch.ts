import type { Correlations } from './correlation.ts';
import { tracingTypes } from './tracing.ts';

/**
 * What an Elasticsearch datasource can link to, and an OpenSearch one: from the field that holds the id of a trace.
 * `field` is a regular expression on the field's name; these are the names of ECS, OpenTelemetry and Jaeger.
 * @see grafana/grafana: docs/sources/datasources/elasticsearch
 */
export const elasticsearch: Correlations = {
  links: [
    {
      kind: 'logs-to-traces',
      signal: 'traces',
      to: tracingTypes,
      room: 'each application',
      key: 'dataLinks',
      value: (targets) =>
        targets.map(({ uid, app }) => ({
          datasourceUid: uid,
          field: '^trace[_.]?[iI][dD]$',
          url: '${__value.raw}',
          urlDisplayLabel: targets.length === 1 ? 'View trace' : `View trace in ${app}`,
        })),
    },
  ],
};
