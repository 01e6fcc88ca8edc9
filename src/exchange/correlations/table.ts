import type { Correlations } from './correlation.ts';
import { elasticsearch } from './elasticsearch.ts';
import { jaeger } from './jaeger.ts';
import { loki } from './loki.ts';
import { prometheus } from './prometheus.ts';
import { tempo } from './tempo.ts';

/** Grafana plugin id to all that its datasources can link to. A type that is not here only is a target. */
export const correlationTable: ReadonlyMap<string, Correlations> = new Map([
  ['tempo', tempo],
  ['jaeger', jaeger],
  ['zipkin', jaeger],
  ['prometheus', prometheus],
  ['loki', loki],
  ['elasticsearch', elasticsearch],
  ['grafana-opensearch-datasource', elasticsearch],
]);

const none: Correlations = { links: [] };

/** @returns what a datasource of this Grafana plugin can link to; nothing for a type that only is a target */
export function correlationsOf(type: string): Correlations {
  return correlationTable.get(type) ?? none;
}

/** @returns whether datasources of this Grafana plugin can link to others at all */
export function linksFrom(type: string): boolean {
  return correlationsOf(type).links.length > 0;
}
