import type { Call } from './call.ts';

/**
 * Runs around a whole RPC, streams included.
 * @param run - goes on with the call. It rejects with what the method threw, or with the signal's reason where a stream
 *   was cancelled. The method runs in the async context (`AsyncLocalStorage`, that of OpenTelemetry) in which `run` is
 *   called, and so does its generator.
 * @returns when the call is done; what it rejects with is what the client is told
 */
export type Interceptor = (call: Call, run: () => Promise<void>) => Promise<void>;

/** Runs a call through all of them, the first outermost. */
export function intercepted(
  interceptors: readonly Interceptor[],
  call: Call,
  run: () => Promise<void>,
): Promise<void> {
  const from = (index: number): Promise<void> => {
    const interceptor = interceptors[index];
    return interceptor === undefined ? run() : interceptor(call, () => from(index + 1));
  };
  return from(0);
}
