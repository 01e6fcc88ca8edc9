import { DatasourceError } from '../errors.ts';
import { currentScope } from '../scope.ts';
import { forwardTo } from './forwarded-headers.ts';
import type { FetchOptions } from './options.ts';
import { basicAuthorization, type Middleware } from './request.ts';

/** Who asks, by user and password, unless the request says it itself. */
export function authenticated({ basicAuth }: FetchOptions): Middleware | undefined {
  if (basicAuth === undefined) return undefined;
  const authorization = basicAuthorization(basicAuth.user, basicAuth.password);
  return (request, next) => {
    if (request.trusted && !request.headers.has('authorization')) {
      request.headers.set('authorization', authorization);
    }
    return next(request);
  };
}

/** Those that the datasource is set up with go before those of the request. */
export function withCustomHeaders({ headers = {} }: FetchOptions): Middleware | undefined {
  const custom = Object.entries(headers);
  if (custom.length === 0) return undefined;
  for (const [name, value] of custom) refuseInvalid(name, value);
  return (request, next) => {
    if (request.trusted) for (const [name, value] of custom) request.headers.set(name, value);
    return next(request);
  };
}

/** @throws {DatasourceError} here, where it can say so without the value, which the error of `Headers` would quote */
function refuseInvalid(name: string, value: string): void {
  try {
    new Headers().set(name, value);
  } catch {
    throw new DatasourceError(`the custom HTTP header '${name}' has a name or a value that cannot be sent`, {
      status: 400,
      source: 'downstream',
    });
  }
}

/** `Grafana/12.4.0 (linux; amd64) acme-rocks-datasource/1.2.3` */
export function withUserAgent({ plugin }: FetchOptions): Middleware {
  return (request, next) => {
    const context = currentScope()?.context;
    const id = plugin?.id ?? context?.pluginId ?? '';
    if (id !== '' && !request.headers.has('user-agent')) {
      const version = plugin?.version ?? context?.pluginVersion;
      const value = `${context?.userAgent || 'Grafana'} ${id}/${version || 'unknown'}`;
      // It is on its way into a header, and comes from outside.
      request.headers.set('user-agent', value.replaceAll(/[^\x20-\x7e]/g, ''));
    }
    return next(request);
  };
}

/** What Grafana forwards of the request of its user, in calls that have one, for requests that ask for it. */
export function withForwardedHeaders(): Middleware {
  return (request, next) => {
    const incoming = currentScope()?.headers;
    if (request.trusted && request.forwardHeaders && incoming !== undefined)
      forwardTo(request.headers, incoming);
    return next(request);
  };
}
