import type { Span } from '@opentelemetry/api';
import { recordFailure } from '#src/tracing';
import { GrafanaApiError } from './errors.ts';
import type { Call } from './refusals.ts';
import type { Secrets } from './secrets.ts';

/** The call without what differs from datasource to datasource: `GET /api/datasources/uid/{uid}`. */
export function spanName({ method, path }: Call): string {
  return `${method} ${template(path)}`;
}

/**
 * What the span of one attempt says from the beginning.
 * @param attempt - 0 for the first
 * @see open-telemetry/semantic-conventions: docs/http/http-spans.md (HTTP client)
 */
export function describeAttempt(
  span: Span,
  baseUrl: string,
  { method, path }: Call,
  attempt: number,
  secrets: Secrets,
): void {
  // Most often nobody records.
  if (!span.isRecording()) return;
  const { hostname, port, protocol } = new URL(baseUrl);
  span.setAttributes({
    'http.request.method': method,
    'url.template': template(path),
    'url.full': secrets.withhold(baseUrl + path),
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    ...(attempt > 0 && { 'http.request.resend_count': attempt }),
  });
}

/** How the attempt ended. Answers that the caller reads itself are none of the failures, whatever their status. */
export function recordOutcome(
  span: Span,
  outcome: { readonly answer: { readonly status: number } } | { readonly error: Error },
): void {
  if ('answer' in outcome) {
    span.setAttribute('http.response.status_code', outcome.answer.status);
    return;
  }
  recordFailure(span, outcome.error);
  const { error } = outcome;
  if (error instanceof GrafanaApiError && error.status !== undefined) {
    span.setAttribute('http.response.status_code', error.status);
  }
}

function template(path: string): string {
  return path
    .replace(/\?.*$/s, '')
    .replace(/^(\/api\/datasources\/(?:proxy\/)?(uid|name))\/[^/]+/, '$1/{$2}')
    .replace(/^(\/api\/datasources)\/\d+/, '$1/{id}');
}
