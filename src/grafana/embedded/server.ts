import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from './answer.ts';
import type { Role } from './auth.ts';
import { Authenticator, generateToken } from './auth.ts';
import type { CorrelationRow } from './correlation-store.ts';
import { CorrelationStore } from './correlation-store.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import { Misbehaviours } from './misbehaviour.ts';
import type { Reply } from './respond.ts';
import { middlewareError } from './respond.ts';
import { datasourceDto } from './routes/datasource-dto.ts';
import type { PluginHealth, World } from './routes/route.ts';
import type { CorrelationSeed, DatasourceSeed } from './seed.ts';
import { correlationRowOf, rowOf } from './seed.ts';
import type { Row } from './store.ts';
import { Store } from './store.ts';
import { generateUid } from './uid.ts';
import { gatesOf } from './version.ts';

export interface EmbeddedGrafanaOptions {
  /** The Grafana version to behave as. Default 12.1.0. */
  version?: string;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Speak https with this certificate, in PEM. Default: http. */
  tls?: { cert: string; key: string };
  /** Such as `/grafana`. Default none. */
  subPath?: string;
  /** Default `admin`. */
  adminUser?: string;
  /** Default `admin`. */
  adminPassword?: string;
  /** The Admin token to accept, e.g. one that outlives a restart. Default: a new one. */
  token?: string;
  /** Datasources that are there already. */
  seed?: readonly DatasourceSeed[];
  /** Unix milliseconds. Default `Date.now`. */
  clock?: () => number;
}

/** One request that was answered; `status` is 0 when the connection was dropped in place of an answer. */
export interface LoggedRequest {
  method: string;
  /** Path and query. */
  path: string;
  status: number;
}

/** A datasource as `GET /api/datasources/uid/:uid` shows it. */
export type DatasourceSnapshot = ReturnType<typeof datasourceDto>;

const longestLog = 2_000;
const limitBytes = 16 * 1024 * 1024;

/**
 * A Grafana without Grafana: an HTTP server in this process that answers the datasource, health, org and
 * frontend-settings API as Grafana of a given version does. Its state is in memory.
 */
export class EmbeddedGrafana {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** A service account token with the role Admin. */
  readonly token: string;
  readonly version: string;
  readonly #server: Server;
  readonly #world: World;
  readonly #authenticator: Authenticator;
  readonly #pluginHealth: Map<string, PluginHealth>;
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
    const { version = '12.1.0', host = '127.0.0.1', subPath = '', clock = Date.now } = options;
    if (!/^(\/[\w.~-]+)*$/.test(subPath))
      throw new TypeError(`'${subPath}' is no sub-path such as '/grafana'`);
    const gates = gatesOf(version);
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#server = server;
    this.version = version;
    const scheme = options.tls === undefined ? 'http' : 'https';
    this.url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${subPath}`;
    this.#pluginHealth = new Map();
    const store = new Store(gates, () => generateUid(gates.uidStyle, clock));
    for (const seed of options.seed ?? []) store.seed(rowOf(seed));
    const appUrl = `${this.url}/`;
    const correlations = new CorrelationStore(() => generateUid(gates.uidStyle, clock));
    this.#world = { version, gates, store, correlations, pluginHealth: this.#pluginHealth, appUrl, subPath };
    this.#authenticator = new Authenticator(gates, clock);
    this.#authenticator.addUser(options.adminUser ?? 'admin', options.adminPassword ?? 'admin');
    this.token = options.token ?? generateToken();
    this.#authenticator.addToken(this.token, 'Admin');
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** @returns a new token of a service account with this role */
  addToken({ role }: { role: Role }): string {
    const token = generateToken();
    this.#authenticator.addToken(token, role);
    return token;
  }

  /** All datasources in list order, in full, without values of secrets. */
  datasources(): DatasourceSnapshot[] {
    return this.#world.store.list().map((row) => structuredClone(datasourceDto(row, this.#world.gates)));
  }

  /**
   * Put a datasource in, past all checks, as a provisioning file or an older Grafana would have.
   * @throws {TypeError} its uid or name is taken
   */
  seed(datasource: DatasourceSeed): void {
    this.#world.store.seed(rowOf(datasource));
  }

  /** All correlations, in the order in which they were made. */
  correlations(): CorrelationRow[] {
    return structuredClone(this.#world.correlations.list());
  }

  /** Put a correlation in, past all checks, as somebody else or a provisioning file would have. */
  seedCorrelation(correlation: CorrelationSeed): CorrelationRow {
    return this.#world.correlations.add(correlationRowOf(correlation));
  }

  /** The stored secrets of a datasource, which no request ever sees. */
  secureJsonData(uid: string): Readonly<Record<string, string>> {
    return { ...this.#row(uid).secureJsonData };
  }

  /** Write as somebody else: the version of the datasource goes up by one, and nothing else changes. */
  bumpVersion(uid: string): void {
    this.#world.store.bumpVersion(this.#row(uid));
  }

  /** Let the plugin of a datasource say this when it is asked for its health. */
  setPluginHealth(uid: string, health: PluginHealth): void {
    this.#pluginHealth.set(uid, health);
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

  #row(uid: string): Row {
    const row = this.#world.store.find({ uid });
    if (row === undefined) throw new TypeError(`the embedded Grafana has no datasource '${uid}'`);
    return row;
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
    return answer({ method, target, headers, text }, this.#world, this.#authenticator);
  }

  #belowBase(target: string): string {
    const { subPath } = this.#world;
    return subPath !== '' && target.startsWith(`${subPath}/`) ? target.slice(subPath.length) : target;
  }

  #log(entry: LoggedRequest): void {
    this.#requests = [...this.#requests.slice(1 - longestLog), entry];
  }
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
