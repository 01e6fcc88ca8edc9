import type { HookContext, HookTools } from '#lib/juju';
import type { GrafanaClient, GrafanaClientOptions } from '#src/grafana';
import type { InTrace, TracingRelation } from './tracing.ts';

/** Every effect of a hook, as values: a test passes its own. */
export interface World {
  readonly context: HookContext;
  readonly tools: HookTools;
  readonly grafanaClient: (options: GrafanaClientOptions) => GrafanaClient | Promise<GrafanaClient>;
  /** Absent: such as nobody can guess. */
  readonly randomBytes?: (size: number) => Buffer;
  /** Absent: nothing is traced, whatever this application is related to. */
  readonly inTrace?: InTrace;
  /** What `run` has found out already. */
  readonly tracing?: TracingRelation | null;
}
