import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The SDK's own series, in prom-client's default registry: beside those of the plugin's author. */
export interface Series {
  readonly registry: Registry;
  readonly requests: Counter;
  readonly rpcStarted: Counter;
  readonly rpcHandled: Counter;
  readonly rpcSeconds: Histogram;
  readonly httpRequests: Counter;
  readonly httpSeconds: Histogram;
  readonly httpBytes: Histogram;
  readonly httpLastBytes: Gauge;
  readonly httpInFlight: Gauge;
}

export interface InstanceCounts {
  readonly active: number;
  readonly created: number;
}

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** 128 B to 8 GiB, each twice the one before. */
const bytes = Array.from({ length: 27 }, (_, power) => 128 * 2 ** power);
const rpc = ['grpc_type', 'grpc_service', 'grpc_method'] as const;
const client = ['datasource_type', 'secure_socks_ds_proxy_enabled', 'endpoint'] as const;
const answer = ['datasource_type', 'code', 'method', 'secure_socks_ds_proxy_enabled', 'endpoint'] as const;

/**
 * Makes them; a registry takes each name once.
 * @see grafana/grafana-plugin-sdk-go: backend/metrics_middleware.go, backend/serve.go, backend/httpclient/ (the names)
 */
export async function makeSeries(instances: () => InstanceCounts): Promise<Series> {
  // Takes a while to load, which a plugin's start does not wait for.
  const {
    collectDefaultMetrics,
    Counter,
    Gauge,
    Histogram,
    register: registry,
  } = await import('prom-client');
  const registers = [registry];
  // Authors may have asked for them as well, and a registry refuses the second of a name.
  if (registry.getSingleMetric('process_cpu_user_seconds_total') === undefined) {
    collectDefaultMetrics({ register: registry });
  }
  new Gauge({
    name: 'plugins_active_instances',
    help: 'Instances of the plugin that calls are given',
    registers,
    collect() {
      this.set(instances().active);
    },
  });
  new Counter({
    name: 'plugins_datasource_instances_total',
    help: 'Instances of the plugin made since it started',
    registers,
    collect() {
      this.reset();
      this.inc(instances().created);
    },
  });
  return {
    registry,
    requests: new Counter({
      name: 'grafana_plugin_request_total',
      help: 'Calls of Grafana, by how they went',
      labelNames: ['endpoint', 'status', 'status_source'],
      registers,
    }),
    rpcStarted: new Counter({
      name: 'grpc_server_started_total',
      help: 'gRPC calls that began',
      labelNames: rpc,
      registers,
    }),
    rpcHandled: new Counter({
      name: 'grpc_server_handled_total',
      help: 'gRPC calls that ended, well or not',
      labelNames: [...rpc, 'grpc_code'],
      registers,
    }),
    rpcSeconds: new Histogram({
      name: 'grpc_server_handling_seconds',
      help: 'How long gRPC calls took',
      labelNames: rpc,
      buckets: seconds,
      registers,
    }),
    httpRequests: new Counter({
      name: 'plugins_datasource_request_total',
      help: 'HTTP requests of the plugin that were answered',
      labelNames: answer,
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'plugins_datasource_request_duration_seconds',
      help: 'How long HTTP requests of the plugin took, to the headers of the answer',
      labelNames: answer,
      buckets: [...seconds, 25, 50, 100],
      registers,
    }),
    httpBytes: new Histogram({
      name: 'plugins_datasource_response_size_bytes',
      help: 'Sizes of answers to HTTP requests of the plugin',
      labelNames: client,
      buckets: bytes,
      registers,
    }),
    httpLastBytes: new Gauge({
      name: 'plugins_datasource_response_size',
      help: 'Size in bytes of the last answer to an HTTP request of the plugin',
      labelNames: client,
      registers,
    }),
    httpInFlight: new Gauge({
      name: 'plugins_datasource_request_in_flight',
      help: 'HTTP requests of the plugin that wait for their answer',
      labelNames: client,
      registers,
    }),
  };
}
