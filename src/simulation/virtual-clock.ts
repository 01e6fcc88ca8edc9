import type { Clock } from '#lib/juju-local';

interface Timer {
  readonly at: number;
  /** Of two that are due at once the one that was set first comes first. */
  readonly nr: number;
  readonly run: () => void;
}

/** Time that passes only when it is told to, from one timer to the next. */
export class VirtualClock implements Clock {
  #now = 0;
  #set = 0;
  readonly #timers = new Set<Timer>();

  now = (): number => this.#now;

  after = (ms: number, run: () => void): (() => void) => {
    // A hook without a time limit.
    if (ms === Number.POSITIVE_INFINITY) return () => {};
    const timer = { at: this.#now + ms, nr: this.#set, run };
    this.#set += 1;
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Goes on to the next timer. @returns false when none is set */
  advance(): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (!next || timer.at < next.at || (timer.at === next.at && timer.nr < next.nr)) next = timer;
    }
    if (!next) return false;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.run();
    return true;
  }
}
