import { createFetch as createUncountedFetch } from './http/create-fetch.ts';
import type { FetchOptions, PluginFetch } from './http/options.ts';
import { httpOptionsFrom } from './http/settings.ts';
import { httpMetrics } from './metrics.ts';
import type { DatasourceSettings } from './plugin-context.ts';

/** {@link createUncountedFetch}, whose requests are counted among the plugin's metrics. */
export function createFetch(options: FetchOptions = {}): PluginFetch {
  return createUncountedFetch({ metrics: httpMetrics, ...options });
}

/**
 * A `fetch` for what a datasource asks over HTTP, as its settings say: URL, credentials, TLS, headers, timeouts, proxy.
 * Each request is counted, continues the trace of Grafana's call and ends with it. Make one per instance, and close it
 * in `dispose`.
 * @param options - go before what the settings say; headers are added to those of the settings
 * @throws {DatasourceError} status 400 where a setting is wrong
 * @example const fetch = datasourceFetch(settings, { forwardHeaders: true });
 */
export function datasourceFetch(settings: DatasourceSettings, options: FetchOptions = {}): PluginFetch {
  const set = httpOptionsFrom(settings);
  const headers = { ...set.headers, ...options.headers };
  return createFetch({ ...set, ...options, headers });
}
