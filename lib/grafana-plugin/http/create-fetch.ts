import { DatasourceError } from '../errors.ts';
import { currentScope } from '../scope.ts';
import { answer } from './answer.ts';
import { Cancellation, callEnded } from './cancellation.ts';
import { Dispatchers } from './dispatchers.ts';
import { failureOf } from './failure.ts';
import { observed } from './observed.ts';
import type { FetchOptions, PluginFetch, PluginRequestInit } from './options.ts';
import { traced } from './outgoing-span.ts';
import { redirected } from './redirects.ts';
import {
  type Middleware,
  type OutgoingRequest,
  type ReadRequest,
  readRequest,
  type Send,
} from './request.ts';
import { authenticated, withCustomHeaders, withForwardedHeaders, withUserAgent } from './request-headers.ts';
import { limited } from './response-limit.ts';
import { safePlace } from './safe-url.ts';

const defaultTimeoutMs = 30_000;

/**
 * A `fetch` for one datasource: with its credentials, its TLS, its proxy and its timeouts, counted and traced. Make one
 * per instance, and close it with the instance: it holds connections. Nothing is sent twice.
 *
 * Within a call of Grafana's a request ends with the call, and goes on with its trace.
 * @throws {DatasourceError} for what it could only do by leaving out something that was asked for
 */
export function createFetch(options: FetchOptions = {}): PluginFetch {
  if (options.sigV4 !== undefined) {
    throw new DatasourceError(
      'the datasource is set up to sign requests for AWS (SigV4), which this plugin cannot: turn it off in its settings',
      { status: 501, source: 'downstream' },
    );
  }
  const client = new Client(options);
  return Object.assign(
    (input: string | URL | Request, init?: PluginRequestInit) => client.fetch(input, init),
    {
      close: () => client.close(),
    },
  );
}

class Client {
  readonly #options: FetchOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #secrets: readonly string[];
  /** Of the datasource; undefined where it has no URL. */
  readonly #origin: string | undefined;
  readonly #send: Send;
  #transport:
    | Promise<{ readonly undici: typeof import('undici'); readonly dispatchers: Dispatchers }>
    | undefined;
  #closed = false;

  constructor(options: FetchOptions) {
    this.#options = options;
    this.#env = options.env ?? process.env;
    this.#secrets = secretsOf(options);
    this.#origin = options.url === undefined ? undefined : (URL.parse(options.url)?.origin ?? '');
    // Outermost first, in the order of Go's SDK.
    const middlewares = [
      traced(options, this.#secrets),
      observed(options),
      authenticated(options),
      withCustomHeaders(options),
      withUserAgent(options),
      withForwardedHeaders(),
      limited(options, this.#env, this.#secrets),
    ].filter((middleware) => middleware !== undefined);
    this.#send = middlewares.reduceRight<Send>(
      (next: Send, middleware: Middleware) => (request) => middleware(request, next),
      (request) => this.#transfer(request),
    );
  }

  async fetch(input: string | URL | Request, init: PluginRequestInit = {}): Promise<Response> {
    const read = await readRequest(input, init, this.#options.url);
    const cancellation = this.#cancellation(read, init);
    let request: OutgoingRequest = {
      ...read,
      signal: cancellation.signal,
      trusted: this.#origin === undefined || read.url.origin === this.#origin,
      forwardHeaders: init.forwardHeaders ?? this.#options.forwardHeaders ?? false,
      watchers: [],
    };
    const rules = { mode: read.redirect, secrets: this.#secrets };
    try {
      for (let count = 0; ; count += 1) {
        let over = false;
        let last = false;
        const release = () => {
          over = true;
          if (last) cancellation.release();
        };
        // A copy, because a redirect starts from what was asked for, without what was added for this hop.
        const hop = { ...request, headers: new Headers(request.headers), watchers: [{ end: release }] };
        const response = await this.#send(hop);
        const next = redirected(response, request, count, rules);
        if (next === undefined) {
          last = true;
          if (over) cancellation.release();
          return count === 0 ? response : Object.defineProperty(response, 'redirected', { value: true });
        }
        // It may have broken off already, and nobody wants it.
        await response.body?.cancel().catch(() => {});
        request = next;
      }
    } catch (error) {
      cancellation.release();
      throw error;
    }
  }

  #cancellation(read: ReadRequest, init: PluginRequestInit): Cancellation {
    const cancellation = new Cancellation();
    if (init.cancelWithCall !== false) cancellation.with(currentScope()?.call.signal, callEnded);
    cancellation.with(read.signal);
    const place = `${read.method} ${safePlace(read.url, this.#secrets)}`;
    cancellation.after(init.timeoutMs ?? this.#options.timeoutMs ?? defaultTimeoutMs, place);
    return cancellation;
  }

  async #transfer(request: OutgoingRequest): Promise<Response> {
    const { url, method, headers, body, signal, watchers } = request;
    const failure = (error: unknown) => failureOf(error, request, this.#secrets);
    try {
      signal.throwIfAborted();
      const { undici, dispatchers } = await this.#load();
      const received = await undici.fetch(url, {
        method,
        headers: [...headers],
        ...(body !== undefined && {
          body: body as NonNullable<import('undici').RequestInit['body']>,
          duplex: 'half',
        }),
        redirect: 'manual',
        signal,
        dispatcher: dispatchers.for(url),
      });
      if (received.status < 200 || received.status > 599) {
        // The standard has no Response for it, and would say that this plugin is wrong.
        await received.body?.cancel();
        throw new DatasourceError(
          `${method} ${safePlace(url, this.#secrets)}: it answered with the status ${received.status}, which HTTP does not have`,
          { status: 502, source: 'downstream' },
        );
      }
      return answer(received as unknown as Parameters<typeof answer>[0], { url, watchers, failure });
    } catch (error) {
      throw failure(error);
    }
  }

  /** At the first request, and not before: it takes longer than most of a plugin's start. */
  #load() {
    if (this.#closed)
      throw new DatasourceError('the HTTP client is closed: its datasource was changed or removed');
    this.#transport ??= import('undici').then((undici) => ({
      undici,
      dispatchers: new Dispatchers(undici, this.#options, this.#env),
    }));
    return this.#transport;
  }

  async close(): Promise<void> {
    this.#closed = true;
    try {
      await (await this.#transport)?.dispatchers.close();
    } catch {
      // It never came to be: whoever asked was told why.
    }
  }
}

function secretsOf({
  basicAuth,
  headers = {},
  secrets = [],
  secureSocksProxy,
}: FetchOptions): readonly string[] {
  const known = [
    ...secrets,
    ...Object.values(headers),
    basicAuth?.password ?? '',
    secureSocksProxy?.password ?? '',
  ];
  // The longest first: one may be part of another.
  return [...new Set(known)].filter((secret) => secret !== '').toSorted((a, b) => b.length - a.length);
}
