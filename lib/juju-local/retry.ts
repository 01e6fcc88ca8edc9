/** How failed hooks are run again. */
export interface RetryPolicy {
  /** Before the first retry; doubles with each further one, up to five minutes. Juju: 5000. */
  readonly baseMs: number;
  /** How often a hook is run altogether before its unit stays in error. Juju has no limit. */
  readonly limit: number;
}

export const jujuRetry: RetryPolicy = { baseMs: 5000, limit: Number.POSITIVE_INFINITY };

const maxDelayMs = 5 * 60 * 1000;

/**
 * Juju adds jitter; here delays are the same in each run.
 * @param attempts - how often it failed so far
 * @returns undefined when it is not run again by itself
 */
export function retryDelayMs({ baseMs, limit }: RetryPolicy, attempts: number): number | undefined {
  if (attempts >= limit) return undefined;
  return Math.min(baseMs * 2 ** (attempts - 1), maxDelayMs);
}
