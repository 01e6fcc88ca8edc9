import { json } from '../respond.ts';
import { datasourceListItem } from './datasource-dto.ts';
import { commit } from './health.ts';
import type { Route } from './route.ts';

/**
 * What Grafana's own pages start from, as far as other programs read it. Datasources are keyed by name, and their
 * URLs are those of Grafana's proxy.
 * @see grafana/grafana: pkg/api/frontendsettings.go
 */
export const frontendSettingsRoute: Route = {
  method: 'GET',
  path: '/api/frontend/settings',
  handle(_request, { version, gates, store, appUrl, subPath }) {
    const rows = store.list();
    const datasources = rows.map((row) => {
      const { id, uid, name, type, access, isDefault, jsonData, readOnly } = datasourceListItem(row, gates);
      const url = access === 'proxy' ? `/api/datasources/proxy/uid/${uid}` : row.url;
      return [name, { id, uid, name, type, access, url, isDefault, jsonData, readOnly }] as const;
    });
    return json(200, {
      appSubUrl: subPath,
      appUrl,
      buildInfo: {
        hideVersion: false,
        version,
        commit,
        buildstamp: 0,
        edition: 'Open Source',
        latestVersion: '',
        hasUpdate: false,
        env: 'production',
      },
      datasources: Object.fromEntries(datasources),
      defaultDatasource: rows.find((row) => row.isDefault)?.name ?? '',
      featureToggles: {},
      licenseInfo: { edition: 'Open Source', expiry: 0, stateInfo: '', licenseUrl: '', enabledFeatures: {} },
    });
  },
};
