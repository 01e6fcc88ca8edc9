import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { decodeTraces, type OtlpSpan } from './otlp.ts';

/** What somebody sent. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
  readonly status: number;
}

/** A tracing backend on loopback: takes OTLP over HTTP, and can be away in every way that there is. */
export class Collector implements AsyncDisposable {
  /** In the order in which they came. */
  readonly received: Received[] = [];
  /** With which status it answers; null: it never does. */
  status: number | null = 200;
  readonly #server: Server;
  readonly #scheme: string;
  #port = 0;
  #arrival = Promise.withResolvers<void>();

  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<Collector> {
    const collector = new Collector(tls);
    await collector.back();
    return collector;
  }

  private constructor(tls?: { readonly key: string; readonly cert: string }) {
    const listener: RequestListener = async (request, response) => {
      const body = await buffer(request);
      this.#arrival.resolve();
      this.#arrival = Promise.withResolvers();
      const { status } = this;
      if (status === null) return;
      const { method, url: path, headers } = request;
      this.received.push({ method, path, contentType: headers['content-type'], body, status });
      response.writeHead(status).end();
    };
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener);
    this.#scheme = tls ? 'https' : 'http';
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  /** Each request that it took, as its spans. */
  get traces(): OtlpSpan[][] {
    return this.received.filter(({ status }) => status === 200).map(({ body }) => decodeTraces(body));
  }

  /** Resolves when one has come, whether it is answered or not. */
  nextRequest(): Promise<void> {
    return this.#arrival.promise;
  }

  /** Nobody listens any more. */
  async away(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Listens, where it did before. */
  back(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        const address = this.#server.address();
        if (typeof address === 'object' && address !== null) this.#port = address.port;
        resolve();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.away();
  }
}
