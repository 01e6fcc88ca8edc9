import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createRawServer, type Server as RawServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** What somebody asked a hostile server for. */
export interface Asked {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server on loopback that does as a test tells it, and remembers who came. */
export class HostileServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** Connections that were made, whether something was asked on them or not. */
  connections = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(
    answer: (asked: Asked, response: Parameters<RequestListener>[1]) => void,
  ): Promise<HostileServer> {
    const server = createServer(async (request, response) => {
      const { method = '', url: path = '', headers } = request;
      const asked = { method, path, headers, body: await text(request).catch(() => '') };
      hostile.asked.push(asked);
      answer(asked, response);
    });
    const hostile = new HostileServer(server);
    server.on('connection', () => {
      hostile.connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return hostile;
  }

  get port(): number {
    return portOf(this.#server);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** A server on loopback that speaks no HTTP but what a test writes to whoever connects. */
export class RawHostileServer implements AsyncDisposable {
  readonly #server: RawServer;
  readonly #sockets = new Set<Socket>();

  private constructor(server: RawServer) {
    this.#server = server;
  }

  /** @param speak - called once something was asked */
  static async start(speak: (socket: Socket) => void): Promise<RawHostileServer> {
    const server = createRawServer((socket) => {
      hostile.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('data', () => speak(socket));
    });
    const hostile = new RawHostileServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return hostile;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.#server)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function portOf(server: RawServer | Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new TypeError('the server does not listen');
  return address.port;
}

/** Writes the same again and again, as fast as it is read, or with pauses. */
export function endlessly(socket: Socket, text: string, pauseMs = 0): void {
  const write = (): void => {
    if (socket.destroyed) return;
    if (pauseMs > 0) {
      socket.write(text);
      setTimeout(write, pauseMs).unref();
    } else if (socket.write(text)) setImmediate(write);
    else socket.once('drain', write);
  };
  write();
}
