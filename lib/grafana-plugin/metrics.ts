import type { Endpoint } from './endpoint.ts';
import type { HttpEvent, HttpMetrics } from './http/metrics.ts';
import type { Outcome } from './outcome.ts';
import { type InstanceCounts, makeSeries, type Series } from './series.ts';

/** Of one gRPC call, whichever service it was for. */
export interface RpcMeasure {
  readonly kind: 'unary' | 'client_streaming' | 'server_streaming' | 'bidi_streaming';
  readonly service: string;
  readonly method: string;
}

/** More than any burst before the library is there; what is beyond is not counted. */
const mostWaiting = 10_000;

/** The counts of a process, which may serve several plugins in its tests. */
class ProcessMetrics implements HttpMetrics {
  readonly #counts = new Set<() => InstanceCounts>();
  #loading: Promise<Series> | undefined;
  #series: Series | undefined;
  #waiting: ((series: Series) => void)[] = [];

  /** @returns takes it out again */
  addInstances(counts: () => InstanceCounts): () => void {
    this.#counts.add(counts);
    return () => this.#counts.delete(counts);
  }

  load(): Promise<Series> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** Now, or when the library is there. */
  record(record: (series: Series) => void): void {
    if (this.#series !== undefined) record(this.#series);
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(record);
  }

  observe(event: HttpEvent): void {
    const labels = {
      datasource_type: event.datasourceType,
      secure_socks_ds_proxy_enabled: String(event.secureSocksProxyEnabled),
      endpoint: event.endpoint,
    };
    this.record((series) => {
      switch (event.kind) {
        case 'sent':
          series.httpInFlight.inc(labels);
          return;
        case 'failed':
          series.httpInFlight.dec(labels);
          return;
        case 'answered': {
          const answered = { ...labels, code: String(event.code), method: event.method };
          series.httpInFlight.dec(labels);
          series.httpRequests.inc(answered);
          series.httpSeconds.observe(answered, event.durationSeconds);
          return;
        }
        case 'read':
          series.httpBytes.observe(labels, event.sizeBytes);
          series.httpLastBytes.set(labels, event.sizeBytes);
      }
    });
  }

  async #load(): Promise<Series> {
    const series = await makeSeries(() => {
      const all = [...this.#counts].map((counts) => counts());
      return {
        active: all.reduce((sum, { active }) => sum + active, 0),
        created: all.reduce((sum, { created }) => sum + created, 0),
      };
    });
    this.#series = series;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const record of waiting) record(series);
    return series;
  }
}

const processMetrics = new ProcessMetrics();

/** Where the plugin's own HTTP requests are counted. */
export const httpMetrics: HttpMetrics = processMetrics;

/**
 * What Grafana's Go SDK counts, under the same names, beside Node's own process metrics and those of the author, who
 * registers them with prom-client's default registry.
 */
export class PluginMetrics {
  readonly #removeInstances: () => void;

  constructor(instances: () => InstanceCounts) {
    this.#removeInstances = processMetrics.addInstances(instances);
  }

  /** To be called when the plugin is ready: it takes a while, and the first to ask for {@link text} waits for it. */
  async load(): Promise<void> {
    await processMetrics.load();
  }

  /** @returns Prometheus' text format 0.0.4 */
  async text(): Promise<string> {
    const { registry } = await processMetrics.load();
    return registry.metrics();
  }

  countRequest(endpoint: Endpoint, { status, source }: Outcome): void {
    processMetrics.record(({ requests }) => requests.inc({ endpoint, status, status_source: source }));
  }

  rpcStarted(measure: RpcMeasure): void {
    processMetrics.record(({ rpcStarted }) => rpcStarted.inc(rpcLabels(measure)));
  }

  /** @param code - as gRPC spells it in Go: `OK`, `NotFound` */
  rpcHandled(measure: RpcMeasure, code: string, tookSeconds: number): void {
    const labels = rpcLabels(measure);
    processMetrics.record(({ rpcHandled, rpcSeconds }) => {
      rpcHandled.inc({ ...labels, grpc_code: code });
      rpcSeconds.observe(labels, tookSeconds);
    });
  }

  close(): void {
    this.#removeInstances();
  }
}

function rpcLabels({ kind, service, method }: RpcMeasure) {
  return {
    grpc_type: kind === 'bidi_streaming' ? 'bidi_stream' : kind.replace('streaming', 'stream'),
    grpc_service: service,
    grpc_method: method,
  };
}
