import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import { TraceStoreError } from '../errors.ts';
import {
  type AnswerMessage,
  type CallMessage,
  type CancelMessage,
  packError,
  unpackError,
} from './protocol.ts';

/** What a thread can be asked to do. */
// biome-ignore lint/suspicious/noExplicitAny: any parameters and results; callers see those of the thread in question
export type Methods = Record<string, (params: any, call: Cancellable) => unknown>;

export interface Cancellable {
  /** Nobody waits for the answer any more. */
  readonly isCancelled: boolean;
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls methods of a worker thread. The thread keeps the process alive only while somebody waits for it. */
export class ThreadCalls<M extends Methods> {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #ended: TraceStoreError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.unref();
    worker.on('message', (answer: AnswerMessage) => this.#settle(answer));
    worker.on('error', (error) =>
      this.#end(`a thread of the store failed (${error}): start the process anew`),
    );
    worker.on('exit', () => this.#end('a thread of the store has ended'));
  }

  call<Name extends keyof M & string>(
    method: Name,
    params: Parameters<M[Name]>[0],
    { signal, transfer = [] }: { signal?: AbortSignal; transfer?: readonly Transferable[] } = {},
  ): Promise<Awaited<ReturnType<M[Name]>>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#calls += 1;
    const call = this.#calls;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#worker.postMessage({ cancel: call } satisfies CancelMessage);
        this.#forget(call);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const done = () => signal?.removeEventListener('abort', onAbort);
      this.#pending.set(call, {
        resolve: (result) => {
          done();
          resolve(result);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      this.#worker.ref();
      this.#worker.postMessage({ call, method, params } satisfies CallMessage, transfer);
    });
  }

  #settle({ call, result, error }: AnswerMessage): void {
    const pending = this.#forget(call);
    if (error !== undefined) pending?.reject(unpackError(error));
    else pending?.resolve(result as never);
  }

  #forget(call: number): Pending | undefined {
    const pending = this.#pending.get(call);
    this.#pending.delete(call);
    if (this.#pending.size === 0) this.#worker.unref();
    return pending;
  }

  #end(reason: string): void {
    this.#ended ??= new TraceStoreError('FAILED', reason);
    for (const call of [...this.#pending.keys()]) this.#forget(call)?.reject(this.#ended);
  }
}

/** The other side: answers what comes through `port`. */
export function serve(port: MessagePort, methods: Methods): void {
  const calls = new Map<number, { isCancelled: boolean }>();
  port.on('message', (message: CallMessage | CancelMessage) => {
    if ('cancel' in message) {
      const cancelled = calls.get(message.cancel);
      if (cancelled !== undefined) cancelled.isCancelled = true;
      return;
    }
    const { call, method, params } = message;
    const answer = (rest: Pick<AnswerMessage, 'result' | 'error'>) => {
      calls.delete(call);
      port.postMessage({ call, ...rest } satisfies AnswerMessage);
    };
    const state = { isCancelled: false };
    calls.set(call, state);
    try {
      const result = methods[method]?.(params, state);
      if (!(result instanceof Promise)) answer({ result });
      else {
        result.then(
          (value) => answer({ result: value }),
          (error) => answer({ error: packError(error) }),
        );
      }
    } catch (error) {
      answer({ error: packError(error) });
    }
  });
}
