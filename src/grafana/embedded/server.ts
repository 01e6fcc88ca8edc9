import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { GrafanaInstanceOptions } from './instance.ts';
import { GrafanaInstance } from './instance.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { Misbehaviours } from './misbehaviour.ts';
import type { Reply } from './respond.ts';
import { middlewareError } from './respond.ts';

export interface EmbeddedGrafanaOptions extends Omit<GrafanaInstanceOptions, 'origin'> {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Speak https with this certificate, in PEM. Default: http. */
  tls?: { cert: string; key: string };
}

/** One request that was answered; `status` is 0 when the connection was dropped in place of an answer. */
export interface LoggedRequest {
  method: string;
  /** Path and query. */
  path: string;
  status: number;
}

const longestLog = 2_000;
const limitBytes = 16 * 1024 * 1024;

/** A Grafana that listens: its API over HTTP in this process, on a port of its own. It can go wrong as told. */
export class EmbeddedGrafana extends GrafanaInstance {
  readonly #server: Server;
  readonly #misbehaviours = new Misbehaviours();
  readonly #stopping = new AbortController();
  readonly #sockets = new Set<Socket>();
  #requests: LoggedRequest[] = [];

  /**
   * Start one and wait until it listens.
   * @throws {TypeError} an unknown version, a malformed token or sub-path, or seeds that clash
   * @throws {Error} the port is taken or may not be used; the cause is Node's error
   */
  static async start(options: EmbeddedGrafanaOptions = {}): Promise<EmbeddedGrafana> {
    const { host = '127.0.0.1', port = 0, tls } = options;
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => {
        const why = cause.code === 'EADDRINUSE' ? 'it is in use, choose another one' : cause.message;
        reject(new Error(`the embedded Grafana can't listen on port ${port} of ${host}: ${why}`, { cause }));
      });
      server.listen(port, host, resolve);
    });
    try {
      return new EmbeddedGrafana(server, options);
    } catch (error) {
      server.close();
      throw error;
    }
  }

  private constructor(server: Server, options: EmbeddedGrafanaOptions) {
    super({ ...options, origin: originOf(server, options) });
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** What was asked, oldest first; the last 2000. */
  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  /** Requests that could change something. */
  get writes(): readonly LoggedRequest[] {
    return this.#requests.filter(({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method));
  }

  /** Connections that are open now, idle ones included. */
  get connections(): number {
    return this.#sockets.size;
  }

  clearRequests(): void {
    this.#requests = [];
  }

  /** Go wrong from now on. Faults add up; for each request the first that matches it counts. */
  misbehave(fault: Misbehaviour): void {
    this.#misbehaviours.add(fault);
  }

  /** Forget all faults. */
  behave(): void {
    this.#misbehaviours.clear();
  }

  /** Stop listening and close every connection at once, also those that wait for an answer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Not closeAllConnections(): that spares connections on which nothing was asked yet.
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: target = '/' } = request;
    const text = await readBody(request);
    const fault = this.#misbehaviours.take(method, this.#belowBase(target));
    fault?.before?.();
    if (fault?.slowMs !== undefined) await delay(fault.slowMs, undefined, { signal: this.#stopping.signal });
    const isWrong = fault?.drop === true || fault?.status !== undefined || fault?.answer !== undefined;
    const real = isWrong && fault.applied !== true ? undefined : this.#answer(request, method, target, text);
    if (fault?.drop === true) {
      this.#log({ method, path: target, status: 0 });
      response.destroy();
      return;
    }
    const reply = wrongReply(fault) ?? real ?? middlewareError(500, { message: 'Internal Server Error' });
    this.#log({ method, path: target, status: reply.status });
    send(response, reply, method);
  }

  #answer(request: IncomingMessage, method: string, target: string, text: string | undefined): Reply {
    if (text === undefined) return middlewareError(413, { message: 'request body too large' });
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(request.headers)) {
      headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
    return this.answer({ method, target, headers, text });
  }

  #belowBase(target: string): string {
    const { subPath } = this;
    return subPath !== '' && target.startsWith(`${subPath}/`) ? target.slice(subPath.length) : target;
  }

  #log(entry: LoggedRequest): void {
    this.#requests = [...this.#requests.slice(1 - longestLog), entry];
  }
}

function originOf(server: Server, { host = '127.0.0.1', tls }: EmbeddedGrafanaOptions): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function wrongReply(fault: Misbehaviour | undefined): Reply | undefined {
  if (fault?.answer !== undefined) {
    const { status, headers = {}, body = '' } = fault.answer;
    return { status, headers: { 'content-type': 'text/html; charset=UTF-8', ...headers }, body };
  }
  if (fault?.status === undefined) return undefined;
  return middlewareError(fault.status, { message: `misbehaving with status ${fault.status}` });
}

function send(response: ServerResponse, reply: Reply, method: string): void {
  response.writeHead(reply.status, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'deny',
    ...reply.headers,
    'content-length': Buffer.byteLength(reply.body),
  });
  response.end(method === 'HEAD' ? undefined : reply.body);
}

/** @returns the body as text; undefined when it is larger than anything a datasource needs */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= limitBytes) chunks.push(chunk);
  }
  return bytes > limitBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}
