import { type ChannelCredentials, credentials, Client as GrpcClient } from '@grpc/grpc-js';
import { createLogger, type Logger } from '#lib/go-plugin';
import { memoryStore } from '../../../../lib/jaeger-storage/memory/memory-store.ts';
import {
  type RunningTraceStorage,
  serveTraceStorage,
  type TraceStorageOptions,
} from '../../../../lib/jaeger-storage/server/trace-storage.ts';
import type { TraceStore } from '../../../../lib/jaeger-storage/trace-store.ts';

/** What was logged. */
export class Lines {
  readonly entries: Record<string, unknown>[] = [];
  readonly log: Logger = createLogger({
    level: 'trace',
    write: (line) => this.entries.push(JSON.parse(line) as Record<string, unknown>),
  });

  at(level: string): Record<string, unknown>[] {
    return this.entries.filter((entry) => entry['@level'] === level);
  }
}

export interface Serving {
  readonly running: RunningTraceStorage;
  readonly connection: GrpcClient;
  readonly traces: TraceStore;
  readonly lines: Lines;
  close(): Promise<void>;
}

/** Serves a store on a port of its own, and connects to it. */
export async function serving(
  options: Partial<TraceStorageOptions> & { secured?: ChannelCredentials } = {},
): Promise<Serving> {
  const lines = new Lines();
  const { secured, traces = memoryStore(), ...rest } = options;
  const running = await serveTraceStorage({
    addresses: ['127.0.0.1:0'],
    log: lines.log,
    ...rest,
    traces,
  });
  const connection = connect(running.addresses[0] ?? '', secured);
  return {
    ...{ running, connection, traces, lines },
    async close() {
      connection.close();
      await running.stop({ graceMs: 0 });
      await traces.close();
    },
  };
}

export function connect(
  address: string,
  secured: ChannelCredentials = credentials.createInsecure(),
): GrpcClient {
  return new GrpcClient(address, secured, {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // Each test has a server of its own, and none is to wait for another's connection.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.ssl_target_name_override': 'localhost',
  });
}

/** Serves for as long as `use` takes. */
export async function served(
  options: Parameters<typeof serving>[0],
  use: (serving: Serving) => Promise<void>,
): Promise<void> {
  const opened = await serving(options);
  try {
    await use(opened);
  } finally {
    await opened.close();
  }
}
