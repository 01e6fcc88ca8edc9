import {
  createRpcServer,
  type Interceptor,
  type Logger,
  type RpcServer,
  type RpcServerTls,
  type Service,
} from '#lib/go-plugin';
import type { Tenancy } from '../otlp/tenant.ts';
import { storageV1Services } from '../storage-v1/services.ts';
import type { NoKind } from '../storage-v1/span-readers.ts';
import { storageV2Services } from '../storage-v2/services.ts';
import type { TraceStore } from '../trace-store.ts';
import { maxReceiveMessageBytes as defaultMaxReceiveMessageBytes } from './limits.ts';
import { tracingInterceptor } from './tracing.ts';

export interface TraceStorageOptions {
  /** Belongs to the caller, who closes it after `stop`. */
  readonly traces: TraceStore;
  /** Where to listen: 'host:port', ':port' for all addresses, 'unix:/path'. Jaeger's own port is 17271. */
  readonly addresses: readonly string[];
  /** Where Jaeger 1.x to 1.65 keeps archived traces; and what `archiveAddresses` serve. */
  readonly archive?: TraceStore | undefined;
  /**
   * Where the archive is served as a storage of its own: later versions of Jaeger know archives as just another storage,
   * so that it needs an address that tells the two apart.
   */
  readonly archiveAddresses?: readonly string[];
  /** Absent: nothing is encrypted. */
  readonly tls?: RpcServerTls | undefined;
  readonly tenancy?: Tenancy | undefined;
  readonly log: Logger;
  /** Whether Jaeger 1.x and 2.0 to 2.5 are served as well; they are where unsaid. */
  readonly storageV1?: boolean;
  /** See {@link StorageV1Options}. */
  readonly streaming?: boolean;
  readonly noKind?: NoKind;
  readonly maxTraces?: number;
  /** Around each call, within the one that traces reads. */
  readonly interceptors?: readonly Interceptor[];
  /** Longest request, in bytes; 64 MiB where unsaid. */
  readonly maxReceiveMessageBytes?: number;
}

export interface RunningTraceStorage {
  /** With the ports that they are. */
  readonly addresses: readonly string[];
  readonly archiveAddresses: readonly string[];
  /**
   * Takes no new calls, ends those that there are, and stores and answers what streams have sent.
   * @param options.graceMs - how long that may take; what is left is cut off. Default: 10 s
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Serves a store to Jaeger: storage_v2 and OTLP over gRPC, storage_v1, health and reflection, all on each address.
 * @throws {RpcServerError} an address that can't be listened on, or keys that don't fit
 */
export async function serveTraceStorage(options: TraceStorageOptions): Promise<RunningTraceStorage> {
  const { addresses, archive, archiveAddresses = [], storageV1 = true } = options;
  if (archiveAddresses.length > 0 && archive === undefined) {
    throw new TypeError('archiveAddresses needs an archive: give the store that they are to serve');
  }
  const servers: RpcServer[] = [];
  const listen = async (services: readonly Service[], at: readonly string[]): Promise<readonly string[]> => {
    if (at.length === 0) return [];
    const server = serverFor(services, options);
    servers.push(server);
    const bound: string[] = [];
    for (const address of at) bound.push(await server.listen(address));
    return bound;
  };
  const both = (served: TraceStorageOptions) => [
    ...storageV2Services(served),
    ...(storageV1 ? storageV1Services(served) : []),
  ];
  try {
    const bound = await listen(both(options), addresses);
    const boundArchive =
      archive === undefined
        ? []
        : await listen(both({ ...options, traces: archive, archive: undefined }), archiveAddresses);
    return {
      addresses: bound,
      archiveAddresses: boundArchive,
      async stop({ graceMs = 10_000 } = {}) {
        await Promise.all(servers.map((server) => server.drain(graceMs)));
      },
    };
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
}

function serverFor(services: readonly Service[], options: TraceStorageOptions): RpcServer {
  const { log, tls, interceptors = [], maxReceiveMessageBytes = defaultMaxReceiveMessageBytes } = options;
  return createRpcServer({
    ...{ services, log, tls, maxReceiveMessageBytes },
    interceptors: [tracingInterceptor, ...interceptors],
    // Jaeger's own server names the writer so, which is no service of its own.
    health: [...services.map(({ descriptor }) => descriptor.typeName), 'jaeger.storage.v2.TraceWriter'],
  });
}
