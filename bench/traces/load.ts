/**
 * A process that writes spans to a server and prints how long that took, as JSON. Its own, so that it has its own
 * processor time, as a Jaeger collector has.
 *
 *     node bench/traces/load.ts otlp|unary|stream ADDRESS FIRST-BATCH BATCHES FIRST-START STEP
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Client } from '@grpc/grpc-js';
import { toJaeger } from '../../lib/jaeger-storage/convert/to-jaeger.ts';
import {
  SpansResponseChunkSchema,
  WriteSpanRequestSchema,
} from '../../lib/jaeger-storage/proto/storage_v1_pb.ts';
import { clientStream, connect, unary } from './connection.ts';
import { Batches, spansPerBatch } from './spans.ts';

const [how, address = '', first, count, firstStart, step] = process.argv.slice(2);
const batches = new Batches({ firstStart: BigInt(firstStart as string), step: BigInt(step as string) });
const indices = Array.from({ length: Number(count) }, (_, i) => Number(first) + i);
/** As many as there are workers in Jaeger's collector by default. */
const workers = how === 'otlp' ? 4 : 50;
const clients = Array.from({ length: how === 'otlp' ? 2 : 1 }, () => connect(address));

const ways: Readonly<Record<string, () => Promise<number>>> = { otlp, unary: unaryCalls, stream };
const way = ways[how ?? ''];
if (way === undefined) throw new Error(`no such way to write: ${how}`);
// One call before the clock starts: the connection is there, and both sides are warm enough to count.
await unary(clients[0] as Client, '/grpc.health.v1.Health/Check', Buffer.alloc(0)).catch(() => undefined);
const seconds = await way();
for (const client of clients) client.close();
console.log(JSON.stringify({ spans: indices.length * spansPerBatch, seconds }));

async function otlp(): Promise<number> {
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  return timed(async () => {
    await inTurns(indices, async (index, worker) => {
      await unary(clients[worker % clients.length] as Client, path, batches.batch(index));
    });
  });
}

async function unaryCalls(): Promise<number> {
  const requests = writeRequests();
  return timed(async () => {
    await inTurns(requests, async (request) => {
      await unary(clients[0] as Client, '/jaeger.storage.v1.SpanWriterPlugin/WriteSpan', request);
    });
  });
}

async function stream(): Promise<number> {
  const requests = writeRequests();
  return timed(async () => {
    await Promise.all(
      Array.from({ length: workers }, async (_, worker) => {
        const share = requests.filter((_, i) => i % workers === worker);
        await clientStream(
          clients[0] as Client,
          '/jaeger.storage.v1.StreamingSpanWriterPlugin/WriteSpanStream',
          share,
        );
      }),
    );
  });
}

/** One span each, in Jaeger's model. Made before the clock starts. */
function writeRequests(): Buffer[] {
  return indices.flatMap((index) => {
    const { bytes } = toJaeger({ format: 'otlp', bytes: new Uint8Array(batches.batch(index)) });
    return fromBinary(SpansResponseChunkSchema, bytes).spans.map((span) =>
      Buffer.from(toBinary(WriteSpanRequestSchema, create(WriteSpanRequestSchema, { span }))),
    );
  });
}

async function inTurns<T>(
  work: readonly T[],
  one: (item: T, worker: number) => Promise<void>,
): Promise<void> {
  const rest = work.values();
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      for (const item of rest) await one(item, worker);
    }),
  );
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
