import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Client } from '@grpc/grpc-js';
import {
  FindTracesRequestSchema,
  GetTracesRequestSchema,
} from '../../lib/jaeger-storage/proto/trace_storage_pb.ts';
import { readSpans } from '../../lib/jaeger-storage/spans/read-spans.ts';
import { serverStream } from './connection.ts';
import { type Batches, spansPerTrace, traceIdOf, tracesPerBatch, userOf } from './spans.ts';

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  /** Spans in an answer, on average. */
  readonly spans: number;
}

export const queryNames = {
  getTrace: 'get-trace',
  service: 'find-traces: service, 5 minutes',
  operation: 'find-traces: service, operation',
  rareTag: 'find-traces: service, rare tag',
  commonTag: 'find-traces: service, common tag',
  noTag: 'find-traces: service, tag not there',
} as const;
export type QueryName = keyof typeof queryNames;

/** Reads through storage_v2, one call after the other, each with another trace or value; milliseconds. */
export async function measureQueries(
  client: Client,
  batches: Batches,
  traces: number,
  runs: Readonly<Record<QueryName, number>>,
): Promise<Record<QueryName, Latency>> {
  // The first and the last batch have halves of traces only.
  const some = (i: number) => tracesPerBatch + ((i * 104_729) % (traces - 2 * tracesPerBatch));
  const service = (i: number) => `service-${i % 10}`;
  const minutes = 60_000_000_000n;
  const last = batches.startOf(traces);
  const whole = { startTimeMin: time(0n), startTimeMax: time(last + 60n * minutes) };
  const requests: Record<QueryName, (i: number) => [path: string, request: Buffer]> = {
    getTrace: (i) => [
      'GetTraces',
      encoded(GetTracesRequestSchema, { query: [{ traceId: traceIdOf(some(i)) }] }),
    ],
    service: (i) => {
      const from = batches.startOf(some(i));
      return find({
        serviceName: service(i),
        startTimeMin: time(from),
        startTimeMax: time(from + 5n * minutes),
      });
    },
    operation: (i) =>
      find({ serviceName: service(i), operationName: `GET /api/resource-${i % 20}`, ...whole }),
    rareTag: (i) => find({ serviceName: service(i), ...tag('user.id', userOf(some(i))), ...whole }),
    commonTag: (i) => find({ serviceName: service(i), ...tag('http.response.status_code', '500'), ...whole }),
    noTag: (i) => find({ serviceName: service(i), ...tag('user.id', `nobody-${i}`), ...whole }),
  };
  const results: [string, Latency][] = [];
  for (const [name, request] of Object.entries(requests)) {
    results.push([name, await measure(client, request, runs[name as QueryName], name as QueryName)]);
  }
  return Object.fromEntries(results) as Record<QueryName, Latency>;
}

async function measure(
  client: Client,
  request: (i: number) => [path: string, request: Buffer],
  runs: number,
  name: QueryName,
): Promise<Latency> {
  const times: number[] = [];
  let spans = 0;
  // What a server does for the first time since it was started is another figure.
  for (let i = 0; i < 50; i++) {
    const [path, bytes] = request(runs + i);
    await serverStream(client, `/jaeger.storage.v2.TraceReader/${path}`, bytes);
  }
  for (let i = 0; i < runs; i++) {
    const [path, bytes] = request(i);
    const start = performance.now();
    const answer = await serverStream(client, `/jaeger.storage.v2.TraceReader/${path}`, bytes);
    times.push(performance.now() - start);
    for (const message of answer) {
      spans += readSpans({ format: 'otlp', bytes: new Uint8Array(message) }).length;
    }
  }
  check(name, spans / runs);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] as number;
  return { p50: at(0.5), p99: at(0.99), spans: spans / runs };
}

/** A fast answer that is wrong would be no figure. */
function check(name: QueryName, spans: number): void {
  const least = { getTrace: spansPerTrace, noTag: 0 }[name as string] ?? spansPerTrace;
  if (spans < least || (name === 'noTag' && spans > 0)) {
    throw new Error(`${queryNames[name]}: ${spans} spans an answer, which can't be right`);
  }
}

function find(query: MessageInitShape<typeof FindTracesRequestSchema>['query']): [string, Buffer] {
  return ['FindTraces', encoded(FindTracesRequestSchema, { query: { searchDepth: 20, ...query } })];
}

function tag(key: string, value: string) {
  return { attributes: [{ key, value: { value: { case: 'stringValue' as const, value } } }] };
}

function time(ns: bigint) {
  return { seconds: ns / 1_000_000_000n, nanos: Number(ns % 1_000_000_000n) };
}

function encoded<S extends DescMessage>(schema: S, message: MessageInitShape<S>): Buffer {
  return Buffer.from(toBinary(schema, create(schema, message)));
}
