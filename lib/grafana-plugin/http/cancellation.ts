import { DatasourceError } from '../errors.ts';

/**
 * Ends a request when the first of several things happens. By hand, and not by `AbortSignal.any`: a stream may make
 * requests for days, and its signal must not gather what is long done.
 */
export class Cancellation {
  readonly #controller = new AbortController();
  readonly #undo: (() => void)[] = [];

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** @param reasonFor - what the request then fails with, made of the signal's reason */
  with(signal: AbortSignal | undefined, reasonFor: (reason: unknown) => unknown = (reason) => reason): void {
    if (signal === undefined) return;
    const abort = () => this.#abort(reasonFor(signal.reason));
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    this.#undo.push(() => signal.removeEventListener('abort', abort));
  }

  /** @param timeoutMs - 0 for none */
  after(timeoutMs: number, place: string): void {
    if (timeoutMs === 0) return;
    const timer = setTimeout(() => {
      this.#abort(
        new DatasourceError(`${place}: no complete answer within ${timeoutMs} ms`, {
          status: 504,
          source: 'downstream',
        }),
      );
    }, timeoutMs).unref();
    this.#undo.push(() => clearTimeout(timer));
  }

  /** What is cancelled is over, also where nobody reads the answer to its end and so notices. */
  #abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.release();
  }

  /** The request is over: nothing cancels it any more. */
  release(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }
}

/** Why Grafana's call is over, in the terms in which fetch says it. */
export function callEnded(reason: unknown): unknown {
  if (reason instanceof DOMException) return reason;
  const late = reason instanceof Error && 'code' in reason && reason.code === 'DEADLINE_EXCEEDED';
  return new DOMException(late ? "the call's time is over" : 'the call was cancelled', {
    name: late ? 'TimeoutError' : 'AbortError',
    cause: reason,
  });
}
