import type { Action, Caller } from '../auth.ts';
import type { Body } from '../bind.ts';
import type { CorrelationStore } from '../correlation-store.ts';
import type { Random } from '../random.ts';
import type { Reply } from '../respond.ts';
import type { Row, Store } from '../store.ts';
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
  /** The routes that this version has. */
  router: Router;
  store: Store;
  /** The JSON of a row, within the list and by itself; made once for each row. */
  texts: { listItem: (row: Row) => string; datasource: (row: Row) => string };
  correlations: CorrelationStore;
  /** Answers of datasource plugins by uid; a datasource that isn't in it is fine. */
  pluginHealth: ReadonlyMap<string, PluginHealth>;
  /** Makes the ids in answers. */
  random: Random;
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

/** Routes by path. Fixed segments win over named ones, and among equals the first. */
export class Router {
  /** By number of segments; those with fewer names come first. */
  readonly #patterns = new Map<number, Pattern[]>();

  constructor(routes: readonly Route[]) {
    const patterns = routes.map((route): Pattern => ({ route, segments: route.path.split('/') }));
    for (const pattern of patterns.toSorted((a, b) => names(a) - names(b))) {
      const size = pattern.segments.length;
      this.#patterns.set(size, [...(this.#patterns.get(size) ?? []), pattern]);
    }
  }

  /**
   * The route of a path below the sub-path. Segments are decoded one by one, so a `%2F` stays within its own.
   * @throws {URIError} a broken percent escape
   */
  find(method: string, path: string): Match | undefined {
    const raw = path.split('/');
    const segments = path.includes('%') ? raw.map(decodeURIComponent) : raw;
    const wanted = method === 'HEAD' ? 'GET' : method;
    for (const { route, segments: pattern } of this.#patterns.get(segments.length) ?? []) {
      if (route.method !== 'ANY' && route.method !== wanted) continue;
      const params = matchSegments(pattern, segments);
      if (params !== undefined) return { route, params };
    }
    return undefined;
  }
}

interface Pattern {
  route: Route;
  segments: string[];
}

function names({ segments }: Pattern): number {
  return segments.filter((segment) => segment.startsWith(':')).length;
}

/** @param segments - as many as the pattern has */
function matchSegments(pattern: string[], segments: string[]): Record<string, string> | undefined {
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
