import type { Call } from '#lib/go-plugin';
import { GrafanaConfig } from '../../../../lib/grafana-plugin/grafana-config.ts';
import type { PluginContext } from '../../../../lib/grafana-plugin/plugin-context.ts';
import type { Scope } from '../../../../lib/grafana-plugin/scope.ts';

/** A call as it comes in, with these headers. */
export function call(
  headers: Readonly<Record<string, string | readonly string[]>> = {},
  { service = 'pluginv2.Data', method = 'QueryData', signal = new AbortController().signal } = {},
): Call {
  const values = new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat()]));
  return {
    service,
    method,
    kind: 'unary',
    signal,
    deadline: undefined,
    metadata: {
      get: (name) => values.get(name.toLowerCase())?.[0],
      getAll: (name) => values.get(name.toLowerCase()) ?? [],
      getBinary: () => undefined,
      names: () => [...values.keys()],
    },
  };
}

export function pluginContext(given: Partial<PluginContext> = {}): PluginContext {
  return {
    orgId: 3,
    pluginId: 'acme-rocks-datasource',
    pluginVersion: '1.2.3',
    user: { login: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', role: 'Editor' },
    datasource: {
      uid: 'rocks-1',
      name: 'Rocks',
      type: 'acme-rocks-datasource',
      url: '',
      user: '',
      database: '',
      basicAuthEnabled: false,
      basicAuthUser: '',
      jsonData: {},
      secureJsonData: {},
      updated: new Date(0),
      apiVersion: '',
      id: 1,
    },
    app: undefined,
    grafana: new GrafanaConfig(),
    userAgent: 'Grafana/12.4.0 (linux; amd64)',
    apiVersion: '',
    namespace: 'default',
    ...given,
  };
}

export function scope(given: Partial<Scope> = {}): Scope {
  return {
    endpoint: 'queryData',
    call: call(),
    context: pluginContext(),
    headers: new Headers(),
    tracing: undefined,
    ...given,
  };
}
