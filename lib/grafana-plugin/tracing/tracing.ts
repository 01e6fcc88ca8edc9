import type { Span } from '@opentelemetry/api';
import type { Interceptor } from '#lib/go-plugin';
import type { Endpoint } from '../endpoint.ts';
import type { PluginContext } from '../plugin-context.ts';

/** Spans of what Grafana calls. */
export interface Tracing {
  /**
   * A span of kind SERVER around each call, `pluginv2.Data/QueryData`, in the trace that the call's metadata names. For
   * go-plugin's own services there is none: its streams stay open for as long as the process lives, so that their spans
   * would never be sent, and what they would say is nothing.
   */
  readonly interceptor: Interceptor;
  /**
   * A span `sdk.queryData` around what the plugin does for one call, active while `run` runs. `request_status` is `ok`
   * and `status_source` is `plugin` unless `run` says otherwise; what it throws is recorded and thrown on. A cancelled
   * call is no error: its `request_status` is `cancelled`, and nothing more.
   */
  endpoint<T>(endpoint: Endpoint, context: PluginContext, run: (span: Span) => Promise<T>): Promise<T>;
  /** A span `sdk.query` around one query of several, with `ref_id` and, where it has one, `query_type`. */
  query<T>(query: { readonly refId: string; readonly queryType: string }, run: () => Promise<T>): Promise<T>;
  /** Sends what there is and stops, within a second whatever happens. Spans that have not ended are not sent. */
  shutdown(): Promise<void>;
}
