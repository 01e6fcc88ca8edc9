import { createServer, type Server, type Socket } from 'node:net';
import {
  commandWanted,
  GobDecoder,
  type GobValue,
  type JujucReply,
  type JujucRequest,
  jujucMethod,
  ReplyEncoder,
  readRequest,
  socketPath,
  stdinWanted,
} from '#lib/juju/agent';
import { type ChannelContext, type HookChannel, wrongContext } from './hook-channel.ts';
import { needsStdin } from './run-hook-tool.ts';

/** Linux's limit for the path of a socket, its terminating zero included. */
const maxPathBytes = 108;

/**
 * The unit agent's socket: speaks Juju's own protocol (Go's `net/rpc` over gob, method `Jujuc.Main`), for programs
 * that call hook tools without starting processes.
 * @see juju/juju: worker/uniter/runner/jujuc/server.go
 */
export class AgentSocket implements HookChannel {
  readonly kind = 'socket';
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  #context: ChannelContext | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * @param address - a path, or with `@` before it a name in Linux's abstract space
   * @returns undefined when there can be no socket of this name: programs fall back to the tools on PATH
   */
  static async listen(address: string): Promise<AgentSocket | undefined> {
    const path = socketPath(address);
    if (Buffer.byteLength(path) >= maxPathBytes) return undefined;
    const server = createServer();
    const socket = new AgentSocket(server);
    server.on('connection', (connection) => socket.#accept(connection));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => resolve());
    });
    server.unref();
    return socket;
  }

  begin(context: ChannelContext): void {
    this.#context = context;
  }

  async end(): Promise<void> {
    this.#context = undefined;
    await this.#queue;
    // Juju waits until the last connection is closed. Here the hook's process is gone; what it left must not stay.
    for (const connection of this.#connections) connection.destroy();
  }

  close(): void {
    this.#context = undefined;
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
  }

  #accept(connection: Socket): void {
    this.#connections.add(connection);
    const decoder = new GobDecoder();
    const encoder = new ReplyEncoder();
    const values: GobValue[] = [];
    connection.on('close', () => this.#connections.delete(connection));
    connection.on('error', () => connection.destroy());
    connection.on('data', (chunk) => {
      try {
        decoder.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
        for (let value = decoder.next(); value !== undefined; value = decoder.next()) values.push(value);
        while (values.length >= 2) {
          const [header, body] = values.splice(0, 2);
          if (header !== undefined && body !== undefined) this.#answer(connection, encoder, header, body);
        }
      } catch {
        // What makes no sense can't be answered: Go's server hangs up as well.
        connection.destroy();
      }
    });
  }

  #answer(connection: Socket, encoder: ReplyEncoder, header: GobValue, body: GobValue): void {
    const { seq, method, request } = readRequest(header, body);
    this.#queue = this.#queue.then(async () => {
      const outcome =
        method === jujucMethod ? await this.#serve(request) : `rpc: can't find method ${method}`;
      if (!connection.destroyed) connection.write(encoder.encode(seq, outcome));
    });
  }

  async #serve({ contextId, dir, command, args, stdin }: JujucRequest): Promise<JujucReply | string> {
    const context = this.#context;
    if (command === '') return commandWanted;
    if (!dir.startsWith('/')) return 'bad request: Dir is not absolute';
    if (context?.id !== contextId) return wrongContext(contextId);
    if (stdin === undefined && needsStdin({ name: command, args })) return stdinWanted;
    try {
      const { code, stdout, stderr } = await context.serve({ name: command, args, stdin, directory: dir });
      return { code, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
    } catch (error) {
      return String(error);
    }
  }
}
