import type { Reply } from '../respond.ts';
import { handlerError, json } from '../respond.ts';
import type { Row } from '../store.ts';
import { removeDatasource, show, update } from './datasources.ts';
import { checkHealth } from './health.ts';
import type { Request, Route, World } from './route.ts';

/**
 * Datasources by numeric id: deprecated since 9.0, off by default since 13.0.
 * @see grafana/grafana: pkg/api/datasources.go
 */
export const datasourceByIdRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/datasources/:id',
    action: 'datasources:read',
    handle(request, world) {
      const id = idOf(request);
      if (id === undefined) return invalidId(false);
      if (id === 0) return handlerError(400, 'Datasource id is missing', { cause: false });
      return show(world.store.find({ id }), request, world);
    },
  },
  {
    method: 'PUT',
    path: '/api/datasources/:id',
    action: 'datasources:write',
    handle: (request, world) =>
      idOf(request) === undefined ? invalidId(true) : update(request, world, byId),
  },
  {
    method: 'DELETE',
    path: '/api/datasources/:id',
    action: 'datasources:delete',
    handle(request, world) {
      const id = idOf(request);
      if (id === undefined) return invalidId(true);
      if (id <= 0) return handlerError(400, 'Missing valid datasource id', { cause: false });
      const row = world.store.find({ id });
      if (row === undefined) return handlerError(404, 'Data source not found', { cause: false });
      if (row.readOnly) return handlerError(403, 'Cannot delete read-only data source', { cause: false });
      removeDatasource(row, world);
      // Unlike the other two ways to delete, this one doesn't repeat the id.
      return json(200, { message: 'Data source deleted' });
    },
  },
  {
    method: 'ANY',
    path: '/api/datasources/:id/health',
    action: 'datasources:query',
    handle: (request, world) =>
      idOf(request) === undefined ? invalidId(false) : checkHealth(byId(request, world), world),
  },
];

function byId(request: Request, { store }: World): Row | undefined {
  return store.find({ id: idOf(request) ?? 0 });
}

function idOf({ params }: Request): number | undefined {
  return /^[+-]?\d{1,15}$/.test(params.id ?? '') ? Number(params.id) : undefined;
}

function invalidId(cause: boolean): Reply {
  return handlerError(400, 'id is invalid', { cause });
}
