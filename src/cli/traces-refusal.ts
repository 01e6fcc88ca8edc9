import { UsageError } from '#src/local';

/** What was asked of `crosslink traces` can't be meant so. */
export function wrong(what: string): UsageError {
  return new UsageError(`${what}; crosslink help traces shows the options`);
}
