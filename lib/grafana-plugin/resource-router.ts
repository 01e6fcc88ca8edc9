import type { Awaitable, PluginRequest } from './datasource.ts';
import { withMore } from './with-more.ts';

/** `GET /items/:id`, or `/items/:id` for any method. A last `*` takes the rest of the path. */
type Route = string;

/** The names in a route: those of `GET /items/:id` are `{ id: string }`. */
export type RouteParams<R extends Route> = { readonly [Name in ParamNames<R>]: string };

type ParamNames<R extends string> = R extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<`/${Rest}`>
  : R extends `${string}:${infer Name}`
    ? Name
    : never;

export interface ResourceCall<R extends Route = Route> extends PluginRequest {
  readonly params: RouteParams<R>;
  readonly url: URL;
}

type Handler<R extends Route> = (request: Request, call: ResourceCall<R>) => Awaitable<Response>;

/**
 * Makes `callResource` of functions by method and path, the first that fits:
 *
 *     callResource: router({
 *       'GET /items': () => Response.json(items),
 *       'GET /items/:id': (request, { params }) => Response.json(items[params.id]),
 *     })
 *
 * What fits none is answered with 404, or 405 where another method would.
 * @throws {TypeError} for a route that is none
 */
export function router<R extends Route>(
  handlers: {
    readonly [Key in R]: Handler<Key>;
  },
): (request: Request, call: PluginRequest) => Promise<Response> {
  const routes = Object.entries<Handler<R>>(handlers).map(([route, handle]) => ({
    ...parsed(route),
    handle,
  }));
  return async (request, call) => {
    const url = new URL(request.url);
    const allowed: string[] = [];
    for (const { method, segments, handle } of routes) {
      const names = matched(segments, url.pathname);
      if (names === undefined) continue;
      if (
        method !== undefined &&
        method !== request.method &&
        !(method === 'GET' && request.method === 'HEAD')
      ) {
        allowed.push(method);
        continue;
      }
      const params = names as RouteParams<R>;
      return handle(request, withMore(call, { params, url }));
    }
    if (allowed.length > 0) {
      const headers = { allow: [...new Set(allowed)].join(', ') };
      return Response.json(
        { message: `${request.method} is not for ${url.pathname}` },
        { status: 405, headers },
      );
    }
    return Response.json({ message: `there is nothing at ${url.pathname}` }, { status: 404 });
  };
}

interface Segments {
  readonly method: string | undefined;
  readonly segments: readonly string[];
}

function parsed(route: Route): Segments {
  const [, method, path] = /^(?:([A-Z]+) )?(\/\S*)$/.exec(route) ?? [];
  if (path === undefined) {
    throw new TypeError(`'${route}' is no route: write it as 'GET /items/:id'`);
  }
  return { method, segments: path.split('/') };
}

/** @returns what the names stand for; undefined where the path is another */
function matched(segments: readonly string[], path: string): Record<string, string> | undefined {
  const given = path.split('/');
  const takesRest = segments.at(-1) === '*';
  if (takesRest ? given.length < segments.length : given.length !== segments.length) return undefined;
  const params: Record<string, string> = Object.create(null);
  for (const [i, segment] of segments.entries()) {
    const value = given[i] ?? '';
    if (segment.startsWith(':') && value !== '') params[segment.slice(1)] = decoded(value);
    else if (segment !== value && !(takesRest && i === segments.length - 1)) return undefined;
  }
  return params;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // A stray percent sign: as it came.
    return value;
  }
}
