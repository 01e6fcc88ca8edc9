import { createConnection, type Socket } from 'node:net';
import { GobDecoder } from './gob.ts';
import { type JujucReply, type JujucRequest, RequestEncoder, readReply } from './jujuc.ts';

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
 * One connection to the unit agent, opened with the first call. Calls go one at a time: the agent would run
 * overlapping ones in any order. While no call is under way the connection keeps no process alive, so that it is
 * closed at the latest with the process; the agent waits for that before it ends the hook.
 */
export class AgentConnection {
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #encoder = new RequestEncoder();
  readonly #decoder = new GobDecoder();
  #socket: Socket | undefined;
  #broken: AgentConnectionError | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #seq = 0;

  constructor(address: string, timeoutMs: number) {
    this.#path = socketPath(address);
    this.#timeoutMs = timeoutMs;
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
      const socket = this.#socket;
      const seq = this.#seq;
      this.#seq += 1;
      socket.ref();
      sent = true;
      const [header, body] = await this.#exchange(socket, this.#encoder.encode(seq, request));
      socket.unref();
      const answer = readReply(header, body);
      if (answer.seq !== BigInt(seq)) throw new Error('the answer is to another call');
      return answer.error === '' ? answer.reply : answer.error;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#broken = new AgentConnectionError(`the agent's socket is of no use: ${reason}`, sent, cause);
      this.#socket?.destroy();
      throw this.#broken;
    }
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
  #exchange(socket: Socket, bytes: Uint8Array) {
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
    const timer = setTimeout(
      () => reject(new Error(`no answer within ${this.#timeoutMs} ms`)),
      this.#timeoutMs,
    );
    socket.on('data', onData);
    socket.on('error', reject);
    socket.on('close', onEnd);
    socket.write(bytes);
    return promise.finally(() => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('error', reject);
      socket.off('close', onEnd);
    });
  }
}

type Value = NonNullable<ReturnType<GobDecoder['next']>>;
