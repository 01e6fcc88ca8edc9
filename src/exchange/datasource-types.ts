/**
 * What an operator may write as `datasource-type`, and the id of the Grafana plugin that it means. Mimir has no
 * plugin of its own: Grafana speaks to it as to a Prometheus, and so do the Python charms.
 */
const pluginIds = {
  alertmanager: 'alertmanager',
  elasticsearch: 'elasticsearch',
  'grafana-opensearch-datasource': 'grafana-opensearch-datasource',
  'grafana-pyroscope-datasource': 'grafana-pyroscope-datasource',
  jaeger: 'jaeger',
  loki: 'loki',
  mimir: 'prometheus',
  opensearch: 'grafana-opensearch-datasource',
  prometheus: 'prometheus',
  pyroscope: 'grafana-pyroscope-datasource',
  tempo: 'tempo',
  zipkin: 'zipkin',
} as const satisfies Record<string, string>;

/** What may stand in config `datasource-type`, sorted. */
export const datasourceTypes: readonly string[] = Object.keys(pluginIds);

/** @returns the id of the Grafana plugin, or undefined when `datasourceType` is none of ours */
export function pluginId(datasourceType: string): string | undefined {
  return new Map<string, string>(Object.entries(pluginIds)).get(datasourceType);
}

/** @returns what operators call a Grafana plugin: the shortest of the names that mean it; an unknown id as it is */
export function datasourceType(id: string): string {
  const names = Object.entries(pluginIds).flatMap(([name, plugin]) =>
    plugin === id && name !== 'mimir' ? [name] : [],
  );
  return names.toSorted((a, b) => a.length - b.length)[0] ?? id;
}
