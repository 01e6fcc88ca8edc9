import type { Action } from '../auth.ts';
import { isAllowed } from '../auth.ts';
import { findPlugin } from '../plugins.ts';
import { goJson, sorted } from '../respond.ts';
import type { Row } from '../store.ts';
import type { Gates } from '../version.ts';
import type { Request, World } from './route.ts';

const unknownLogo = 'public/img/icn-datasource.svg';

/**
 * One datasource as JSON, keys in Grafana's order. Secrets are named, never told.
 * @see grafana/grafana: pkg/api/dtos/datasource.go
 */
export function datasourceDto(row: Row, gates: Gates) {
  const plugin = findPlugin(row.type, gates.pluginAliases);
  const set = Object.entries(row.secureJsonData).filter(([, value]) => value !== '');
  return {
    id: row.id,
    uid: row.uid,
    orgId: row.orgId,
    name: row.name,
    type: plugin?.id ?? row.type,
    typeLogoUrl: gates.logoInDatasource ? logoOf(plugin?.id) : '',
    access: row.access,
    url: row.url,
    user: row.user,
    database: row.database,
    basicAuth: row.basicAuth,
    basicAuthUser: row.basicAuthUser,
    withCredentials: row.withCredentials,
    isDefault: row.isDefault,
    jsonData: sorted(row.jsonData),
    secureJsonFields: sorted(Object.fromEntries(set.map(([name]) => [name, true]))),
    version: row.version,
    readOnly: row.readOnly,
  };
}

/** A datasource within the list: neither version nor secrets. */
export function datasourceListItem(row: Row, gates: Gates) {
  const plugin = findPlugin(row.type, gates.pluginAliases);
  return {
    id: row.id,
    uid: row.uid,
    orgId: row.orgId,
    name: row.name,
    type: plugin?.id ?? row.type,
    typeName: plugin?.name ?? row.type,
    typeLogoUrl: logoOf(plugin?.id),
    access: row.access,
    url: row.url,
    user: row.user,
    database: row.database,
    basicAuth: row.basicAuth,
    isDefault: row.isDefault,
    jsonData: sorted(row.jsonData),
    readOnly: row.readOnly,
  };
}

/** The JSON of both, made once for each row: a row never changes, and is read far more often than replaced. */
export function datasourceTexts(gates: Gates): World['texts'] {
  return {
    listItem: perRow((row) => goJson(datasourceListItem(row, gates))),
    datasource: perRow((row) => goJson(datasourceDto(row, gates))),
  };
}

function perRow(make: (row: Row) => string): (row: Row) => string {
  const made = new WeakMap<Row, string>();
  return (row) => {
    const known = made.get(row);
    if (known !== undefined) return known;
    const text = make(row);
    made.set(row, text);
    return text;
  };
}

/** What `?accesscontrol=true` adds: the caller's permissions on this datasource. */
export function accessControl({
  caller,
  query,
}: Request): { accessControl: Record<string, true> } | undefined {
  if (query.get('accesscontrol') !== 'true') return undefined;
  const actions: Action[] = [
    'datasources:delete',
    'datasources:query',
    'datasources:read',
    'datasources:write',
  ];
  const allowed = actions.filter((action) => isAllowed(caller.role, action));
  return { accessControl: Object.fromEntries(allowed.map((action) => [action, true as const])) };
}

/** The file names differ from release to release in Grafana; only that there is one is like it. */
function logoOf(pluginId: string | undefined): string {
  return pluginId === undefined ? unknownLogo : `public/app/plugins/datasource/${pluginId}/img/logo.svg`;
}
