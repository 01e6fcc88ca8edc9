import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { RequestContext, TraceStore, WriteResult } from '../trace-store.ts';
import { type HeldBody, Room, readBody } from './body.ts';
import { type Encoding, encodingOf } from './encoding.ts';
import { Refusal, refusalOf } from './refusal.ts';
import { bearerTokenOf, type Tenancy, tenantOf } from './tenant.ts';

export interface OtlpListenerOptions {
  /** Where spans go. */
  readonly traces: Pick<TraceStore, 'write'>;
  /** Absent: all spans are of the tenant ''. */
  readonly tenancy?: Tenancy | undefined;
  /** Largest body, as it comes and inflated. Default: 20 MiB. */
  readonly maxBodyBytes?: number;
  /** Of all bodies at one time; who comes with more is told to come again. Default: 64 MiB. */
  readonly maxBodiesBytes?: number;
  /** How long the store may take for one request. Default: 30 s. */
  readonly writeTimeoutMs?: number;
  /** Told of spans that were rejected, by {@link WriteResult}, and of what went wrong on this side. */
  readonly warn?: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

export const tracesPath = '/v1/traces';

/**
 * Takes OTLP over HTTP: what `node:http` and `node:https` call for each request.
 * @param draining - says whether no more work is taken: requests that come then are told to come again
 */
export function otlpListener(options: OtlpListenerOptions, draining: () => boolean): RequestListener {
  const receiver = new Receiver(options, draining);
  return (request, response) => {
    void receiver.answer(request, response);
  };
}

class Receiver {
  readonly #options: OtlpListenerOptions;
  readonly #draining: () => boolean;
  readonly #room: Room;

  constructor(options: OtlpListenerOptions, draining: () => boolean) {
    this.#options = options;
    this.#draining = draining;
    this.#room = new Room(options.maxBodiesBytes ?? 64 * 1024 * 1024);
  }

  /** It never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const encoding = encodingOf(request.headers['content-type']);
    try {
      if (this.#draining()) {
        throw new Refusal(503, 'this server is going away', { retryAfter: 1, closes: true });
      }
      switch (new URL(request.url ?? '', 'http://localhost').pathname) {
        case tracesPath:
          await this.#traces(request, response, encoding);
          break;
        case '/':
        case '/healthz':
          alive(request, response);
          break;
        default:
          throw new Refusal(404, `nothing is here; traces go to POST ${tracesPath}`, {
            closes: hasBody(request),
          });
      }
    } catch (error) {
      refuse(request, response, encoding, this.#known(error));
    }
  }

  async #traces(request: IncomingMessage, response: ServerResponse, encoding: Encoding | undefined) {
    if (request.method !== 'POST') {
      throw new Refusal(405, `traces are taken by POST`, {
        headers: { allow: 'POST' },
        closes: hasBody(request),
      });
    }
    if (encoding === undefined) {
      throw new Refusal(415, 'traces are taken as application/x-protobuf and application/json', {
        headers: { accept: 'application/x-protobuf, application/json' },
        closes: true,
      });
    }
    const tenant = tenantOf(request.headers, this.#options.tenancy);
    const body = await readBody(request, this.#options.maxBodyBytes ?? 20 * 1024 * 1024, this.#room);
    const result = await this.#write(body, encoding, tenant, request, response);
    if (result.rejected > 0) {
      this.#options.warn?.('spans were rejected', { rejected: result.rejected, reason: result.reason ?? '' });
    }
    // A connection at rest would keep the server from its end.
    if (this.#draining()) response.shouldKeepAlive = false;
    send(response, 200, encoding.contentType, encoding.answer(result));
  }

  async #write(
    body: HeldBody,
    encoding: Encoding,
    tenant: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<WriteResult> {
    const gone = new AbortController();
    const onClose = () => gone.abort();
    response.once('close', onClose);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      // What is stored after all is stored once: the same spans come again.
      () => late.reject(new Refusal(503, 'the store takes too long', { retryAfter: 5 })),
      this.#options.writeTimeoutMs ?? 30_000,
    ).unref();
    try {
      const write = this.#stored(body, encoding, {
        tenant,
        bearerToken: bearerTokenOf(request.headers),
        signal: gone.signal,
      });
      return await Promise.race([write, late.promise]);
    } finally {
      clearTimeout(timer);
      response.off('close', onClose);
    }
  }

  /** The body is held for as long as the store has it, whoever still waits. */
  async #stored(body: HeldBody, encoding: Encoding, context: RequestContext): Promise<WriteResult> {
    try {
      return await this.#options.traces.write({ format: 'otlp', bytes: encoding.spans(body.bytes) }, context);
    } finally {
      body.release();
    }
  }

  #known(error: unknown): Refusal {
    const refusal = refusalOf(error);
    if (refusal === undefined || refusal.status === 500) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.warn?.('spans could not be stored', { error: why });
    }
    // What the sender can do nothing about, and may be not for its ears.
    return refusal ?? new Refusal(500, 'internal error', { cause: error });
  }
}

function alive({ method }: IncomingMessage, response: ServerResponse): void {
  if (method !== 'GET' && method !== 'HEAD') {
    throw new Refusal(405, 'there is only GET', { headers: { allow: 'GET, HEAD' }, closes: true });
  }
  send(response, 200, plainText, `OTLP over HTTP: POST ${tracesPath}\n`);
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  encoding: Encoding | undefined,
  refusal: Refusal,
): void {
  // Nobody is left to hear it.
  if (response.headersSent || response.destroyed) return;
  const { retryAfter, headers, closes, status, message } = refusal;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
  const [contentType, body] =
    encoding === undefined ? [plainText, `${message}\n`] : [encoding.contentType, encoding.status(refusal)];
  if (!closes) {
    send(response, status, contentType, body);
    return;
  }
  response.shouldKeepAlive = false;
  linger(request, send(response, status, contentType, body, false));
}

/**
 * Lets its sender read the answer to a request that has not been read to its end: a connection that is closed on what is
 * still on its way takes the answer with it.
 */
function linger(request: IncomingMessage, response: ServerResponse): void {
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, lingerMs);
  if (request.complete) end();
  else request.once('end', end).once('close', end).resume();
}

const plainText = 'text/plain; charset=utf-8';
const lingerMs = 1_000;

function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: Uint8Array | string,
  ends = true,
): ServerResponse {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
  if (ends) return response.end(bytes);
  response.write(bytes);
  return response;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
