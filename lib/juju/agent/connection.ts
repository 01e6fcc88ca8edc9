import { createConnection, type Socket } from 'node:net';
import type { GobValue } from './gob.ts';
import { GobDecoder } from './gob-decoder.ts';
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

interface Waiting {
  readonly resolve: (answer: JujucReply | string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One connection to the unit agent, opened with the first call, and only used when a call of nothing was answered as
 * an agent does: so nothing that has an effect is sent to what may not understand it. The agent runs overlapping
 * calls in any order. So reads overlap with reads, of which a hook makes hundreds, and anything else has the
 * connection to itself (adr/001). While no call is under way the connection keeps no process alive, so that it is
 * closed at the latest with the process; the agent waits for that before it ends the hook.
 */
export class AgentConnection {
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #greetingMs: number;
  readonly #encoder = new RequestEncoder();
  readonly #decoder = new GobDecoder();
  readonly #waiting = new Map<bigint, Waiting>();
  #header: GobValue | undefined;
  #socket: Socket | undefined;
  #opened: Promise<Socket> | undefined;
  #broken: AgentConnectionError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #seq = 0;
  /** Until when a read has to wait, and until when anything else has to. */
  #effects: Promise<unknown> = Promise.resolve();
  #all: Promise<unknown> = Promise.resolve();

  /**
   * @param timeoutMs - for an answer: from the call to it, or from the answer before it
   * @param greetingMs - for the first answer of all
   */
  constructor(address: string, timeoutMs: number, greetingMs = Math.min(timeoutMs, defaultGreetingMs)) {
    this.#path = socketPath(address);
    this.#timeoutMs = timeoutMs;
    this.#greetingMs = greetingMs;
  }

  /**
   * @param isRead - it has no effect, and may be carried out before or after other reads that are under way
   * @returns the reply, or the text of an error of the call itself
   * @throws {AgentConnectionError} nobody listens, or what answers is no agent; each later call fails the same way
   */
  call(request: JujucRequest, isRead = false): Promise<JujucReply | string> {
    const turn = (isRead ? this.#effects : this.#all).then(() => this.#call(request));
    this.#all = Promise.allSettled([this.#all, turn]);
    if (!isRead) this.#effects = this.#all;
    return turn;
  }

  close(): void {
    this.#socket?.destroy();
  }

  async #call(request: JujucRequest): Promise<JujucReply | string> {
    try {
      this.#opened ??= this.#open(request);
      await this.#opened;
    } catch (cause) {
      throw this.#fail(cause);
    }
    return this.#ask(request, this.#timeoutMs);
  }

  async #open({ contextId, dir, token }: JujucRequest): Promise<Socket> {
    const socket = await this.#connect();
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    // Between calls an error belongs to nobody, and must not end the process.
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('it was closed in the middle of a call')));
    this.#socket = socket;
    const nothing = { contextId, dir, command: '', args: [], stdin: undefined, token };
    const answer = await this.#ask(nothing, this.#greetingMs);
    if (answer === commandWanted) return socket;
    throw new Error(typeof answer === 'string' ? `it says '${answer}'` : 'it takes a call of nothing');
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ path: this.#path });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(socket);
      });
    });
  }

  #ask(request: JujucRequest, timeoutMs: number): Promise<JujucReply | string> {
    const { promise, resolve, reject } = Promise.withResolvers<JujucReply | string>();
    const socket = this.#socket;
    if (this.#broken !== undefined || socket === undefined) {
      const reason = this.#broken ?? new Error('it was closed');
      reject(new AgentConnectionError(reason.message, false, reason));
      return promise;
    }
    const seq = this.#seq;
    this.#seq += 1;
    this.#waiting.set(BigInt(seq), { resolve, reject });
    if (this.#waiting.size === 1) {
      socket.ref();
      this.#waitFor(timeoutMs);
    }
    // All that is asked in one turn leaves in one piece.
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(this.#encoder.encode(seq, request));
    return promise;
  }

  /** Takes what has come; an answer is two values. */
  #take(chunk: Buffer): void {
    try {
      this.#decoder.push(chunk);
      for (let value = this.#decoder.next(); value !== undefined; value = this.#decoder.next()) {
        const header = this.#header;
        this.#header = header === undefined ? value : undefined;
        if (header !== undefined) this.#answer(header, value);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #answer(header: GobValue, body: GobValue): void {
    const { seq, error, reply } = readReply(header, body);
    const waiting = this.#waiting.get(seq);
    if (waiting === undefined) throw new Error('the answer is to another call');
    this.#waiting.delete(seq);
    if (this.#waiting.size === 0) {
      clearTimeout(this.#timer);
      this.#socket?.unref();
    } else {
      this.#timer?.refresh();
    }
    waiting.resolve(error === '' ? reply : error);
  }

  #waitFor(timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  }

  /** Ends the connection for good. The calls that are under way may have been carried out. */
  #fail(cause: unknown): AgentConnectionError {
    if (this.#broken !== undefined) return this.#broken;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the agent's socket is of no use: ${reason}`;
    this.#broken = new AgentConnectionError(message, false, cause);
    clearTimeout(this.#timer);
    this.#socket?.destroy();
    for (const { reject } of this.#waiting.values()) reject(new AgentConnectionError(message, true, cause));
    this.#waiting.clear();
    return this.#broken;
  }
}
