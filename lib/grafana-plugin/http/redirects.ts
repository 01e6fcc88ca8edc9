import { DatasourceError } from '../errors.ts';
import type { OutgoingRequest, ReadRequest } from './request.ts';
import { safePlace } from './safe-url.ts';

const mostRedirects = 10;
const redirecting: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const ofTheBody = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-location',
];
const credentials = /authorization|cookie|token|key|secret|password|session|credential|x-grafana-id/i;

export interface RedirectRules {
  readonly mode: ReadRequest['redirect'];
  readonly secrets: readonly string[];
}

/**
 * Where an answer leads to, as fetch has it, but for one thing: away from the origin that was asked go neither the
 * datasource's credentials, nor what Grafana forwards, nor headers of the request that look like credentials; and not
 * back again either.
 * @returns undefined for an answer that is to be handed on
 */
export function redirected(
  response: Response,
  request: OutgoingRequest,
  count: number,
  { mode, secrets }: RedirectRules,
): OutgoingRequest | undefined {
  const location = response.headers.get('location');
  if (location === null || mode === 'manual' || !redirecting.has(response.status)) return undefined;
  const refuse = (why: string) => {
    const place = `${request.method} ${safePlace(request.url, secrets)}`;
    return new DatasourceError(`${place}: ${why}`, { status: 502, source: 'downstream' });
  };
  if (mode === 'error')
    throw refuse(`it answered with a redirect (${response.status}), which is not followed`);
  if (count >= mostRedirects) throw refuse(`more than ${mostRedirects} redirects`);
  const url = URL.parse(location, request.url);
  if (url === null || !/^https?:$/.test(url.protocol)) throw refuse('it redirects to what is no http URL');
  url.username = '';
  url.password = '';
  if (url.hash === '') url.hash = request.url.hash;

  const { status } = response;
  const asGet =
    status === 303 ? !/^(GET|HEAD)$/.test(request.method) : status < 303 && request.method === 'POST';
  if (!asGet && request.body instanceof ReadableStream) {
    throw refuse('it redirects a request whose body is a stream, which cannot be sent twice');
  }
  const headers = new Headers(request.headers);
  if (asGet) for (const name of ofTheBody) headers.delete(name);
  const trusted = request.trusted && url.origin === request.url.origin;
  if (!trusted) for (const name of [...headers.keys()]) if (credentials.test(name)) headers.delete(name);
  return {
    ...request,
    url,
    headers,
    trusted,
    method: asGet ? 'GET' : request.method,
    body: asGet ? undefined : request.body,
    watchers: [],
  };
}
