import type { Correlations } from './correlation.ts';
import { mapping, nodeGraph, topologyTags, tracesToLogs, tracesToMetrics } from './tracing.ts';

/**
 * What a Tempo datasource can link to.
 * @see grafana/grafana: docs/sources/datasources/tempo
 */
export const tempo: Correlations = {
  before: { httpMethod: 'GET' },
  links: [
    {
      kind: 'service-map',
      signal: 'metrics',
      to: ['prometheus'],
      room: 'one',
      key: 'serviceMap',
      value: ([{ uid }]) => ({ datasourceUid: uid }),
    },
    tracesToLogs,
    tracesToMetrics,
    {
      kind: 'traces-to-profiles',
      signal: 'profiles',
      to: ['grafana-pyroscope-datasource'],
      room: 'one',
      key: 'tracesToProfiles',
      value: ([{ uid }]) => ({
        datasourceUid: uid,
        tags: topologyTags.map(mapping),
        profileTypeId: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds',
        customQuery: false,
      }),
    },
  ],
  after: nodeGraph,
};
