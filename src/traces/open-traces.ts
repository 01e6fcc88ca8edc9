import { stat } from 'node:fs/promises';
import { remoteTraces, type TraceStore, TraceStoreError } from '#lib/jaeger-storage';
import { UsageError } from '#src/local';
import { openFolder } from './open-folder.ts';
import { readServerFile } from './server-file.ts';

/** Where traces are read from. */
export interface TraceReader extends Pick<TraceStore, 'traces' | 'findTraces' | 'findTraceIds' | 'services'> {
  readonly tenant: string;
  readonly signal: AbortSignal;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OpenTraces {
  /** Of the process that serves them, or of nobody. */
  readonly folder: string;
  /** `host:port` of a server to ask in place of the folder. */
  readonly server?: string | undefined;
  /**
   * In PEM. Given, the server is asked over TLS. Node's authorities when `ca` is left out; `cert` and `key` are of who asks.
   */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  /** '' where there are none. */
  readonly tenant: string;
  readonly signal: AbortSignal;
}

/**
 * Opens traces to read. A folder is one process's at a time: where a server has it, that server is asked.
 * @throws {UsageError} there are none, or nobody can get at them
 */
export async function openTraces({ folder, server, tls, tenant, signal }: OpenTraces): Promise<TraceReader> {
  if (server !== undefined) return remote({ address: server, tls, tenant, signal });
  if (!(await isFolder(folder))) {
    throw new UsageError(
      `no traces are kept in ${folder}; crosslink traces serve and crosslink up keep some`,
    );
  }
  try {
    // What somebody else wants to have thrown away is not for a reader to know.
    const store = await openFolder({ folder, retention: {} });
    return reader(store, { tenant, signal });
  } catch (error) {
    if (!(error instanceof TraceStoreError)) throw error;
    if (error.code !== 'BUSY') throw new UsageError(error.message, { cause: error });
    const running = await readServerFile(folder);
    if (running?.grpc === undefined) {
      const who = running === undefined ? 'another process' : `process ${running.pid}`;
      throw new UsageError(
        `${folder} is in use by ${who}, which lets nobody read; try again when it has ended`,
        {
          cause: error,
        },
      );
    }
    const { grpc, tenantHeader } = running;
    return remote({
      address: grpc,
      tls: tls ?? (running.tls ? {} : undefined),
      tenant,
      signal,
      tenantHeader,
    });
  }
}

function remote({
  address,
  tls,
  tenantHeader,
  ...rest
}: {
  readonly address: string;
  readonly tls: OpenTraces['tls'];
  readonly tenant: string;
  readonly signal: AbortSignal;
  readonly tenantHeader?: string | undefined;
}): TraceReader {
  return reader(remoteTraces({ address, tls, ...(tenantHeader !== undefined && { tenantHeader }) }), rest);
}

function reader(
  store: Pick<TraceStore, 'traces' | 'findTraces' | 'findTraceIds' | 'services' | 'close'>,
  { tenant, signal }: { readonly tenant: string; readonly signal: AbortSignal },
): TraceReader {
  return {
    tenant,
    signal,
    traces: (...asked) => store.traces(...asked),
    findTraces: (...asked) => store.findTraces(...asked),
    findTraceIds: (...asked) => store.findTraceIds(...asked),
    services: (...asked) => store.services(...asked),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
