import type { Action, Caller } from '../auth.ts';
import type { Body } from '../bind.ts';
import type { CorrelationStore } from '../correlation-store.ts';
import type { Reply } from '../respond.ts';
import type { Store } from '../store.ts';
import type { Gates } from '../version.ts';

/** What a plugin says of a datasource when it is asked. */
export interface PluginHealth {
  status: 'OK' | 'ERROR' | 'UNKNOWN';
  message: string;
}

/** The Grafana that a request meets. */
export interface World {
  version: string;
  gates: Gates;
  store: Store;
  correlations: CorrelationStore;
  /** Answers of datasource plugins by uid; a datasource that isn't in it is fine. */
  pluginHealth: ReadonlyMap<string, PluginHealth>;
  /** Base URL with a slash at its end. */
  appUrl: string;
  /** `/grafana`, or ''. */
  subPath: string;
}

export interface Request {
  caller: Caller;
  /** Decoded values of `:name` segments. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: Body;
}

/** One API route. By the time `handle` runs, the caller is known and allowed. */
export interface Route {
  /** `ANY` for every method. A GET route also answers HEAD. */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'ANY';
  /** `/api/datasources/uid/:uid` */
  path: string;
  /** The permission needed; undefined where signing in is enough. */
  action?: Action;
  handle(request: Request, world: World): Reply;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/**
 * The route of a path below the sub-path. Segments are decoded one by one, so a `%2F` stays within its own; fixed
 * segments win over named ones.
 * @throws {URIError} a broken percent escape
 */
export function findRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const segments = path.split('/').map(decodeURIComponent);
  const matches: Match[] = [];
  for (const route of routes) {
    if (route.method !== 'ANY' && route.method !== (method === 'HEAD' ? 'GET' : method)) continue;
    const params = matchSegments(route.path.split('/'), segments);
    if (params !== undefined) matches.push({ route, params });
  }
  return matches.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)[0];
}

function matchSegments(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined;
    } else {
      if (segment === '') return undefined;
      params[part.slice(1)] = segment;
    }
  }
  return params;
}
