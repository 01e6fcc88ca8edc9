/** Time as a model has it: real by default, and whatever a simulation makes of it. */
export interface Clock {
  /** Milliseconds. Only differences between two count. */
  now(): number;
  /** Calls `run` once, when `ms` have passed. @returns what takes that back */
  after(ms: number, run: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
