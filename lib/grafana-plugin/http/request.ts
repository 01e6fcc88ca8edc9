import { DatasourceError } from '../errors.ts';
import type { PluginRequestInit } from './options.ts';

/** What goes out, one hop of it: each redirect is a request of its own. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Body;
  readonly signal: AbortSignal;
  /** Whether credentials may go along: to the datasource, and not to where a redirect has led away to. */
  readonly trusted: boolean;
  readonly forwardHeaders: boolean;
  /** Called as the body of the answer is read. */
  readonly watchers: BodyWatcher[];
}

export interface BodyWatcher {
  /** @throws what the reader of the body is to get in place of more of it */
  chunk?(totalBytes: number): void;
  /** Once: all of it is read, or nobody will read more. */
  end?(totalBytes: number): void;
}

export type Body = string | Uint8Array | ArrayBuffer | Blob | URLSearchParams | ReadableStream | undefined;
export type Send = (request: OutgoingRequest) => Promise<Response>;
export type Middleware = (request: OutgoingRequest, next: Send) => Promise<Response>;

/** What the author asks for, from whatever form it has. */
export interface ReadRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Body;
  readonly redirect: NonNullable<RequestInit['redirect']>;
  readonly signal: AbortSignal | undefined;
}

/**
 * @param base - what a relative URL is relative to
 * @throws {DatasourceError} for what is no request. Its message quotes nothing: URLs and headers hold secrets
 */
export async function readRequest(
  input: string | URL | Request,
  init: PluginRequestInit,
  base: string | undefined,
): Promise<ReadRequest> {
  const request = typeof input === 'string' || input instanceof URL ? undefined : input;
  const url = httpUrl(request?.url ?? String(input), base);
  const headers = headersFrom(init.headers ?? request?.headers);
  takeUserInfo(url, headers);
  const method = (init.method ?? request?.method ?? 'GET').toUpperCase();
  return {
    url,
    method,
    headers,
    body: await bodyOf(init.body ?? (request?.body ? await request.arrayBuffer() : undefined), headers),
    redirect: init.redirect ?? request?.redirect ?? 'follow',
    signal: init.signal ?? request?.signal,
  };
}

function httpUrl(text: string, base: string | undefined): URL {
  const url = base === undefined ? URL.parse(text) : URL.parse(text, folder(base));
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  if (url !== null && URL.canParse(text)) {
    throw new DatasourceError(
      `a request's URL begins with ${url.protocol}: only http: and https: can be asked`,
    );
  }
  // The other half of it comes from whoever set the datasource up.
  const why = base === undefined ? 'has no URL' : 'has a URL that cannot be used';
  throw new DatasourceError(`the datasource ${why}: it has to begin with http:// or https://`, {
    status: 400,
    source: 'downstream',
  });
}

/** `http://host/prometheus` is the folder that `api/v1/query` is in, not its neighbour. */
function folder(base: string): string {
  const url = URL.parse(base);
  if (url === null) return base;
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  url.search = '';
  return url.href;
}

/** `http://user:password@host` is no URL that fetch takes; what it means is basic authentication. */
function takeUserInfo(url: URL, headers: Headers): void {
  const { username, password } = url;
  if (username === '' && password === '') return;
  url.username = '';
  url.password = '';
  if (headers.has('authorization')) return;
  headers.set('authorization', basicAuthorization(decoded(username), decoded(password)));
}

export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function headersFrom(init: RequestInit['headers']): Headers {
  try {
    return new Headers(init);
  } catch {
    // What it says quotes the value.
    throw new DatasourceError('a request has a header whose name or value cannot be sent');
  }
}

/** In forms that undici knows: of `FormData` it only knows its own. */
async function bodyOf(body: RequestInit['body'], headers: Headers): Promise<Body> {
  if (!(body instanceof FormData)) return (body ?? undefined) as Body;
  const encoded = new Response(body);
  const type = encoded.headers.get('content-type');
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  return await encoded.arrayBuffer();
}
