import { decodedHeaders } from './decoded-headers.ts';
import type { BodyWatcher } from './request.ts';

/** What is used here of undici's Response. */
interface Received {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Iterable<[string, string]>;
  readonly body: ReadableStream<Uint8Array> | null;
}

export interface AnswerOptions {
  readonly url: URL;
  readonly watchers: readonly BodyWatcher[];
  /** What a reader of the body gets for what went wrong. */
  failure(error: unknown): unknown;
}

/** What came back, as the standard `Response` of this process, with those who watch its body. */
export function answer(received: Received, { url, watchers, failure }: AnswerOptions): Response {
  const { status, statusText, headers } = received;
  const body = received.body === null ? null : watched(received.body, watchers, failure);
  if (body === null) for (const watcher of watchers) watcher.end?.(0);
  const response = new Response(body, { status, statusText, headers: decodedHeaders(headers) });
  return Object.defineProperty(response, 'url', { value: url.href, configurable: true });
}

function watched(
  body: ReadableStream<Uint8Array>,
  watchers: readonly BodyWatcher[],
  failure: AnswerOptions['failure'],
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let total = 0;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    for (const watcher of watchers) watcher.end?.(total);
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            end();
            controller.close();
            return;
          }
          total += value.byteLength;
          for (const watcher of watchers) watcher.chunk?.(total);
          controller.enqueue(value);
        } catch (error) {
          end();
          // The rest is of no use: the connection goes too. What that says was said already.
          reader.cancel(error).catch(() => {});
          controller.error(failure(error));
        }
      },
      async cancel(reason) {
        end();
        await reader.cancel(reason);
      },
    },
    // Nothing is read ahead of who reads.
    { highWaterMark: 0 },
  );
}
