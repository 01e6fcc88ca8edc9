import { otlpHttp, remoteTraces, type TraceStore, TraceStoreError } from '#lib/jaeger-storage';
import { UsageError } from '#src/local';
import { contextOf } from './find.ts';
import { openFolder } from './open-folder.ts';
import { readable } from './readable.ts';
import { readServerFile, removeServerFile, writeServerFile } from './server-file.ts';

/** Traces of hooks are small, and looked at within days. */
const retention = { maxAgeMs: 7 * 24 * 3_600_000, maxBytes: 1_000_000_000 };

/** A place for the traces of a program that lives a while. */
export interface KeptTraces extends AsyncDisposable {
  /** They go to `/v1/traces` below it. */
  readonly otlpHttpUrl: string;
  /** How many there are that began since it was opened; at most 10,000. undefined: who has them can't be asked yet. */
  count(): Promise<number | undefined>;
  /** Lets others read while this goes on. */
  serve(): Promise<void>;
}

/**
 * Takes traces on a free port of this machine and keeps them in a folder: a week of them, at most 1 GB. Where another
 * process has the folder, traces go there, if it takes any.
 * @throws {UsageError} it has the folder and takes none, or the folder can't be used
 */
export async function keepTraces(folder: string): Promise<KeptTraces> {
  const since = BigInt(Date.now()) * 1_000_000n;
  try {
    return await keepHere(folder, since);
  } catch (error) {
    if (!(error instanceof TraceStoreError)) throw error;
    if (error.code !== 'BUSY') throw new UsageError(error.message, { cause: error });
    const running = await readServerFile(folder);
    if (running === undefined || running.tls || running.tenantHeader !== undefined) {
      const who = running === undefined ? 'another process' : `process ${running.pid}`;
      throw new UsageError(
        `${folder} is in use by ${who}, which takes no traces of others; try again when it has ended`,
        { cause: error },
      );
    }
    // One that has just begun can't be read yet.
    const remote = running.grpc === undefined ? undefined : remoteTraces({ address: running.grpc });
    return {
      otlpHttpUrl: running.otlpHttp,
      count: async () => remote && countSince(remote, since),
      serve: async () => {},
      async [Symbol.asyncDispose]() {
        await remote?.close();
      },
    };
  }
}

async function keepHere(folder: string, since: bigint): Promise<KeptTraces> {
  const store = await openFolder({ folder, retention });
  try {
    const receiver = await otlpHttp({ traces: store, port: 0 });
    const server = { pid: process.pid, tls: false, otlpHttp: receiver.url };
    await writeServerFile(folder, server);
    let stopServing = async () => {};
    return {
      otlpHttpUrl: receiver.url,
      count: () => countSince(store, since),
      async serve() {
        const { address, stop } = await readable(store);
        stopServing = stop;
        await writeServerFile(folder, { ...server, grpc: address });
      },
      async [Symbol.asyncDispose]() {
        await removeServerFile(folder);
        await Promise.all([receiver.close({ graceMs: 2_000 }), stopServing()]);
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

const most = 10_000;

async function countSince(store: Pick<TraceStore, 'findTraceIds'>, startMin: bigint): Promise<number> {
  const { signal } = new AbortController();
  const found = await store.findTraceIds({ startMin, limit: most }, contextOf({ tenant: '', signal }));
  return found.length;
}
