import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { activeTracing } from '../tracing/active.ts';
import { injectTrace } from '../tracing/incoming.ts';
import { recordError } from '../tracing/record-error.ts';
import type { HttpOptions } from './options.ts';
import type { Middleware } from './request.ts';
import { safeUrl } from './safe-url.ts';

/** A span around each request, and the trace in its headers. Without tracing, only the latter. */
export function traced({ labels = {} }: HttpOptions, secrets: readonly string[]): Middleware {
  return async (request, next) => {
    const active = activeTracing();
    if (active === undefined) {
      injectTrace(request.headers);
      return next(request);
    }
    const attributes = {
      ...labels,
      'http.url': safeUrl(request.url, secrets),
      'http.method': request.method,
    };
    const options = { kind: SpanKind.CLIENT, attributes };
    return active.tracer.startActiveSpan('HTTP Outgoing Request', options, async (span) => {
      injectTrace(request.headers);
      try {
        const response = await next(request);
        span.setAttribute('http.status_code', response.status);
        const length = Number(response.headers.get('content-length') ?? 0);
        if (length > 0) span.setAttribute('http.content_length', length);
        if (response.status >= 400) {
          span.setStatus({
            code: SpanStatusCode.ERROR,
            message: `error with HTTP status code ${response.status}`,
          });
        }
        return response;
      } catch (error) {
        recordError(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
  };
}
