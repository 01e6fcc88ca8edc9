import { type ChildProcess, spawn } from 'node:child_process';
import type { Client as GrpcClient } from '@grpc/grpc-js';
import { projectFolder } from '#src/local';
import { as, encode } from '../lib/jaeger-storage/contract/fixtures.ts';
import { spansIn } from '../lib/jaeger-storage/contract/read-back.ts';
import { unary } from '../lib/jaeger-storage/grpc/raw-calls.ts';
import { EXPORT, WRITE_SPAN } from '../lib/jaeger-storage/grpc/remote-store.ts';
import { connect } from '../lib/jaeger-storage/grpc/serving.ts';
import { v2Client } from '../lib/jaeger-storage/grpc/v2-client.ts';
import { otlpOf, traceOf } from '../lib/jaeger-storage/sqlite/stores.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface TraceServer {
  readonly child: ChildProcess;
  readonly url: string;
  readonly grpc: string;
  readonly connection: GrpcClient;
  readonly ended: Promise<Ended>;
  /** What it has written to stderr so far. */
  said(): string;
  /** Ends it, and waits for that. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

/**
 * `crosslink traces serve` on free ports, as a user starts it.
 * @param prelude - what the shell does first, such as `ulimit`
 * @returns undefined: it ended before it served
 */
export async function startServer(
  folder: string,
  { args = [], prelude = ':' }: { readonly args?: readonly string[]; readonly prelude?: string } = {},
): Promise<{ readonly server: TraceServer | undefined; readonly ended: Promise<Ended> }> {
  const ports = ['--http', '127.0.0.1:0', '--grpc', '127.0.0.1:0'];
  const child = spawn(
    'sh',
    [
      '-c',
      `${prelude}; exec ./crosslink "$@"`,
      'sh',
      'traces',
      'serve',
      '--folder',
      folder,
      ...ports,
      ...args,
    ],
    { cwd: projectFolder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let stderr = '';
  const serving = Promise.withResolvers<boolean>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (stderr.includes('Ctrl-C ends it')) serving.resolve(true);
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stderr }));
  });
  void ended.then(() => serving.resolve(false));
  if (!(await serving.promise)) return { server: undefined, ended };
  const url = /OTLP over HTTP +(\S+)/.exec(stderr)?.[1] ?? '';
  const grpc = /Jaeger storage, OTLP +(\S+)/.exec(stderr)?.[1] ?? '';
  const connection = connect(grpc);
  return {
    ended,
    server: {
      ...{ child, url, grpc, connection, ended },
      said: () => stderr,
      async end(signal) {
        child.kill(signal);
        const how = await ended;
        connection.close();
        return how;
      },
    },
  };
}

/** How many spans of each trace the server has. */
export async function spansOf(
  { connection }: Pick<TraceServer, 'connection'>,
  traces: readonly number[],
): Promise<Map<number, number>> {
  const store = v2Client(connection, async () => {});
  const wanted = traces.map((trace) => ({ traceId: idOf(trace) }));
  const counts = new Map(traces.map((trace) => [trace, 0]));
  for await (const { traceId, spans } of store.traces(wanted, as(''))) {
    const trace = Number.parseInt(Buffer.from(traceId).toString('hex'), 16);
    counts.set(trace, (counts.get(trace) ?? 0) + spansIn([...spans]).length);
  }
  return counts;
}

export function idOf(trace: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(trace.toString(16).padStart(32, '0'), 'hex'));
}

export interface Load {
  /** Traces that were acknowledged, by their number, with the spans of each. */
  readonly acknowledged: Map<number, number>;
  /** What requests that were not acknowledged ended with. */
  readonly failures: unknown[];
  /** Resolves when so many more requests of each kind were acknowledged, or when one failed. */
  more(requests: number): Promise<void>;
  /** Begins no more; resolves when all that began are answered. */
  stop(): Promise<void>;
}

const spansPerTrace = 3;

/** Writes without end, in the three ways that there are, several at a time in each, until a request fails. */
export function startLoad({ url, connection }: Pick<TraceServer, 'url' | 'connection'>): Load {
  const acknowledged = new Map<number, number>();
  const failures: unknown[] = [];
  let next = 1;
  let isStopping = false;
  const done = [0, 0, 0];
  const waiting: { readonly wanted: readonly number[]; readonly resolve: () => void }[] = [];
  const look = () => {
    for (const { wanted, resolve } of waiting) {
      if (failures.length > 0 || done.every((count, n) => count >= (wanted[n] ?? 0))) resolve();
    }
  };
  const batch = () => Array.from({ length: 20 }, () => next++);
  const ways: readonly (() => Promise<void>)[] = [
    async () => {
      const traces = batch();
      await unary(connection, EXPORT, otlpOf(...traces.map((trace) => traceOf(trace, spansPerTrace))).bytes);
      for (const trace of traces) acknowledged.set(trace, spansPerTrace);
    },
    async () => {
      const trace = next++;
      await unary(connection, WRITE_SPAN, encode('jaeger', traceOf(trace, 1)).bytes);
      acknowledged.set(trace, 1);
    },
    async () => {
      const traces = batch();
      const answer = await fetch(`${url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: otlpOf(...traces.map((trace) => traceOf(trace, spansPerTrace))).bytes,
      });
      await answer.bytes();
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      for (const trace of traces) acknowledged.set(trace, spansPerTrace);
    },
  ];
  const keepOn = async (way: () => Promise<void>, n: number) => {
    while (!isStopping) {
      try {
        await way();
        done[n] = (done[n] ?? 0) + 1;
      } catch (error) {
        failures.push(error);
        isStopping = true;
      }
      look();
    }
  };
  const writing = ways.flatMap((way, n) => Array.from({ length: 6 }, () => keepOn(way, n)));
  return {
    acknowledged,
    failures,
    more: (requests) =>
      new Promise((resolve) => {
        waiting.push({ wanted: done.map((count) => count + requests), resolve });
        look();
      }),
    async stop() {
      isStopping = true;
      await Promise.all(writing);
    },
  };
}
