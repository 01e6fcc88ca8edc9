import type { Correlations } from './correlation.ts';
import { nodeGraph, tracesToLogs, tracesToMetrics } from './tracing.ts';

/**
 * What a Jaeger datasource can link to, and a Zipkin one: Grafana gives both the same form to fill in.
 * @see grafana/grafana: docs/sources/datasources/jaeger, docs/sources/datasources/zipkin
 */
export const jaeger: Correlations = { links: [tracesToLogs, tracesToMetrics], after: nodeGraph };
