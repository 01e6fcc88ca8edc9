import { DatasourceError } from '../errors.ts';
import { currentScope } from '../scope.ts';
import type { FetchOptions } from './options.ts';
import type { Middleware } from './request.ts';
import { safePlace } from './safe-url.ts';

/** An answer that is larger fails while it is read, so that one query cannot fill the memory of all. */
export function limited(
  options: FetchOptions,
  env: NodeJS.ProcessEnv,
  secrets: readonly string[],
): Middleware {
  const fromEnv = Number(env.GF_DATAPROXY_RESPONSE_LIMIT ?? 0);
  const fixed = fromEnv > 0 ? fromEnv : (options.responseLimitBytes ?? 0);
  return (request, next) => {
    // Grafana's own goes first: who runs it knows how much memory there is.
    const limitBytes = currentScope()?.context.grafana.responseLimitBytes || fixed;
    if (limitBytes > 0) {
      request.watchers.push({
        chunk(totalBytes) {
          if (totalBytes <= limitBytes) return;
          const place = `${request.method} ${safePlace(request.url, secrets)}`;
          throw new DatasourceError(
            `${place}: the answer is larger than the ${limitBytes} bytes that are allowed: ask for less, or raise response_limit in Grafana's configuration`,
            { status: 502, source: 'downstream' },
          );
        },
      });
    }
    return next(request);
  };
}
