import { parseGrafanaVersion } from '../../version.ts';
import { findPlugin } from '../plugins.ts';
import type { Reply } from '../respond.ts';
import { goJson, handlerError, json, typedError } from '../respond.ts';
import type { Row } from '../store.ts';
import { hasUidCharacters } from '../uid.ts';
import type { Gates } from '../version.ts';
import type { Route, World } from './route.ts';

/** The commit that the embedded Grafana claims to be built from; none of Grafana's. */
export const commit = '0000embedded';

/** Health of a datasource, for those who may query it. @see grafana/grafana: pkg/api/datasources.go */
export const datasourceHealthRoute: Route = {
  method: 'ANY',
  path: '/api/datasources/uid/:uid/health',
  action: 'datasources:query',
  handle({ params }, world) {
    const uid = params.uid ?? '';
    if (!hasUidCharacters(uid)) return handlerError(400, 'UID is invalid', { cause: false });
    return checkHealth(world.store.find({ uid }), world);
  },
};

/** What a health check answers: nothing is asked of the datasource's real server. */
export function checkHealth(row: Row | undefined, { version, gates, pluginHealth }: World): Reply {
  if (row === undefined) return handlerError(500, 'Unable to load datasource metadata', { cause: true });
  const plugin = findPlugin(row.type, gates.pluginAliases);
  const major = parseGrafanaVersion(version)?.major ?? 0;
  if (plugin === undefined) return pluginMissing(gates);
  if (major < plugin.backendSince) return pluginUnavailable(gates);
  if (major < plugin.healthSince) return healthNotImplemented(gates);
  const { status, message } = pluginHealth.get(row.uid) ?? {
    status: 'OK',
    message: 'Data source is working',
  };
  return json(status === 'OK' ? 200 : 400, { message, status });
}

function pluginMissing({ typedPluginErrors }: Gates): Reply {
  if (!typedPluginErrors) return handlerError(500, 'Unable to find datasource plugin', { cause: true });
  return typedError(404, 'Plugin not registered', 'plugin.notRegistered');
}

function pluginUnavailable({ typedPluginErrors }: Gates): Reply {
  if (!typedPluginErrors) return handlerError(503, 'Plugin unavailable', { cause: true });
  return typedError(500, 'Plugin unavailable', 'plugin.unavailable');
}

function healthNotImplemented({ typedPluginErrors }: Gates): Reply {
  if (!typedPluginErrors) return handlerError(404, 'Not found', { cause: true });
  return typedError(404, 'Not implemented', 'plugin.notImplemented');
}

/**
 * Health of Grafana itself. It needs no credentials.
 * @see grafana/grafana: pkg/api/http_server.go
 */
export function grafanaHealth({ version, gates }: World): Reply {
  const value = gates.healthKeysSorted
    ? { commit, database: 'ok', version }
    : { database: 'ok', version, commit };
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: goJson(value, 2),
  };
}
