import type { MessageInitShape } from '@bufbuild/protobuf';
import { implement, type Service } from '#lib/go-plugin';
import { decodedHeaders } from './http/decoded-headers.ts';
import { observeEach } from './observe.ts';
import * as pb from './proto/backend_pb.ts';
import { noSuchMethod, type Runtime } from './runtime.ts';
import { resourceScope } from './scope-of.ts';

type Piece = MessageInitShape<typeof pb.CallResourceResponseSchema>;

/** Grafana strips the host before it calls. */
const base = 'http://plugin/';

export function resourceService(runtime: Runtime): Service {
  return implement(pb.Resource, {
    callResource: (message, call) => {
      const scope = resourceScope(call, message, runtime);
      return observeEach(runtime, scope, async (request) => {
        const instance = await runtime.instance(request.context);
        if (instance.callResource === undefined) throw noSuchMethod('callResource');
        const asked = requestFrom(message, request.headers, request.signal);
        const response =
          asked === undefined ? refusal(message.method) : await instance.callResource(asked, request);
        return pieces(response, request.signal);
      });
    },
  });
}

/** @returns undefined for a method that the standard forbids: CONNECT, TRACE, TRACK */
function requestFrom(
  { method, url, path, body }: pb.CallResourceRequest,
  headers: Headers,
  signal: AbortSignal,
): Request | undefined {
  const target = new URL(base);
  // Set piece by piece, and not resolved against the base: what begins with two slashes would be another host.
  const [pathname = '', query = ''] = (url || path).split(/\?(.*)/s, 2);
  target.pathname = pathname.startsWith('/') ? pathname : `/${pathname}`;
  target.search = query;
  const hasBody = body.length > 0 && method !== 'GET' && method !== 'HEAD';
  try {
    return new Request(target, { method: method || 'GET', headers, signal, ...(hasBody ? { body } : {}) });
  } catch {
    return undefined;
  }
}

function refusal(method: string): Response {
  return Response.json({ message: `${method} can't be asked of a plugin` }, { status: 405 });
}

/** The status and the headers go with the first piece, and the rest as it comes. There is always a first. */
async function* pieces(response: Response, signal: AbortSignal): AsyncGenerator<Piece> {
  // By what it has: a Response may also be that of an undici of the author's own.
  if (typeof response?.status !== 'number' || typeof response.headers?.[Symbol.iterator] !== 'function') {
    throw new TypeError('callResource answered with what is no Response');
  }
  // Grafana writes the status as it is, and Go ends a request in a panic where there is none.
  if (response.status < 100) throw new TypeError('callResource answered with Response.error()');
  const first: Piece = { code: response.status, headers: headersOf(response) };
  const reader = response.body?.getReader();
  if (reader === undefined) {
    yield first;
    return;
  }
  // Not left to `finally`: a body that has nothing to say just now is waited for, and would be for ever.
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    let head: Piece | undefined = first;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield { ...head, body: bytesOf(value) };
      head = undefined;
    }
    if (head !== undefined) yield head;
  } finally {
    signal.removeEventListener('abort', cancel);
    // Whoever asked may be gone before the end, and with it the need for the rest.
    await reader.cancel().catch(() => {});
  }
}

function headersOf(response: Response): Record<string, { values: string[] }> {
  const lists: Record<string, { values: string[] }> = Object.create(null);
  // Only what came from a server has a URL, and that comes decoded.
  const headers = response.url === '' ? response.headers : decodedHeaders(response.headers);
  for (const [lowerCase, value] of headers) {
    const name = canonical(lowerCase);
    const list = lists[name];
    if (list === undefined) lists[name] = { values: [value] };
    else list.values.push(value);
  }
  return lists;
}

/**
 * As Go spells it: `Content-Type`. Grafanas look it up so when they take out cookies and what is about the connection,
 * and when they see to it that there is a content type.
 */
function canonical(lowerCase: string): string {
  return lowerCase.replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** A body's stream may hold what it likes. */
function bytesOf(piece: unknown): Uint8Array<ArrayBuffer> {
  if (piece instanceof Uint8Array) return piece as Uint8Array<ArrayBuffer>;
  throw new TypeError('the body of a response has to be a stream of Uint8Array');
}
