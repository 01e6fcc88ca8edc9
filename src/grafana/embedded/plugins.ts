/**
 * The datasource plugins that the embedded Grafana has, as far as answers depend on them.
 * `health`: whether the plugin checks a datasource itself, by first major version that does; `backendSince`: first
 * major version with a server-side part. Without either, health is an error that says nothing of the datasource.
 */
export interface Plugin {
  id: string;
  name: string;
  /** Must have a URL when it is updated; on creation none is needed. */
  needsUrl: boolean;
  healthSince: number;
  backendSince: number;
}

const never = Number.POSITIVE_INFINITY;

const plugins: readonly Plugin[] = [
  plugin('alertmanager', 'Alertmanager', true, never, never),
  plugin('cloudwatch', 'CloudWatch', false, 9),
  plugin('elasticsearch', 'Elasticsearch', true, 10),
  plugin('grafana-pyroscope-datasource', 'Grafana Pyroscope', false, 10),
  plugin('graphite', 'Graphite', true, 11),
  plugin('influxdb', 'InfluxDB', true, 10),
  plugin('influxdb_08', 'InfluxDB 0.8', true, never, never),
  plugin('jaeger', 'Jaeger', true, 12, 12),
  plugin('loki', 'Loki', true, 10),
  plugin('mssql', 'Microsoft SQL Server', true, 10),
  plugin('mysql', 'MySQL', true, 10),
  plugin('opentsdb', 'OpenTSDB', true, 12),
  plugin('parca', 'Parca', false, 9),
  plugin('phlare', 'Grafana Phlare', false, 9),
  plugin('postgres', 'PostgreSQL', true, 10),
  plugin('prometheus', 'Prometheus', true, 10),
  plugin('tempo', 'Tempo', true, 10),
  plugin('zipkin', 'Zipkin', true, 12, 12),
];

function plugin(id: string, name: string, needsUrl: boolean, healthSince: number, backendSince = 9): Plugin {
  return { id, name, needsUrl, healthSince, backendSince };
}

const aliases: Readonly<Record<string, string>> = { phlare: 'grafana-pyroscope-datasource' };

/** @returns the plugin of a stored type; undefined when it isn't installed. Creating needs no plugin. */
export function findPlugin(type: string, resolveAliases: boolean): Plugin | undefined {
  const id = resolveAliases && Object.hasOwn(aliases, type) ? aliases[type] : type;
  return plugins.find((known) => known.id === id);
}
