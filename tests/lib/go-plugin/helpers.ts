import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescService } from '@bufbuild/protobuf';
import { credentials, Client as GrpcClient, ServerCredentials } from '@grpc/grpc-js';
import {
  type Client,
  clientOf,
  createLogger,
  type Effects,
  type Interceptor,
  type Logger,
  processEffects,
  RpcError,
  type Service,
} from '#lib/go-plugin';
import { addServices, bind, newServer } from '../../../lib/go-plugin/grpc-server.ts';
import type { OutputSink } from '../../../lib/go-plugin/output.ts';

/** What was logged, read as a host reads it. */
export class Lines {
  readonly lines: string[] = [];
  readonly log: Logger = createLogger({
    level: 'trace',
    write: (line) => this.lines.push(line),
    now: () => 0,
  });

  /** Level, message and fields of each line. */
  get entries(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line));
  }

  at(level: string): Record<string, unknown>[] {
    return this.entries.filter((entry) => entry['@level'] === level);
  }
}

export interface Open<S extends DescService> {
  readonly client: Client<S>;
  readonly connection: GrpcClient;
  readonly lines: Lines;
  /** Ends the server as a plugin's end does, with calls in progress. */
  stop(): void;
}

let sockets = 0;

/** A socket's path that nobody else has. */
export const socketPath = (): string => join(tmpdir(), `crosslink-test-${process.pid}-${++sockets}.sock`);

/** Serves on a socket of its own for as long as `use` takes. */
export async function served<S extends DescService>(
  descriptor: S,
  service: Service,
  use: (open: Open<S>) => Promise<void>,
  options: { interceptors?: readonly Interceptor[]; maxReceiveMessageBytes?: number } = {},
): Promise<void> {
  const lines = new Lines();
  const server = newServer(options);
  addServices(server, [service], { ...options, log: lines.log });
  const target = `unix:${socketPath()}`;
  await bind(server, target, ServerCredentials.createInsecure());
  const connection = new GrpcClient(target, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    // Each test has a server of its own, and none is to wait for another's connection.
    'grpc.use_local_subchannel_pool': 1,
  });
  try {
    await use({
      client: clientOf(descriptor, connection),
      connection,
      lines,
      stop: () => server.forceShutdown(),
    });
  } finally {
    connection.close();
    server.forceShutdown();
  }
}

/** Waits until something holds; fails after some seconds, and says what did not come. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`did not come: ${what}`);
}

/** The process of the tests, which a plugin in it neither ends nor listens to, and whose output stays its own. */
export function harmlessEffects(exit: Effects['exit'] = () => {}): Effects {
  const nothing = () => () => {};
  return {
    ...processEffects(),
    printError: () => {},
    divertOutput: nothing,
    onSignal: nothing,
    onUncaught: nothing,
    onExit: nothing,
    exit,
  };
}

/** A process that never ends and prints nowhere. */
export class FakeEffects implements Effects {
  readonly env: Record<string, string | undefined>;
  platform: NodeJS.Platform = 'linux';
  readonly pid = 4711;
  temporaryDirectory: string = tmpdir();
  parentPid = 1000;
  alive = true;
  readonly handshakes: string[] = [];
  readonly errors: string[] = [];
  readonly exits: number[] = [];
  sink: OutputSink | undefined;
  readonly signals = new Map<string, () => void>();
  uncaught: ((error: unknown, origin: string) => void) | undefined;
  readonly exitListeners = new Set<() => void>();
  readonly ticks = new Set<() => void>();

  constructor(env: Record<string, string | undefined> = {}) {
    this.env = { COOKIE: 'yes', PLUGIN_PROTOCOL_VERSIONS: '1', ...env };
  }

  parent(): number {
    return this.parentPid;
  }

  isAlive(): boolean {
    return this.alive;
  }

  printHandshake(line: string): void {
    this.handshakes.push(line);
  }

  printError(text: string): void {
    this.errors.push(text);
  }

  divertOutput(sink: OutputSink): () => void {
    this.sink = sink;
    return () => {
      this.sink = undefined;
    };
  }

  onSignal(signal: NodeJS.Signals, listener: () => void): () => void {
    this.signals.set(signal, listener);
    return () => void this.signals.delete(signal);
  }

  onUncaught(listener: (error: unknown, origin: string) => void): () => void {
    this.uncaught = listener;
    return () => {
      this.uncaught = undefined;
    };
  }

  onExit(listener: () => void): () => void {
    this.exitListeners.add(listener);
    return () => void this.exitListeners.delete(listener);
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  now(): number {
    return Date.now();
  }

  every(_intervalMs: number, listener: () => void): () => void {
    this.ticks.add(listener);
    return () => void this.ticks.delete(listener);
  }

  /** Lets the time of one interval pass. */
  tick(): void {
    for (const listener of this.ticks) listener();
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export const rejected = (code: string, message: string | RegExp) => (error: unknown) => {
  assert.ok(error instanceof RpcError, String(error));
  assert.equal(error.code, code);
  if (typeof message === 'string') assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};
