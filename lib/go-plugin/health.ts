import { RpcError } from './errors.ts';
import { Health, HealthCheckResponse_ServingStatus as Status } from './proto/health_pb.ts';
import { implement, type Service } from './service.ts';

/** What hosts ask for: go-plugin's `Ping` asks for 'plugin', other tools for the server as a whole. */
const serving: ReadonlySet<string> = new Set(['', 'plugin']);

/** gRPC's health check. A plugin that answers at all is serving. */
export function healthService(): Service {
  return implement(Health, {
    check({ service }) {
      if (!serving.has(service)) throw new RpcError('NOT_FOUND', `no service '${service}' to check`);
      return { status: Status.SERVING };
    },
    list: () => ({
      statuses: Object.fromEntries([...serving].map((name) => [name, { status: Status.SERVING }])),
    }),
    async *watch({ service }, { signal }) {
      yield { status: serving.has(service) ? Status.SERVING : Status.SERVICE_UNKNOWN };
      // Nothing changes until the server is gone, and the stream with it.
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (!signal.aborted) await promise;
    },
  });
}
