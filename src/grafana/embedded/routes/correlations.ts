import { bindCorrelation } from '../bind-correlation.ts';
import type { CorrelationRow } from '../correlation-store.ts';
import type { Reply } from '../respond.ts';
import { handlerError, json, sorted } from '../respond.ts';
import type { Row } from '../store.ts';
import type { Gates } from '../version.ts';
import type { Request, Route, World } from './route.ts';

const all = '/api/datasources/correlations';
const ofSource = '/api/datasources/uid/:uid/correlations';
const one = `${ofSource}/:correlationUid`;

/**
 * Correlations between datasources, since 9.2.
 * @see grafana/grafana: pkg/services/correlations/{api,database,models}.go
 */
export const correlationRoutes: readonly Route[] = [
  { method: 'GET', path: all, action: 'datasources:read', handle: listAll },
  {
    method: 'GET',
    path: ofSource,
    action: 'datasources:read',
    handle(request, world) {
      const source = sourceOf(request, world);
      if (source === undefined) return noSource('Source data source not found');
      const rows = visible(world).filter(({ sourceUID }) => sourceUID === source.uid);
      return json(
        200,
        rows.map((row) => correlationDto(row, world.gates)),
      );
    },
  },
  { method: 'POST', path: ofSource, action: 'datasources:write', handle: create },
  {
    method: 'GET',
    path: one,
    action: 'datasources:read',
    handle(request, world) {
      if (sourceOf(request, world) === undefined) return noSource('Source data source not found');
      const row = find(request, world);
      return row === undefined ? notFound() : json(200, correlationDto(row, world.gates));
    },
  },
  { method: 'PATCH', path: one, action: 'datasources:write', handle: update },
  { method: 'DELETE', path: one, action: 'datasources:write', handle: remove },
];

function listAll({ query }: Request, world: World): Reply {
  const { gates } = world;
  const rows = visible(world).map((row) => correlationDto(row, gates));
  if (!gates.correlationsPaged) return json(200, rows);
  const limit = Math.min(numberIn(query, 'limit', 100), 1000);
  const page = numberIn(query, 'page', 1);
  const sources = query.getAll('sourceUID');
  const matching = rows.filter(({ sourceUID }) => sources.length === 0 || sources.includes(sourceUID));
  return json(200, {
    correlations: matching.slice((page - 1) * limit, page * limit),
    totalCount: matching.length,
    page,
    limit,
  });
}

function create(request: Request, world: World): Reply {
  const { store, correlations, gates } = world;
  const command = bindCorrelation(request.body, gates);
  // The type is needed, wherever this version has it.
  if (command?.type === undefined) return badRequest();
  const { type, targetUID = '', label = '', description = '', config = {} } = command;
  if (type === 'query' && targetUID === '') return badRequest();
  const source = sourceOf(request, world);
  if (source === undefined) return noSource('Data source not found');
  if (isLocked(source, gates)) return locked();
  if (targetUID !== '' && store.find({ uid: targetUID }) === undefined)
    return noSource('Data source not found');
  const { field = '', target = {}, transformations = [] } = config;
  const row = correlations.add({
    sourceUID: source.uid,
    targetUID,
    label,
    description,
    type,
    provisioned: false,
    config: { field, target, transformations },
  });
  return json(200, { result: correlationDto(row, gates), message: 'Correlation created' });
}

function update(request: Request, world: World): Reply {
  const { correlations, gates } = world;
  const command = bindCorrelation(request.body, gates);
  if (command === undefined) return badRequest();
  const { label, description, config, type } = command;
  const says = [label, description, type, config?.field, config?.target];
  if (says.every((value) => value === undefined)) {
    return handlerError(400, 'At least one of label, description or config is required', { cause: true });
  }
  const refused = refusal(request, world);
  if (refused !== undefined) return refused;
  const row = find(request, world);
  if (row === undefined) return notFound();
  const updated = correlations.put({
    ...row,
    label: label ?? row.label,
    description: description ?? row.description,
    type: type ?? row.type,
    config: { ...row.config, ...config },
  });
  return json(200, { result: correlationDto(updated, gates), message: 'Correlation updated' });
}

function remove(request: Request, world: World): Reply {
  const refused = refusal(request, world);
  if (refused !== undefined) return refused;
  const row = find(request, world);
  if (row === undefined) return notFound();
  world.correlations.remove(row);
  return json(200, { message: 'Correlation deleted' });
}

/** Why a correlation that is there can't be written: the source comes first. */
function refusal(request: Request, world: World): Reply | undefined {
  const source = sourceOf(request, world);
  if (source === undefined) return noSource('Data source not found');
  if (isLocked(source, world.gates)) return locked();
  if (find(request, world)?.provisioned !== true) return undefined;
  return handlerError(403, 'Correlation can only be edited via provisioning', { cause: true });
}

/** Early versions let nothing hang off a datasource that a file provisions. */
function isLocked({ readOnly }: Row, gates: Gates): boolean {
  return readOnly && gates.correlationsNeedWritableSource;
}

function locked(): Reply {
  return handlerError(403, 'Data source is read only', { cause: true });
}

function badRequest(): Reply {
  return handlerError(400, 'bad request data', { cause: true });
}

function notFound(): Reply {
  return handlerError(404, 'Correlation not found', { cause: true });
}

function noSource(message: string): Reply {
  return handlerError(404, message, { cause: true });
}

function sourceOf({ params }: Request, { store }: World): Row | undefined {
  return store.find({ uid: params.uid ?? '' });
}

function find({ params }: Request, { correlations }: World): CorrelationRow | undefined {
  return correlations.find(params.uid ?? '', params.correlationUid ?? '');
}

/** Those whose source is there, and whose target is unless they need none. */
function visible({ store, correlations }: World): CorrelationRow[] {
  const isThere = (uid: string) => store.find({ uid }) !== undefined;
  return correlations
    .list()
    .filter(({ sourceUID, targetUID }) => isThere(sourceUID) && (targetUID === '' || isThere(targetUID)));
}

/** One correlation as JSON, as this version shows it. */
function correlationDto(row: CorrelationRow, gates: Gates) {
  const { uid, sourceUID, targetUID, label, description, type, provisioned, config } = row;
  const { field, target, transformations } = config;
  return {
    uid,
    sourceUID,
    ...(gates.correlationsPaged && { orgId: 1 }),
    targetUID: targetUID === '' ? null : targetUID,
    label,
    description,
    config: {
      ...(gates.correlationTypeInConfig && { type }),
      field,
      target: sorted(target),
      ...(gates.correlationsPaged && transformations.length > 0 && { transformations }),
    },
    ...(gates.correlationsPaged && { provisioned }),
    ...(!gates.correlationTypeInConfig && { type }),
  };
}

function numberIn(query: URLSearchParams, name: string, byDefault: number): number {
  const value = Number(query.get(name) ?? byDefault);
  return Number.isSafeInteger(value) && value > 0 ? value : byDefault;
}
