import type { Datasource, DatasourceUpdate } from './datasources.ts';

/**
 * The update that changes nothing: Grafana empties what an update leaves out, and keeps each secret that it does not
 * name.
 */
export function unchanged(held: Datasource): DatasourceUpdate {
  return {
    name: held.name,
    type: held.type,
    access: held.access === 'direct' ? 'direct' : 'proxy',
    url: held.url,
    user: held.user,
    database: held.database,
    basicAuth: held.basicAuth,
    basicAuthUser: held.basicAuthUser,
    withCredentials: held.withCredentials,
    isDefault: held.isDefault,
    jsonData: held.jsonData,
    version: held.version,
  };
}
