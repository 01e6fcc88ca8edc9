import { setTimeout } from 'node:timers/promises';
import { type Logger, messageOf, RpcError } from '#lib/go-plugin';
import { TraceStoreError } from '../errors.ts';
import { isField, WireReader } from '../spans/wire.ts';
import type { RequestContext, TraceStore } from '../trace-store.ts';

/** What is read of a stream while its spans before that are written: no more, so that its client has to wait. */
const gatheredBytes = 256 * 1024;

/** A store that has too much to do is asked again after this, */
const busyMs = 50;
/** so often; the client waits meanwhile, as a stream has no other way to be told. */
const busyTries = 600;

/** Nobody: what was read is written, also where its sender is gone. */
const neverAborted = new AbortController().signal;

type Bytes = Uint8Array<ArrayBuffer>;

export interface WriteStreamOptions {
  /** Throws RpcError. */
  readonly traces: TraceStore;
  readonly log: Logger;
  readonly context: RequestContext;
}

/**
 * Writes the spans of a stream, those together that have come while others were written.
 *
 * Nobody is told of a single span before the stream's end, so that one that can't be stored is counted and logged, and the
 * others are stored.
 * @returns when the stream has ended and all of it is stored
 * @throws what the store throws where it stores nothing at all; what was read is written also where the stream breaks
 */
export async function writeStream(
  requests: AsyncIterable<Bytes>,
  { traces, log, context }: WriteStreamOptions,
): Promise<void> {
  const writer = new GatheringWriter({ traces, log, context: { ...context, signal: neverAborted } });
  try {
    for await (const bytes of requests) {
      writer.add(bytes);
      if (writer.isFull) await writer.hasRoom();
      if (writer.failed !== undefined) throw writer.failed.error;
    }
  } finally {
    await writer.flush();
  }
  if (writer.failed !== undefined) throw writer.failed.error;
}

class GatheringWriter {
  readonly #options: WriteStreamOptions;
  #gathered: Bytes[] = [];
  #bytes = 0;
  /** The write in progress. Never rejects. */
  #writing: Promise<void> | undefined;
  failed: { readonly error: unknown } | undefined;

  constructor(options: WriteStreamOptions) {
    this.#options = options;
  }

  add(bytes: Bytes): void {
    this.#gathered.push(bytes);
    this.#bytes += bytes.byteLength;
    this.#writing ??= this.#writeAll();
  }

  get isFull(): boolean {
    return this.#bytes >= gatheredBytes;
  }

  /** Waits until what is gathered is less, which it is as soon as the write in progress is done. */
  async hasRoom(): Promise<void> {
    while (this.isFull && this.#writing !== undefined) {
      await new Promise<void>((resolve) => {
        this.#onTaken = resolve;
      });
    }
  }
  #onTaken = () => {};

  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // What else is there already comes along.
    await new Promise(setImmediate);
    while (this.#gathered.length > 0 && this.failed === undefined) {
      const taken = this.#gathered;
      this.#gathered = [];
      this.#bytes = 0;
      this.#onTaken();
      try {
        await this.#write(taken);
      } catch (error) {
        this.failed = { error };
      }
    }
    this.#writing = undefined;
    this.#onTaken();
  }

  async #write(messages: readonly Bytes[]): Promise<void> {
    const whole = messages.filter(isWhole);
    if (whole.length < messages.length) {
      this.#report(messages.length - whole.length, 'the message is cut off, or none of a span');
    }
    if (whole.length === 0) return;
    try {
      await this.#writeTogether(whole);
    } catch (error) {
      if (!isInvalid(error)) throw error;
      // One of them is wrong within, and nothing was stored.
      for (const message of whole) await this.#writeAlone(message);
    }
  }

  async #writeTogether(messages: readonly Bytes[]): Promise<void> {
    const { traces, context } = this.#options;
    const bytes = new Uint8Array(Buffer.concat(messages));
    for (let tries = 1; ; tries++) {
      try {
        const { rejected, reason } = await traces.write({ format: 'jaeger', bytes }, context);
        if (rejected > 0) this.#report(rejected, reason);
        return;
      } catch (error) {
        if (!isBusy(error) || tries === busyTries) throw error;
        await setTimeout(busyMs);
      }
    }
  }

  async #writeAlone(message: Bytes): Promise<void> {
    try {
      await this.#writeTogether([message]);
    } catch (error) {
      if (!isInvalid(error)) throw error;
      this.#report(1, messageOf(error));
    }
  }

  #report(rejected: number, reason: string | undefined): void {
    const { log, context } = this.#options;
    log.warn('spans of a stream were rejected', { rejected, reason, tenant: context.tenant });
  }
}

const isInvalid = (error: unknown) => error instanceof RpcError && error.code === 'INVALID_ARGUMENT';

const isBusy = (error: unknown) =>
  error instanceof RpcError && error.cause instanceof TraceStoreError && error.cause.code === 'BUSY';

const SPAN = (1 << 3) | 2;

/** Whether its fields end where it ends, and there is a span: put before others, it would otherwise spoil those. */
function isWhole(message: Bytes): boolean {
  try {
    const field = new WireReader(message);
    let hasSpan = false;
    while (field.next()) hasSpan ||= isField(field, SPAN);
    return hasSpan;
  } catch {
    return false;
  }
}
