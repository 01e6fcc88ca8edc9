/** SIGHUP: the terminal was closed. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** From its making until it is disposed of, the signals that end a program end the work that listens here instead. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #stop: () => void;

  /** @param onStop - told first */
  constructor(onStop: () => void = () => {}) {
    this.#stop = () => {
      onStop();
      this.#controller.abort();
    };
    for (const signal of endings) process.once(signal, this.#stop);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of endings) process.off(signal, this.#stop);
  }
}
