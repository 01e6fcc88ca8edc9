import { AsyncLocalStorage } from 'node:async_hooks';
import type { LiveCall, SurfaceCall } from './call.ts';
import { asBuffer, type Encoder, toBuffer } from './encode.ts';
import type { Logger } from './log.ts';

/** Bytes handed over but not yet taken by the connection, above which a stream's source has to wait. */
const highWaterBytes = 256 * 1024;
/** Messages above this are worth waiting for the ones before, which saves a copy. */
const largeBytes = 64 * 1024;
/** What a message costs besides its bytes, so that many empty ones count too. */
const messageCostBytes = 256;

/** A call of grpc-js that answers with a stream. */
export interface StreamingCall extends SurfaceCall {
  write(bytes: Buffer, written: () => void): unknown;
  end(): unknown;
}

/**
 * Sends what an async iterable yields, no faster than the client takes it.
 *
 * grpc-js counts messages, not bytes: left to it, sixteen frames of 50 MB would wait in memory for a slow client.
 * @returns when the source is done and closed
 * @throws what the source threw; or the call's reason where it was cancelled before the source was done
 */
export async function sendAll(
  source: AsyncIterable<unknown>,
  { call, live, encode, log }: { call: StreamingCall; live: LiveCall; encode: Encoder; log: Logger },
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  let waitingBytes = 0;
  let wake: (() => void) | undefined;
  let closing: Promise<void> | undefined;

  // `finally` blocks run in the context of whoever asks the generator to return, which is to be the method's.
  const inContext = AsyncLocalStorage.snapshot();
  const close = (): Promise<void> => {
    closing ??= inContext(async () => {
      try {
        await iterator.return?.();
      } catch (error) {
        log.error('a stream failed while it was closed', {
          service: live.service,
          method: live.method,
          error,
        });
      }
    });
    return closing;
  };
  /** Waits until no more than so many bytes are on their way, or the call is cancelled. */
  const roomFor = async (bytes: number) => {
    while (waitingBytes > bytes && !live.cancelled) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  };
  const onCancel = () => {
    live.cancel();
    // Not awaited: a generator that waits for something of its own returns only when that comes.
    void close();
    wake?.();
  };
  call.once('cancelled', onCancel);
  // grpc-js tells the client, but it calls that a cancellation only when all that was written has been read.
  const { deadline } = live;
  const timer = deadline && setTimeout(onCancel, Math.min(deadline.getTime() - Date.now(), 2 ** 31 - 1));

  try {
    for (;;) {
      if (live.cancelled) throw live.reason;
      const next = await iterator.next();
      if (live.cancelled || (deadline && deadline.getTime() <= Date.now())) throw live.reason;
      if (next.done) break;
      const message = encode(next.value);
      if (message.byteLength > largeBytes) await roomFor(0);
      if (live.cancelled) throw live.reason;
      // With nothing before it, grpc-js writes the message out at once; otherwise it would do so when the generator has
      // gone on already, and may have put something else into its buffers.
      const bytes = waitingBytes === 0 ? asBuffer(message) : toBuffer(message);
      const cost = message.byteLength + messageCostBytes;
      waitingBytes += cost;
      call.write(bytes, () => {
        waitingBytes -= cost;
        wake?.();
      });
      if (waitingBytes > highWaterBytes) await roomFor(highWaterBytes);
    }
  } catch (error) {
    const reason = live.cancelled ? live.reason : error;
    await close();
    throw reason;
  } finally {
    clearTimeout(timer);
    call.off('cancelled', onCancel);
  }
}
