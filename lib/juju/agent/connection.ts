import { createConnection, type Socket } from 'node:net';
import { GobDecoder } from './gob.ts';
import { commandWanted, type JujucReply, type JujucRequest, RequestEncoder, readReply } from './jujuc.ts';

/** An agent answers a call of nothing by itself, without asking its controller. */
const defaultGreetingMs = 10_000;

/** The agent can't be talked to like this. `sent` tells whether it may have carried out the call. */
export class AgentConnectionError extends Error {
  override readonly name = 'AgentConnectionError';
  readonly sent: boolean;

  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, { cause });
    this.sent = sent;
  }
}

/** @param address - of `JUJU_AGENT_SOCKET_ADDRESS`: a path, or with `@` before it a name in Linux's abstract space */
export function socketPath(address: string): string {
  return address.startsWith('@') ? `\0${address.slice(1)}` : address;
}

/**
 * One connection to the unit agent, opened with the first call, and only used when a call of nothing was answered as
 * an agent does: so nothing that has an effect is sent to what may not understand it. Calls go one at a time: the
 * agent would run overlapping ones in any order. While no call is under way the connection keeps no process alive, so that it is
 * closed at the latest with the process; the agent waits for that before it ends the hook.
 */
export class AgentConnection {
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #greetingMs: number;
  readonly #encoder = new RequestEncoder();
  readonly #decoder = new GobDecoder();
  #socket: Socket | undefined;
  #broken: AgentConnectionError | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #seq = 0;

  /**
   * @param timeoutMs - for the answer to one call
   * @param greetingMs - for the first answer of all
   */
  constructor(address: string, timeoutMs: number, greetingMs = Math.min(timeoutMs, defaultGreetingMs)) {
    this.#path = socketPath(address);
    this.#timeoutMs = timeoutMs;
    this.#greetingMs = greetingMs;
  }

  /**
   * @returns the reply, or the text of an error of the call itself
   * @throws {AgentConnectionError} nobody listens, or what answers is no agent; each later call fails the same way
   */
  call(request: JujucRequest): Promise<JujucReply | string> {
    const turn = this.#queue.then(() => this.#call(request));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  close(): void {
    this.#socket?.destroy();
  }

  async #call(request: JujucRequest): Promise<JujucReply | string> {
    if (this.#broken !== undefined) throw new AgentConnectionError(this.#broken.message, false, this.#broken);
    let sent = false;
    try {
      this.#socket ??= await this.#connect();
      if (this.#seq === 0) await this.#greet(this.#socket, request);
      if (!this.#socket.writable) throw new Error('it was closed');
      sent = true;
      return await this.#ask(this.#socket, request, this.#timeoutMs);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#broken = new AgentConnectionError(`the agent's socket is of no use: ${reason}`, sent, cause);
      this.#socket?.destroy();
      throw this.#broken;
    }
  }

  async #greet(socket: Socket, { contextId, dir, token }: JujucRequest): Promise<void> {
    const nothing = { contextId, dir, command: '', args: [], stdin: undefined, token };
    const answer = await this.#ask(socket, nothing, this.#greetingMs);
    if (answer === commandWanted) return;
    throw new Error(typeof answer === 'string' ? `it says '${answer}'` : 'it takes a call of nothing');
  }

  async #ask(socket: Socket, request: JujucRequest, timeoutMs: number): Promise<JujucReply | string> {
    const seq = this.#seq;
    this.#seq += 1;
    socket.ref();
    const [header, body] = await this.#exchange(socket, this.#encoder.encode(seq, request), timeoutMs);
    socket.unref();
    const answer = readReply(header, body);
    if (answer.seq !== BigInt(seq)) throw new Error('the answer is to another call');
    return answer.error === '' ? answer.reply : answer.error;
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ path: this.#path });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        // Between calls an error belongs to nobody, and must not end the process.
        socket.on('error', () => {});
        resolve(socket);
      });
    });
  }

  /** Sends one call and waits for the two values of its answer. */
  #exchange(socket: Socket, bytes: Uint8Array, timeoutMs: number) {
    const { promise, resolve, reject } = Promise.withResolvers<[header: Value, body: Value]>();
    const values: Value[] = [];
    const onData = (chunk: Buffer) => {
      try {
        this.#decoder.push(chunk);
        for (let value = this.#decoder.next(); value !== undefined; value = this.#decoder.next()) {
          values.push(value);
        }
      } catch (error) {
        reject(error);
        return;
      }
      const [header, body, ...more] = values;
      if (more.length > 0) reject(new Error('more was answered than asked'));
      else if (header !== undefined && body !== undefined) resolve([header, body]);
    };
    const onEnd = () => reject(new Error('it was closed in the middle of a call'));
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.on('data', onData);
    socket.on('error', reject);
    socket.on('close', onEnd);
    // Of a socket that is closed already there are no further events.
    socket.write(bytes, (error) => error && reject(error));
    return promise.finally(() => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('error', reject);
      socket.off('close', onEnd);
    });
  }
}

type Value = NonNullable<ReturnType<GobDecoder['next']>>;
