import type { Authenticator } from './auth.ts';
import { isAllowed } from './auth.ts';
import type { Reply } from './respond.ts';
import { accessDenied, html, noSuchRoute, redirect } from './respond.ts';
import { correlationRoutes } from './routes/correlations.ts';
import { datasourceRoutes } from './routes/datasources.ts';
import { datasourceByIdRoutes } from './routes/datasources-by-id.ts';
import { frontendSettingsRoute } from './routes/frontend-settings.ts';
import { datasourceHealthRoute, grafanaHealth } from './routes/health.ts';
import { orgRoute } from './routes/org.ts';
import { page } from './routes/page.ts';
import type { Route, World } from './routes/route.ts';
import { Router } from './routes/route.ts';
import type { Gates } from './version.ts';

/** A request as it came over HTTP, body read. Header names are in lower case. */
export interface RawRequest {
  method: string;
  /** Path and query, percent-encoded. */
  target: string;
  headers: Readonly<Record<string, string | undefined>>;
  text: string;
}

const always: readonly Route[] = [
  ...datasourceRoutes,
  datasourceHealthRoute,
  orgRoute,
  frontendSettingsRoute,
];

const noQuery = new URLSearchParams();

/** The API of a version. */
export function routerOf(gates: Gates): Router {
  return new Router([
    ...always,
    ...(gates.correlations ? correlationRoutes : []),
    ...(gates.idRoutes ? datasourceByIdRoutes : []),
  ]);
}

/**
 * What Grafana answers. Its order shows through: who you are (401), whether there is such a route, what you may
 * (403), then what you sent (400) and whether it exists (404).
 */
export function answer(request: RawRequest, world: World, authenticator: Authenticator): Reply {
  const { method, headers } = request;
  const [rawPath = '/', rawQuery = ''] = split(request.target);
  const path = belowSubPath(rawPath, world);
  if (path === undefined) return redirect(301, `${world.subPath}${request.target}`);
  if (isRead(method) && path === '/api/health') return grafanaHealth(world);
  if (isRead(method) && path === '/healthz') {
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Ok' };
  }
  if (isRead(method) && path === '/') return page(world);
  if (path !== '/api' && !path.startsWith('/api/')) return html(404, 'Not found');

  const caller = authenticator.authenticate({
    authorization: headers.authorization,
    orgId: headers['x-grafana-org-id'],
  });
  if ('body' in caller) return caller;
  const match = routeOf(method, path, world);
  if (match === 'MALFORMED')
    return { status: 400, headers: { 'content-type': 'text/plain' }, body: '400 Bad Request' };
  if (match === undefined) return noSuchRoute();
  const { route, params } = match;
  if (route.action !== undefined && !isAllowed(caller.role, route.action))
    return accessDenied(route.action, world.random);
  const body = { contentType: headers['content-type'], text: request.text };
  const query = rawQuery === '' ? noQuery : new URLSearchParams(rawQuery);
  return route.handle({ caller, params, query, body }, world);
}

function routeOf(method: string, path: string, { router }: World) {
  try {
    return router.find(method, path);
  } catch {
    return 'MALFORMED' as const; // a broken percent escape
  }
}

function split(target: string): [string, string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The path without the sub-path. The API is served without it, too; the rest is redirected by later versions. */
function belowSubPath(path: string, { subPath, gates }: World): string | undefined {
  if (subPath === '') return path;
  if (path === subPath) return '/';
  if (path.startsWith(`${subPath}/`)) return path.slice(subPath.length);
  return gates.subPathRedirects && !path.startsWith('/api') ? undefined : path;
}
