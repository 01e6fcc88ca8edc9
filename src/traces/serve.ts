import type { Logger } from '#lib/go-plugin';
import {
  memoryStore,
  type OtlpHttpOptions,
  otlpHttp,
  serveTraceStorage,
  type Tenancy,
  type TraceStore,
  TraceStoreError,
} from '#lib/jaeger-storage';
import { UsageError } from '#src/local';
import { splitAddress } from './address.ts';
import { openFolders } from './open-folder.ts';
import { removeServerFile, writeServerFile } from './server-file.ts';

export interface ServeOptions {
  /** Absolute; undefined keeps them in memory alone. */
  readonly folder: string | undefined;
  /** `host:port` for OTLP over HTTP. */
  readonly http: string;
  /** `host:port` each, for gRPC: Jaeger's storage and OTLP alike. */
  readonly grpc: readonly string[];
  /** `host:port` each, for the archive of Jaeger from 1.66 on, to which it is a storage of its own. */
  readonly archive: readonly string[];
  readonly retention: { readonly maxAgeMs?: number | undefined; readonly maxBytes?: number | undefined };
  readonly durability: 'process' | 'power';
  readonly tls: OtlpHttpOptions['tls'];
  readonly tenancy: Tenancy | undefined;
  readonly log: Logger;
}

/** What there is. Undefined is what is not known. */
export interface TraceCounts {
  readonly spans: number;
  readonly traces: number | undefined;
  readonly services: number | undefined;
  readonly bytes: number | undefined;
  /** That have come since it was started. */
  readonly taken: number;
}

export interface TraceServing {
  readonly httpUrl: string;
  /** With the ports that they are. */
  readonly grpc: readonly string[];
  readonly archive: readonly string[];
  counts(): Promise<TraceCounts>;
  /** Takes nothing new, ends what it has begun, writes it down, and lets go of the folder. */
  stop(): Promise<void>;
}

const graceMs = 10_000;

/**
 * Takes traces over OTLP, keeps them, and serves them to Jaeger.
 * @throws {UsageError} a port is taken, the folder is another process's, a file is damaged
 */
export async function serveTraces(options: ServeOptions): Promise<TraceServing> {
  const { folder, http, grpc, archive, tls, tenancy, log } = options;
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
  };
  try {
    const kept = await open(options);
    stops.push(
      () => kept.store.close(),
      () => kept.archive.close(),
    );
    const counter = counted(kept.store);
    const storage = await serveTraceStorage({
      traces: counter.store,
      archive: kept.archive,
      addresses: grpc,
      archiveAddresses: archive,
      log,
      tenancy,
      tls: tls && {
        certificate: Buffer.from(tls.cert),
        privateKey: Buffer.from(tls.key),
        clientAuthorities: tls.clientCa === undefined ? undefined : Buffer.from(tls.clientCa),
      },
    });
    stops.push(() => storage.stop({ graceMs }));
    const { host, port } = splitAddress('--http', http);
    const receiver = await otlpHttp({
      traces: counter.store,
      host,
      port,
      tls,
      tenancy,
      warn: (message, fields) => log.warn(message, fields),
    });
    stops.push(() => receiver.close({ graceMs }));
    if (folder !== undefined) {
      await writeServerFile(folder, {
        pid: process.pid,
        grpc: storage.addresses[0] && fromHere(storage.addresses[0]),
        tls: tls !== undefined,
        otlpHttp: receiver.url,
        tenantHeader: tenancy && (tenancy.header ?? 'x-tenant'),
      });
      stops.push(() => removeServerFile(folder));
    }
    return {
      httpUrl: receiver.url,
      grpc: storage.addresses,
      archive: storage.archiveAddresses,
      counts: async () => ({ ...(await kept.counts(counter.taken())), taken: counter.taken() }),
      stop,
    };
  } catch (error) {
    await stop();
    throw usageError(error);
  }
}

/** Where a program of this machine finds what listens on all addresses. */
function fromHere(address: string): string {
  return address.replace(/^(?:0\.0\.0\.0|\[::\])?:/, 'localhost:');
}

interface Kept {
  readonly store: TraceStore;
  readonly archive: TraceStore;
  counts(taken: number): Promise<Omit<TraceCounts, 'taken'>>;
}

async function open({ folder, retention, durability, tenancy }: ServeOptions): Promise<Kept> {
  if (folder === undefined) {
    const store = memoryStore();
    return {
      store,
      archive: memoryStore(),
      counts: async (taken) => ({ spans: taken, traces: undefined, services: undefined, bytes: undefined }),
    };
  }
  const { traces: store, archive } = await openFolders({ folder, retention, durability });
  // Any tenant may come where they have no list.
  const tenants = tenancy === undefined ? [''] : (tenancy.tenants ?? []);
  const signal = new AbortController().signal;
  return {
    store,
    archive,
    async counts() {
      const each = await Promise.all(tenants.map((tenant) => store.counts(tenant)));
      const names = await Promise.all(tenants.map((tenant) => store.services({ tenant, signal })));
      const sum = (what: 'spans' | 'traces' | 'bytes') => each.reduce((total, one) => total + one[what], 0);
      return {
        spans: sum('spans'),
        traces: sum('traces'),
        services: new Set(names.flat()).size,
        bytes: sum('bytes'),
      };
    },
  };
}

/** The same store, and how many spans it was given. */
function counted(store: TraceStore): { readonly store: TraceStore; taken(): number } {
  let taken = 0;
  return {
    taken: () => taken,
    store: {
      async write(spans, context) {
        const result = await store.write(spans, context);
        taken += result.accepted;
        return result;
      },
      traces: (...asked) => store.traces(...asked),
      findTraces: (...asked) => store.findTraces(...asked),
      findTraceIds: (...asked) => store.findTraceIds(...asked),
      services: (...asked) => store.services(...asked),
      operations: (...asked) => store.operations(...asked),
      dependencies: (...asked) => store.dependencies(...asked),
      close: () => store.close(),
    },
  };
}

function usageError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof TraceStoreError || error.name === 'RpcServerError') {
    return new UsageError(error.message, { cause: error });
  }
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    const why = code === 'EADDRINUSE' ? 'something else listens there' : error.message;
    return new UsageError(`--http: ${why}; choose another address`, { cause: error });
  }
  // OpenSSL's complaints about keys and certificates.
  if (typeof code === 'string' && code.startsWith('ERR_OSSL')) {
    return new UsageError(`--tls-cert and --tls-key are no pair in PEM: ${error.message}`, { cause: error });
  }
  return error;
}
