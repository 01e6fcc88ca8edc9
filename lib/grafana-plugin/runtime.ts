import { RpcError } from '#lib/go-plugin';
import type { Datasource } from './datasource.ts';
import type { Endpoint } from './endpoint.ts';
import type { Observer } from './observe.ts';
import type { PluginContext } from './plugin-context.ts';
import type { Tracing } from './tracing/tracing.ts';

/** What the services share. */
export interface Runtime extends Observer {
  /** Undefined where Grafana asked for no traces. */
  readonly tracing: Tracing | undefined;
  /**
   * The instance that the call is about, made now where its settings are new or have changed. To be asked within its scope.
   * @throws what making it threw
   */
  instance(context: PluginContext): Promise<Datasource>;
}

/** Grafana tells an absence apart from an error: 404 for resources, "not implemented" for health. */
export function noSuchMethod(name: Endpoint): RpcError {
  return new RpcError('UNIMPLEMENTED', `this plugin has no ${name}`);
}
