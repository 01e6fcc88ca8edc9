import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { freePorts, Jaeger, program, type Storage, startStorage } from './jaeger.ts';
import { answersQueries, call } from './queries.ts';

/** Jaeger 2.13 with our storage as its backend `grpc`, which speaks storage_v2. */

suite('Jaeger 2 with a remote storage', () => {
  let folder: string;
  let storage: Storage;
  let jaeger: Jaeger;

  suiteSetup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosslink-jaeger-2-'));
    storage = await startStorage();
    const [queryHttp = 0, queryGrpc, otlpHttp = 0, otlpGrpc] = await freePorts(4);
    const backend = (endpoint: string) => ({ grpc: { endpoint, tls: { insecure: true } } });
    const config = {
      service: {
        extensions: ['jaeger_storage', 'jaeger_query'],
        pipelines: {
          traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] },
        },
        telemetry: { metrics: { level: 'none' } },
      },
      extensions: {
        jaeger_storage: {
          backends: { main: backend(storage.address), archive: backend(storage.archiveAddress) },
        },
        jaeger_query: {
          storage: { traces: 'main', traces_archive: 'archive' },
          // It would wait at its end for somebody to take its own spans.
          enable_tracing: false,
          http: { endpoint: `127.0.0.1:${queryHttp}` },
          grpc: { endpoint: `127.0.0.1:${queryGrpc}` },
        },
      },
      receivers: {
        otlp: {
          protocols: {
            grpc: { endpoint: `127.0.0.1:${otlpGrpc}` },
            http: { endpoint: `127.0.0.1:${otlpHttp}` },
          },
        },
      },
      processors: { batch: null },
      exporters: { jaeger_storage_exporter: { trace_storage: 'main' } },
    };
    const file = join(folder, 'jaeger.yaml');
    // JSON is YAML as well.
    await writeFile(file, JSON.stringify(config));
    jaeger = new Jaeger(program('jaeger2'), ['--config', `file:${file}`], { queryHttp, otlpHttp });
    await jaeger.ready();
  });
  suiteTeardown(async () => {
    await jaeger.stop();
    await storage.stop();
    await rm(folder, { recursive: true });
  });

  answersQueries(
    () => jaeger,
    () => storage.purge(),
  );

  test('api_v3 answers as well', async () => {
    const [client, server] = call();
    await jaeger.export([client, server]);
    await jaeger.until(async () => {
      const { services } = z
        .object({ services: z.array(z.string()) })
        .parse(await jaeger.get('/api/v3/services'));
      assert.deepEqual([...services].sort(), ['shop', 'stock']);
    });
    const operations = z
      .object({ operations: z.array(z.object({ name: z.string(), spanKind: z.string() })) })
      .parse(await jaeger.get('/api/v3/operations', { service: 'stock' }));
    assert.deepEqual(operations, { operations: [{ name: 'take', spanKind: 'server' }] });

    const spans = (answer: unknown) =>
      Answer.parse(answer).result.resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans),
      );
    assert.deepEqual(
      spans(await jaeger.get(`/api/v3/traces/${client.traceId}`))
        .map(({ spanId, name, attributes }) => `${spanId} ${name} ${attributes.map(({ key }) => key).sort()}`)
        .sort(),
      [`${client.spanId} buy order.id,price`, `${server.spanId} take gone,text`].sort(),
    );
    const query = {
      'query.service_name': 'shop',
      'query.start_time_min': new Date(client.startMs - 60_000).toISOString(),
      'query.start_time_max': new Date(client.startMs + 60_000).toISOString(),
      'query.duration_min': '100ms',
      'query.search_depth': '5',
    };
    assert.equal(spans(await jaeger.get('/api/v3/traces', query)).length, 2);
    const missing = await jaeger.fetch(`/api/v3/traces/${randomBytes(16).toString('hex')}`);
    assert.equal(missing.status, 404, await missing.text());
  });

  test('an archived trace is kept by the other storage', async () => {
    const [client, server] = call();
    await jaeger.export([client, server]);
    await jaeger.until(() => jaeger.ui(`/traces/${client.traceId}`));
    const archived = await jaeger.fetch(`/api/archive/${client.traceId}`, { method: 'POST' });
    assert.equal(archived.status, 200, await archived.text());
    await storage.purge({ keepArchive: true });
    assert.deepEqual((await jaeger.ui('/services')) ?? [], []);
    assert.deepEqual(await jaeger.spanIds(client.traceId), [client.spanId, server.spanId].sort());
  });
});

const Answer = z.object({
  result: z.object({
    resourceSpans: z.array(
      z.object({
        scopeSpans: z.array(
          z.object({
            spans: z.array(
              z.object({
                spanId: z.string(),
                name: z.string(),
                attributes: z.array(z.object({ key: z.string() })),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});
