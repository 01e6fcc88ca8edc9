import type { Correlations } from './correlation.ts';

const tags = (...keys: string[]) => keys.map((key) => ({ key, value: '' }));

/**
 * What a Tempo datasource can link to. Values and the order of keys are those of Canonical's Tempo charm, so that
 * the two can be exchanged for one another without a changed databag.
 * @see canonical/tempo-operators: coordinator/src/charm.py
 * @see grafana/grafana: docs/sources/datasources/tempo
 */
export const tempo: Correlations = {
  withAny: { httpMethod: 'GET' },
  links: [
    {
      kind: 'service-map',
      to: ['prometheus'],
      key: 'serviceMap',
      value: (datasourceUid) => ({ datasourceUid }),
    },
    {
      kind: 'traces-to-logs',
      to: ['loki'],
      key: 'tracesToLogsV2',
      value: (datasourceUid) => ({
        datasourceUid,
        tags: tags('juju_application', 'juju_model', 'juju_model_uuid'),
        filterByTraceID: false,
        filterBySpanID: false,
        customQuery: true,
        query: '{ $__tags } |= "${__span.traceId}"',
      }),
    },
    {
      kind: 'traces-to-metrics',
      to: ['prometheus'],
      key: 'tracesToMetrics',
      value: (datasourceUid) => ({
        datasourceUid,
        tags: tags('juju_application', 'juju_model', 'juju_model_uuid', 'juju_unit'),
        queries: [{ name: 'All metrics', query: '{$__tags}' }],
      }),
    },
  ],
};
