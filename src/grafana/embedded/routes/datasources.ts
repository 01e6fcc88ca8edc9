import { bindCommand } from '../bind.ts';
import type { Reply } from '../respond.ts';
import { goJson, handlerError, json, jsonText, typedError } from '../respond.ts';
import type { Problem, Row } from '../store.ts';
import { isUrlAllowed } from '../url-rule.ts';
import { accessControl, datasourceDto } from './datasource-dto.ts';
import type { Request, Route, World } from './route.ts';

const notFound = () => handlerError(404, 'Data source not found', { cause: false });

/**
 * Datasources by uid and by name, and all of them.
 * @see grafana/grafana: pkg/api/datasources.go
 */
export const datasourceRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/datasources',
    action: 'datasources:read',
    handle: (_request, { store, texts }) => jsonText(200, `[${store.rows().map(texts.listItem).join(',')}]`),
  },
  { method: 'POST', path: '/api/datasources', action: 'datasources:create', handle: create },
  {
    method: 'GET',
    path: '/api/datasources/uid/:uid',
    action: 'datasources:read',
    handle: (request, world) => show(byUid(request, world), request, world),
  },
  {
    method: 'PUT',
    path: '/api/datasources/uid/:uid',
    action: 'datasources:write',
    handle: (request, world) => update(request, world, byUid, request.params.uid),
  },
  {
    method: 'DELETE',
    path: '/api/datasources/uid/:uid',
    action: 'datasources:delete',
    handle: (request, world) => remove(byUid(request, world), world),
  },
  {
    method: 'GET',
    path: '/api/datasources/name/:name',
    action: 'datasources:read',
    // No access control here, whatever the query says.
    handle: (request, world) =>
      show(byName(request, world), { ...request, query: new URLSearchParams() }, world),
  },
  {
    method: 'DELETE',
    path: '/api/datasources/name/:name',
    action: 'datasources:delete',
    handle: (request, world) => remove(byName(request, world), world),
  },
  {
    method: 'GET',
    path: '/api/datasources/id/:name',
    action: 'datasources.id:read',
    handle(request, world) {
      const row = byName(request, world);
      return row === undefined ? notFound() : json(200, { id: row.id });
    },
  },
];

function byUid({ params }: Request, { store }: World): Row | undefined {
  return store.find({ uid: params.uid ?? '' });
}

function byName({ params }: Request, { store }: World): Row | undefined {
  return store.find({ name: params.name ?? '' });
}

export function show(row: Row | undefined, request: Request, { gates, texts }: World): Reply {
  if (row === undefined) return notFound();
  const more = accessControl(request);
  return more === undefined
    ? jsonText(200, texts.datasource(row))
    : json(200, { ...datasourceDto(row, gates), ...more });
}

function create({ body }: Request, world: World): Reply {
  const { store, gates } = world;
  const command = bindCommand(body, { nameOptional: gates.nameOptional });
  if (command === undefined) return handlerError(400, 'bad request data', { cause: true });
  // An empty URL passes here even for types that can't be updated without one.
  if (command.url !== '' && !isUrlAllowed(command.type, command.url)) return invalidUrl();
  if (gates.teamHeadersRefused && 'teamHttpHeaders' in command.jsonData) {
    const text = 'Cannot create datasource with team HTTP headers, need to use updateDatasourceLBACRules API';
    return handlerError(403, text, { cause: false });
  }
  const row = store.add(command);
  if (typeof row === 'string') return createRefused(row);
  return written(row, 'Datasource added', world);
}

/**
 * PUT by uid or id. The checks come in Grafana's order: the body's form, the URL, the uid, then the row.
 * @param pathUid - undefined on the id route, which compares no uids
 */
export function update(
  request: Request,
  world: World,
  find: (request: Request, world: World) => Row | undefined,
  pathUid?: string,
): Reply {
  const { store, gates } = world;
  const command = bindCommand(request.body, { nameOptional: false });
  if (command === undefined) return handlerError(400, 'bad request data', { cause: true });
  if (!isUrlAllowed(command.type, command.url)) return invalidUrl();
  const isOtherUid = pathUid !== undefined && command.uid !== '' && command.uid !== pathUid;
  if (isOtherUid && gates.uidMismatchRefused) {
    // The status is Grafana's, the wording is not: no public source tells it.
    return handlerError(400, 'uid in the body does not match uid in the URL', { cause: false });
  }
  const row = find(request, world);
  if (row === undefined) return notFound();
  if (row.readOnly) return handlerError(403, 'Cannot update read-only data source', { cause: false });
  const updated = store.update(row, command);
  if (typeof updated === 'string') return updateRefused(updated, gates.renameClashIsConflict);
  return written(updated, 'Datasource updated', world);
}

function written(row: Row, message: string, { texts }: World): Reply {
  const rest = goJson({ id: row.id, message, name: row.name });
  return jsonText(200, `{"datasource":${texts.datasource(row)},${rest.slice(1)}`);
}

/** Deletes a datasource, and what leads from or to it. */
export function removeDatasource(row: Row, { store, correlations }: World): void {
  store.remove(row);
  correlations.removeAllOf(row.uid);
}

function remove(row: Row | undefined, world: World): Reply {
  if (row === undefined) return notFound();
  if (row.readOnly) return handlerError(403, 'Cannot delete read-only data source', { cause: false });
  removeDatasource(row, world);
  return json(200, { id: row.id, message: 'Data source deleted' });
}

function invalidUrl(): Reply {
  return handlerError(400, 'Validation error, invalid URL', { cause: true });
}

function createRefused(problem: Problem): Reply {
  switch (problem) {
    case 'NAME_TAKEN':
      return handlerError(409, 'data source with the same name already exists', { cause: true });
    case 'UID_TAKEN':
      return handlerError(409, 'data source with the same uid already exists', { cause: true });
    default:
      return serviceRefused(problem, 'Failed to add datasource');
  }
}

function updateRefused(problem: Problem, renameClashIsConflict: boolean): Reply {
  const failed = 'Failed to update datasource';
  if (problem === 'VERSION_STALE') {
    const text = 'Datasource has already been updated by someone else. Please reload and try again';
    return handlerError(409, text, { cause: true });
  }
  if (problem === 'NAME_TAKEN' && renameClashIsConflict) {
    return handlerError(409, `${failed}: data source with the same name already exists`, { cause: true });
  }
  return serviceRefused(problem, failed);
}

/** @see grafana/grafana: pkg/services/datasources/errors.go */
function serviceRefused(problem: Problem, fallback: string): Reply {
  switch (problem) {
    case 'NAME_INVALID':
      return typedError(400, 'Invalid datasource name.', 'datasource.nameInvalid');
    case 'URL_INVALID':
      return typedError(400, 'Invalid datasource url.', 'datasource.urlInvalid');
    case 'UID_INVALID':
      return typedError(400, 'Invalid datasource UID.', 'datasource.uidInvalid');
    default:
      return handlerError(500, fallback, { cause: true });
  }
}
