import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Connection, type Exchange } from './connection.ts';
import { type Fault, type FaultKind, faultKinds } from './faults.ts';

export interface TcpProxyOptions {
  /** Base URL of what stands behind it. */
  readonly target: string;
  /** Asked once for each connection, before it comes. Default: none has a fault. */
  readonly faults?: () => Fault | undefined;
  /** A request's first bytes came in, and its answer's went out. */
  onRequest?(exchange: Exchange): void;
  onAnswer?(exchange: Exchange): void;
}

/**
 * A TCP proxy before one HTTP server, which goes wrong at the bytes: it knows nothing of HTTP but where requests begin
 * and the first answer ends. It listens on a loopback address of its own, so that nobody else can take the port while
 * it refuses.
 */
export class TcpProxy {
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** How often something went wrong that somebody could notice, by kind. */
  readonly struck: Record<FaultKind, number>;
  /** How many were accepted. */
  connections = 0;
  /** Every request that came in, oldest first. */
  readonly exchanges: Exchange[] = [];
  readonly #options: TcpProxyOptions;
  readonly #host: string;
  readonly #port: number;
  readonly #target: { host: string; port: number };
  readonly #open = new Set<Connection>();
  #server: Server;
  #next: Fault | undefined;
  /** Set while it refuses: opens it again. */
  #reopen: { readonly timer: NodeJS.Timeout; readonly opened: () => void } | undefined;
  #reopening: Promise<void> = Promise.resolve();
  #faults: () => Fault | undefined;
  #stopped = false;

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    // Linux answers on all of 127.0.0.0/8.
    const [a = 0, b = 0, c = 0] = randomBytes(3);
    const host = `127.${64 + (a % 128)}.${b}.${1 + (c % 254)}`;
    const server = await listen(host, 0);
    return new TcpProxy(options, host, server);
  }

  private constructor(options: TcpProxyOptions, host: string, server: Server) {
    const address = server.address();
    const target = new URL(options.target);
    this.#options = options;
    this.#faults = options.faults ?? (() => undefined);
    this.#host = host;
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#target = { host: target.hostname, port: Number(target.port) };
    this.url = `http://${host}:${this.#port}${target.pathname.replace(/\/$/, '')}`;
    this.struck = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket));
    this.#draw();
  }

  /** What goes wrong with connections from now on, the next one included. */
  misbehave(faults: () => Fault | undefined): void {
    this.#faults = faults;
    if (this.#reopen === undefined) this.#draw();
  }

  /** Nothing goes wrong with connections from now on. What is under way ends as it was to end. */
  async behave(): Promise<void> {
    this.#faults = () => undefined;
    this.#next = undefined;
    this.#openAgain();
    await this.#reopening;
  }

  /** Resets every connection. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.behave();
    for (const connection of this.#open) connection.reset();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #accept(socket: Socket): void {
    this.connections += 1;
    const fault = this.#next;
    const connection = new Connection(socket, this.#target, fault, {
      struck: () => {
        if (fault !== undefined) this.struck[fault.kind] += 1;
      },
      request: (exchange) => {
        this.exchanges.push(exchange);
        this.#options.onRequest?.(exchange);
      },
      answer: (exchange) => this.#options.onAnswer?.(exchange),
      closed: () => this.#open.delete(connection),
    });
    this.#open.add(connection);
    this.#draw();
  }

  /** What happens to the next one; refusing has to begin before it comes. */
  #draw(): void {
    this.#next = this.#faults();
    if (this.#next?.kind === 'refuse') this.#refuse(this.#next.forMs);
  }

  #refuse(forMs: number): void {
    if (this.#reopen !== undefined) return;
    this.struck.refuse += 1;
    this.#server.close();
    this.#reopening = new Promise((opened) => {
      this.#reopen = { timer: setTimeout(() => this.#openAgain(), forMs), opened };
    });
  }

  #openAgain(): void {
    const reopen = this.#reopen;
    if (reopen === undefined) return;
    this.#reopen = undefined;
    clearTimeout(reopen.timer);
    listen(this.#host, this.#port).then((server) => {
      this.#server = server;
      server.on('connection', (socket) => (this.#stopped ? socket.destroy() : this.#accept(socket)));
      this.#draw();
      reopen.opened();
    });
  }
}

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
