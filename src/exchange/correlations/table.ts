import type { Correlations } from './correlation.ts';
import { tempo } from './tempo.ts';

const byType: ReadonlyMap<string, Correlations> = new Map([['tempo', tempo]]);
const none: Correlations = { withAny: {}, links: [] };

/** @returns what a datasource of this Grafana plugin can link to; nothing for a type that only is a target */
export function correlationsOf(type: string): Correlations {
  return byType.get(type) ?? none;
}

/** @returns whether datasources of this Grafana plugin can link to others at all */
export function linksFrom(type: string): boolean {
  return correlationsOf(type).links.length > 0;
}
