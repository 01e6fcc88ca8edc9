/**
 * How fast traces are written and read, beside Jaeger's own remote storage server with badger and in memory where Go can
 * build it: all of them through gRPC, from the same client, one server after the other.
 *
 *     npm run bench:traces                       # a million spans, some minutes for each server
 *     npm run bench:traces -- --spans 100000 --servers crosslink
 *
 * Client and server share the machine: the client's part of the processor is the same for all of them.
 */
import { execFile } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import * as z from 'zod';
import { load } from './figures.ts';
import { connect } from './traces/connection.ts';
import { type Latency, measureQueries, type QueryName, queryNames } from './traces/queries.ts';
import { type Server, type ServerName, serverNames, startServer } from './traces/servers.ts';
import { Batches, spansPerBatch, tracesPerBatch } from './traces/spans.ts';

const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '1000000' },
    servers: { type: 'string', default: serverNames.join(',') },
  },
});
const batchCount = Math.round(Number(values.spans) / spansPerBatch);
const wanted = z.array(z.enum(serverNames)).parse(values.servers.split(','));
const runs: Record<QueryName, number> = {
  ...{ getTrace: 2000, service: 300, operation: 300, rareTag: 300, commonTag: 300, noTag: 300 },
};
/** Spans written one at a time, after the batches: on top of all that is there already. */
const oneByOne = { unary: 20, stream: 60 };

const Written = z.object({ spans: z.number(), seconds: z.number() });
const hour = 3_600_000_000_000n;
const traces = batchCount * tracesPerBatch;
const clock = {
  firstStart: BigInt(Date.now()) * 1_000_000n - hour,
  step: hour / BigInt(traces + (oneByOne.unary + oneByOne.stream) * tracesPerBatch),
};

interface Figures {
  /** Spans a second */
  readonly otlp: number;
  readonly unary: number | undefined;
  readonly stream: number | undefined;
  readonly queries: Readonly<Record<QueryName, Latency>>;
  readonly bytesPerSpan: number;
  readonly memory: { readonly now: number; readonly peak: number };
}

console.log(
  `${batchCount * spansPerBatch} spans of 11 attributes in batches of ${spansPerBatch}; ${cpus()[0]?.model.trim()}, ` +
    `${availableParallelism()} processors, load ${load()}, Node ${process.version}`,
);
const figures = new Map<ServerName, Figures>();
for (const name of wanted) {
  const server = await startServer(name);
  if (server === undefined) continue;
  try {
    figures.set(name, await measure(server));
  } finally {
    await server.stop();
  }
}
print();

async function measure(server: Server): Promise<Figures> {
  const otlp = await write('otlp', server, 0, batchCount);
  const bytes = await server.fileBytes();
  const client = connect(server.address);
  const queries = await measureQueries(client, new Batches(clock), traces, runs);
  client.close();
  const memory = await server.memory();
  const unary = await write('unary', server, batchCount, oneByOne.unary).catch(notOffered);
  const stream = await write('stream', server, batchCount + oneByOne.unary, oneByOne.stream).catch(
    notOffered,
  );
  return {
    ...{ otlp, unary, stream, queries, memory },
    bytesPerSpan: bytes / (batchCount * spansPerBatch),
  };
}

async function write(how: string, server: Server, first: number, count: number): Promise<number> {
  const program = join(import.meta.dirname, 'traces/load.ts');
  const args = [how, server.address, first, count, clock.firstStart, clock.step].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
  const { spans, seconds } = Written.parse(JSON.parse(stdout));
  return spans / seconds;
}

/** Jaeger's own server of today has no streaming writer. */
function notOffered(error: Error): undefined {
  if (!/UNIMPLEMENTED/.test(String(error))) throw error;
}

function print(): void {
  const names = [...figures.keys()];
  const line = (what: string, cell: (one: Figures) => string, target = '') => {
    const cells = names.map((name) => cell(figures.get(name) as Figures).padStart(14));
    console.log(`${what.padEnd(36)}${cells.join('')}  ${target}`.trimEnd());
  };
  const rate = (value: number | undefined) =>
    value === undefined ? '-' : `${Math.round(value).toLocaleString('en')}/s`;
  console.log(`\n${''.padEnd(36)}${names.map((name) => name.padStart(14)).join('')}`);
  line(
    'written, OTLP batches',
    ({ otlp }) => rate(otlp),
    verdict(({ otlp }) => otlp >= 30_000, '30,000/s'),
  );
  line('written, one a call (50 at once)', ({ unary }) => rate(unary));
  line('written, one a message (50 streams)', ({ stream }) => rate(stream));
  for (const [name, title] of Object.entries(queryNames) as [QueryName, string][]) {
    const limit = name === 'getTrace' ? 10 : 100;
    line(
      title,
      ({ queries }) => `${queries[name].p50.toFixed(1)} / ${queries[name].p99.toFixed(1)}`,
      verdict(({ queries }) => queries[name].p99 < limit, `p50 / p99 in ms, p99 < ${limit}`),
    );
  }
  line('on disk, bytes a span', ({ bytesPerSpan }) => (bytesPerSpan < 1 ? '-' : bytesPerSpan.toFixed(0)));
  line('resident, MB now', ({ memory }) => memory.now.toFixed(0));
  line(
    'resident, MB at most',
    ({ memory }) => memory.peak.toFixed(0),
    verdict(({ memory }) => memory.peak < 300, '300'),
  );
}

function verdict(holds: (ours: Figures) => boolean, target: string): string {
  const ours = figures.get('crosslink');
  return ours === undefined ? target : `${target}: ${holds(ours) ? 'met' : 'MISSED'}`;
}
