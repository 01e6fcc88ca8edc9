import type { HookContext, HookTools } from '#lib/juju';
import type { GrafanaClient, GrafanaClientOptions } from '#src/grafana';

/** Every effect of a hook, as values: a test passes its own. */
export interface World {
  readonly context: HookContext;
  readonly tools: HookTools;
  readonly grafanaClient: (options: GrafanaClientOptions) => GrafanaClient;
}
