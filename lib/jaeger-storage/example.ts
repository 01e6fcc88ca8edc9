import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { createLogger } from 'crosslink/go-plugin';
import {
  openSqliteStore,
  otlpHttp,
  readSpans,
  remoteTraces,
  serveTraceStorage,
} from 'crosslink/jaeger-storage';

/** Serves a store, sends it a span as any program would, and @returns what Jaeger would read of it. */
export async function example(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'traces-'));
  const traces = await openSqliteStore({ folder });
  const log = createLogger({ level: 'warn' });
  const storage = await serveTraceStorage({ traces, addresses: ['127.0.0.1:0'], log });
  const receiver = await otlpHttp({ traces, port: 0 });

  const span = {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    name: 'buy',
    startTimeUnixNano: '1795315402794000000',
    endTimeUnixNano: '1795315402804000000',
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  await fetch(`${receiver.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });

  const jaeger = remoteTraces({ address: storage.addresses[0] ?? '' });
  const asked = { tenant: '', signal: AbortSignal.timeout(10_000) };
  const found: string[] = [];
  for await (const { spans } of jaeger.findTraces({ service: 'shop', limit: 20 }, asked)) {
    for (const { resource, operation, durationNs } of spans.flatMap((encoded) => readSpans(encoded))) {
      found.push(`${resource.service}: ${operation}, ${durationNs / 1_000_000n} ms`);
    }
  }

  await jaeger.close();
  await receiver.close();
  await storage.stop();
  await traces.close();
  await rm(folder, { recursive: true });
  return found;
}

if (argv[1] === import.meta.filename) console.log(await example());
