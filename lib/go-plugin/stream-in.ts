import { setTimeout } from 'node:timers/promises';
import type { ServerDuplexStream, ServerReadableStream } from '@grpc/grpc-js';
import type { LiveCall } from './call.ts';

/** A stream that is to end is read until nothing has come for so long, */
const quietMs = 20;
/** but, where its client goes on sending, no longer than this. */
const drainMs = 250;

/**
 * The messages of a client, in order; no more of them is taken from the connection than is asked for, but for a few. To
 * stop reading early is no error: the method may still answer.
 * @param draining - when aborted, the stream ends as if its client had ended it, after what has arrived by then
 */
export async function* requestsOf(
  call: ServerReadableStream<unknown, Buffer> | ServerDuplexStream<unknown, Buffer>,
  live: LiveCall,
  draining: AbortSignal | undefined,
): AsyncGenerator<unknown> {
  let failed: { readonly error: unknown } | undefined;
  let wake = () => {};
  const onEvent = () => wake();
  const onError = (error: unknown) => {
    failed ??= { error };
    wake();
  };
  for (const event of ['readable', 'end', 'close']) call.on(event, onEvent);
  call.on('error', onError);
  draining?.addEventListener('abort', onEvent, { once: true });

  let isQuiet = false;
  let lastMs: number | undefined;
  try {
    for (;;) {
      const message: unknown = call.read();
      if (message !== null) {
        yield message;
        isQuiet = false;
        if (draining?.aborted) lastMs ??= Date.now() + drainMs;
        if (lastMs !== undefined && Date.now() > lastMs) return;
      } else if (failed !== undefined || call.readableEnded || call.destroyed) {
        break;
      } else if (draining?.aborted) {
        if (isQuiet) return;
        isQuiet = true;
        await setTimeout(quietMs);
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    for (const event of ['readable', 'end', 'close']) call.off(event, onEvent);
    call.off('error', onError);
    draining?.removeEventListener('abort', onEvent);
  }
  // A cancelled stream ends as one that is complete, and says only after that what it was: half of an upload must not
  // be taken for the whole.
  await new Promise(setImmediate);
  if (live.cancelled) throw live.reason;
  if (failed !== undefined) throw failed.error;
}
