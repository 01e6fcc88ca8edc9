import { connect, type Socket } from 'node:net';
import type { Fault } from './faults.ts';

/** One request, as far as a proxy sees it. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** `gone`: the connection ended without an answer. */
  state: 'asked' | 'answered' | 'gone';
}

/** Who wants to hear of a connection. */
export interface Watcher {
  /** Its fault took effect. */
  struck(): void;
  request(exchange: Exchange): void;
  /** The first bytes of the answer were passed on. */
  answer(exchange: Exchange): void;
  closed(): void;
}

/** Carries bytes between a client and a server, and does wrong what its fault says. */
export class Connection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #fault: Fault | undefined;
  readonly #watcher: Watcher;
  #exchange: Exchange | undefined;
  #requestBytes = 0;
  #answerBytes = 0;
  #hasStruck = false;
  readonly #firstAnswer = new AnswerEnd();
  /** Bytes of answers pass in this order, however slowly. */
  #dripping = Promise.resolve();

  constructor(
    client: Socket,
    target: { host: string; port: number },
    fault: Fault | undefined,
    watcher: Watcher,
  ) {
    this.#client = client;
    this.#fault = fault;
    this.#watcher = watcher;
    this.#server = connect(target);
    const server = this.#server;
    client.setNoDelay();
    server.setNoDelay();
    client.on('data', (bytes: Buffer) => this.#fromClient(bytes));
    server.on('data', (bytes: Buffer) => this.#fromServer(bytes));
    server.on('end', () => this.#dripping.then(() => this.#serverEnded()));
    client.on('error', () => server.resetAndDestroy());
    server.on('error', () => client.resetAndDestroy());
    client.on('close', () => {
      server.destroy();
      if (this.#exchange?.state === 'asked') this.#exchange.state = 'gone';
      watcher.closed();
    });
    if (fault?.kind === 'delay') {
      client.pause();
      this.#strike();
      setTimeout(() => client.resume(), fault.ms).unref();
    }
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  #strike(): void {
    if (!this.#hasStruck) this.#watcher.struck();
    this.#hasStruck = true;
  }

  #fromClient(bytes: Buffer): void {
    if (this.#client.destroyed) return;
    const fault = this.#fault;
    if (fault?.kind === 'cut-idle' && fault.when === 'next-request' && this.#firstAnswer.reached) {
      this.#noteRequest(bytes);
      this.#strike();
      this.reset();
      return;
    }
    this.#noteRequest(bytes);
    this.#requestBytes += bytes.length;
    if (fault?.kind === 'silent') {
      this.#strike();
      if (!fault.applied) return;
    }
    if (fault?.kind === 'garbage' && !fault.applied) {
      this.#answerGarbage(fault.answer);
      return;
    }
    if (fault?.kind === 'reset-request' && this.#requestBytes > fault.afterBytes) {
      const passed = bytes.length - (this.#requestBytes - fault.afterBytes);
      this.#strike();
      // The server is to read what came before the reset.
      this.#server.write(bytes.subarray(0, Math.max(0, passed)), () => this.reset());
      this.#client.pause();
      return;
    }
    this.#server.write(bytes);
  }

  #fromServer(bytes: Buffer): void {
    if (this.#client.destroyed) return;
    const fault = this.#fault;
    switch (fault?.kind) {
      case 'silent':
        return;
      case 'garbage':
        this.#answerGarbage(fault.answer);
        return;
      case 'reset-answer': {
        const left = fault.afterBytes - this.#answerBytes;
        if (bytes.length <= left) break;
        this.#strike();
        if (left <= 0) this.reset();
        else this.#toClient(bytes.subarray(0, left), () => this.reset());
        return;
      }
      case 'drip':
        this.#strike();
        this.#dripping = this.#dripping.then(() => this.#drip(bytes, fault.bytes, fault.everyMs));
        return;
      case 'cut-idle': {
        this.#firstAnswer.saw(bytes);
        const isCut = fault.when === 'at-once' && this.#firstAnswer.keepsAlive;
        if (isCut) this.#strike();
        this.#toClient(bytes, isCut ? () => this.#client.destroy() : undefined);
        return;
      }
    }
    this.#toClient(bytes);
  }

  #toClient(bytes: Buffer, written?: () => void): void {
    if (bytes.length > 0) this.#noteAnswer();
    this.#answerBytes += bytes.length;
    this.#client.write(bytes, written);
  }

  /** In at most forty pieces: a large answer is to take its time, but not all there is. */
  async #drip(bytes: Buffer, size: number, everyMs: number): Promise<void> {
    const step = Math.max(size, Math.ceil(bytes.length / 40));
    for (let at = 0; at < bytes.length && !this.#client.destroyed; at += step) {
      this.#toClient(bytes.subarray(at, at + step));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  #answerGarbage(answer: string): void {
    if (this.#client.writableEnded) return;
    this.#strike();
    this.#noteAnswer();
    this.#client.end(Buffer.from(answer, 'latin1'));
  }

  /** Silence is kept also where the server has no more to say. */
  #serverEnded(): void {
    if (this.#fault?.kind !== 'silent') this.#client.end();
  }

  #noteRequest(bytes: Buffer): void {
    const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.1\r\n/.exec(bytes.toString('latin1')) ?? [];
    if (method === undefined || path === undefined) return;
    this.#exchange = { method, path, state: 'asked' };
    this.#watcher.request(this.#exchange);
  }

  #noteAnswer(): void {
    if (this.#exchange?.state !== 'asked') return;
    this.#exchange.state = 'answered';
    this.#watcher.answer(this.#exchange);
  }
}

/** Finds the end of the first answer on a connection, by its content-length. */
class AnswerEnd {
  #text = '';
  reached = false;
  /** It was reached, and the server waits for the next request. */
  keepsAlive = false;

  saw(bytes: Buffer): void {
    if (this.reached) return;
    this.#text += bytes.toString('latin1');
    const head = this.#text.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = /^content-length: *(\d+)\r$/im.exec(this.#text.slice(0, head + 2))?.[1];
    if (length === undefined || this.#text.length < head + 4 + Number(length)) return;
    this.reached = true;
    this.keepsAlive = !/^connection: *close\r$/im.test(this.#text.slice(0, head + 2));
    this.#text = '';
  }
}
