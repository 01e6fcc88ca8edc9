/** Where a hook waits until it is its turn again. */
interface Waiting {
  readonly who: string;
  readonly at: string;
  readonly open: () => void;
}

/**
 * Points at which hooks wait for each other, so that whoever chooses which one goes on next decides in which order
 * things happen. Between two of them nothing but the hook itself runs.
 */
export class Gates {
  #waiting: Waiting[] = [];
  /** Nobody waits any more. */
  #open = false;

  /** @param signal - of a hook that may be ended while it waits: then it waits for ever */
  pass(who: string, at: string, signal?: AbortSignal): Promise<void> {
    if (this.#open) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted) return promise;
    const waiting: Waiting = { who, at, open: resolve };
    this.#waiting.push(waiting);
    signal?.addEventListener('abort', () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
    });
    return promise;
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** Lets one go on. @param which - from 0 to {@link count} - 1 @returns who, and from where */
  open(which: number): { who: string; at: string } {
    const [one] = this.#waiting.splice(which, 1);
    if (!one) throw new RangeError(`nobody waits at gate ${which}`);
    one.open();
    return { who: one.who, at: one.at };
  }

  /** From now on nobody waits. */
  openAll(): void {
    this.#open = true;
    for (const { open } of this.#waiting.splice(0)) open();
  }
}
