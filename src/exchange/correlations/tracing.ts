import type { JsonObject } from '../../relations/python-json.ts';
import type { Correlation, TagMapping } from './correlation.ts';

/**
 * What Grafana's tracing datasources have in common. Values and the order of keys are those of Canonical's Tempo
 * charm, so that the two can be exchanged for one another and nothing but {@link nodeGraph} comes or goes.
 * @see canonical/tempo-operators: coordinator/src/charm.py
 * @see grafana/grafana: packages/grafana-o11y-ds-frontend/src/TraceToLogs
 */

/** Plugin ids of the datasources that hold traces. */
export const tracingTypes = ['tempo', 'jaeger', 'zipkin'] as const;

/** Attributes that Juju's charms put on spans, by the names that they have as labels. */
export const topologyTags = ['juju_application', 'juju_model', 'juju_model_uuid'].map(sameName);
const unitTag = sameName('juju_unit');

export const tracesToLogs: Correlation = {
  kind: 'traces-to-logs',
  signal: 'logs',
  to: ['loki', 'elasticsearch', 'grafana-opensearch-datasource'],
  room: 'one',
  key: 'tracesToLogsV2',
  value: ([{ uid, type }], { tracesToLogs: { tags, query, ...others } }) => {
    const byDefault = type === 'loki' ? lokiQuery : luceneQuery;
    return {
      datasourceUid: uid,
      tags: (tags ?? byDefault.tags).map(mapping),
      filterByTraceID: false,
      filterBySpanID: false,
      customQuery: true,
      query: query ?? byDefault.query,
      ...others,
    };
  },
};

export const tracesToMetrics: Correlation = {
  kind: 'traces-to-metrics',
  signal: 'metrics',
  to: ['prometheus'],
  room: 'one',
  key: 'tracesToMetrics',
  value: ([{ uid }], { tracesToMetrics: { tags, queries, ...others } }) => ({
    datasourceUid: uid,
    tags: (tags ?? [...topologyTags, unitTag]).map(mapping),
    queries: queries?.map((query) => ({ ...query })) ?? [{ name: 'All metrics', query: '{$__tags}' }],
    ...others,
  }),
};

/** Shows the node graph above a trace. It links to nothing, and Grafana has it switched off by default. */
export const nodeGraph: JsonObject = { nodeGraph: { enabled: true } };

const lokiQuery = { tags: topologyTags, query: '{ $__tags } |= "${__span.traceId}"' };
// Log lines in Elasticsearch and OpenSearch hold the trace's id in fields of many names: any of them will do.
const luceneQuery = { tags: [], query: '"${__span.traceId}"' };

function sameName(key: string): TagMapping {
  return { key, value: '' };
}

/** Grafana takes an empty `value` for the same name. */
export function mapping({ key, value = '' }: TagMapping): { key: string; value: string } {
  return { key, value };
}
