import { RpcError } from './errors.ts';
import { Health, HealthCheckResponse_ServingStatus as Status } from './proto/health_pb.ts';
import { implement, type Service } from './service.ts';

/** What hosts ask for: go-plugin's `Ping` asks for 'plugin', other tools for the server as a whole. */
export const pluginNames: ReadonlySet<string> = new Set(['', 'plugin']);

/**
 * gRPC's health check. A server that answers at all is serving, until it is drained.
 * @param names - of what can be asked for
 */
export function healthService(names: ReadonlySet<string>, draining?: AbortSignal): Service {
  const current = () => (draining?.aborted ? Status.NOT_SERVING : Status.SERVING);
  return implement(Health, {
    check({ service }) {
      if (!names.has(service)) throw new RpcError('NOT_FOUND', `no service '${service}' to check`);
      return { status: current() };
    },
    list: () => ({
      statuses: Object.fromEntries([...names].map((name) => [name, { status: current() }])),
    }),
    async *watch({ service }, { signal }) {
      const isKnown = names.has(service);
      yield { status: isKnown ? current() : Status.SERVICE_UNKNOWN };
      // Nothing changes until the server is gone, or about to go, and the stream with it.
      await aborted(signal, draining);
      if (isKnown && draining?.aborted) yield { status: Status.NOT_SERVING };
    },
  });
}

/** Waits for the first of them. */
async function aborted(...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onAbort = () => resolve();
  for (const signal of signals) {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', onAbort, { once: true });
  }
  await promise;
  for (const signal of signals) signal?.removeEventListener('abort', onAbort);
}
