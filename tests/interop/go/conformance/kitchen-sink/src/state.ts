import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What has happened in this process so far, for tests to look at. */
export const state = {
  instancesMade: 0,
  instancesDisposed: 0,
  /** Of runs of streams. */
  running: 0,
  aborted: 0,
  returned: 0,
  /** Slow queries that are under way. */
  slow: 0,
  abortedQueries: 0,
  cancelledBodies: 0,
  /** Packets made by the stream that is as fast as its reader. */
  packets: 0,
};

let collectGarbage: (() => void) | undefined;

/** Collects garbage several times: what a test measures then is what is held. */
export async function settle(): Promise<NodeJS.MemoryUsage> {
  if (collectGarbage === undefined) {
    setFlagsFromString('--expose-gc');
    collectGarbage = runInNewContext('gc') as () => void;
  }
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    // What finalizers and closed sockets let go of is free a turn later.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage();
}

/** Waits unless the signal is aborted, before or while it waits. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', stop);
    resolve();
  }, ms);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return promise;
}
