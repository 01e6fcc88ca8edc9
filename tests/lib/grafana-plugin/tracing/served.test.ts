import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import * as z from 'zod';
import { clientOf, createLogger, serveStandalone } from '#lib/go-plugin';
import {
  createFrame,
  type Datasource,
  datasourceFetch,
  perQuery,
} from '../../../../lib/grafana-plugin/index.ts';
import { datasourceMaker } from '../../../../lib/grafana-plugin/instance-of.ts';
import * as pb from '../../../../lib/grafana-plugin/proto/backend_pb.ts';
import { pluginParts } from '../../../../lib/grafana-plugin/serve.ts';
import { startTracing } from '../../../../lib/grafana-plugin/tracing/start-tracing.ts';
import { withSpan } from '../../../../lib/grafana-plugin/tracing/tracer.ts';
import { eventually, harmlessEffects } from '../../go-plugin/helpers.ts';
import { type Loopback, serve } from '../http/loopback.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const id = 'acme-rocks-datasource';
const traceIdFor = (index: number) => (index + 1).toString(16).padStart(32, 'b');
const metadataFor = (index: number) => ({ traceparent: `00-${traceIdFor(index)}-00f067aa0ba902b7-01` });

/** A whole plugin, asked over gRPC as Grafana asks it, with spans that arrive at a receiver. */
suite('grafana-plugin: a plugin that is traced', () => {
  const open: (() => unknown)[] = [];
  let receiver: Receiver;
  let api: Loopback;
  let log: Record<string, unknown>[];

  const start = async (datasource: (fetch: ReturnType<typeof datasourceFetch>) => Datasource) => {
    receiver = await startReceiver();
    api = await serve();
    log = [];
    const options = {
      id,
      create: (settings: Parameters<typeof datasourceFetch>[0]) => {
        const fetch = datasourceFetch(settings, { env: {} });
        return { ...datasource(fetch), dispose: () => fetch.close() };
      },
    };
    const tracing = await startTracing({
      env: { GF_INSTANCE_OTLP_ADDRESS: receiver.address },
      pluginId: id,
      pluginVersion: '1.2.3',
      warn: (message) => assert.fail(message),
    });
    const logger = createLogger({ write: (line) => log.push(JSON.parse(line)) });
    const parts = pluginParts(options, (its) => datasourceMaker(options, its), logger, tracing);
    const running = await serveStandalone(parts, harmlessEffects());
    const connection = new Client(running.address, credentials.createInsecure());
    let stopped: Promise<void> | undefined;
    const stop = () => {
      connection.close();
      stopped ??= running.stop();
      return stopped;
    };
    open.push(
      () => receiver.close(),
      () => api.close(),
      stop,
    );
    return { data: clientOf(pb.Data, connection), stream: clientOf(pb.Stream, connection), stop };
  };
  const pluginContext = () => ({
    orgId: 1n,
    pluginId: id,
    dataSourceInstanceSettings: { uid: 'rocks-1', name: 'Rocks', url: api.url, lastUpdatedMS: 1n },
  });

  teardown(async () => {
    for (const close of open.splice(0).toReversed()) await close();
  });

  test('each of many queries at once has its spans, its requests and its log lines in its own trace', async () => {
    const { data, stop } = await start((fetch) => ({
      queryData: perQuery(z.object({}), async ({ refId }, { log: own }) => {
        await (await fetch(`/${refId}`)).text();
        own.info('answered', { refId });
        return createFrame({ fields: [] });
      }),
    }));
    const calls = 20;
    await Promise.all(
      Array.from({ length: calls }, (_, index) =>
        data.queryData(
          {
            pluginContext: pluginContext(),
            queries: ['A', 'B'].map((refId) => ({
              refId: `${refId}${index}`,
              queryType: 'range',
              json: Buffer.from('{}'),
            })),
          },
          { metadata: metadataFor(index) },
        ),
      ),
    );
    await stop();

    for (let index = 0; index < calls; index += 1) {
      const mine = receiver.spans.filter((span) => span.traceId === traceIdFor(index));
      const [rpc, endpoint] = ['pluginv2.Data/QueryData', 'sdk.queryData'].map((name) =>
        mine.find((span) => span.name === name),
      );
      assert.deepEqual([rpc?.parentSpanId, endpoint?.parentSpanId], ['00f067aa0ba902b7', rpc?.spanId]);
      for (const refId of [`A${index}`, `B${index}`]) {
        const query = mine.find((span) => span.attributes.ref_id === refId);
        const request = mine.find((span) => span.attributes['http.url'] === `${api.url}/${refId}`);
        assert.deepEqual([query?.parentSpanId, request?.parentSpanId], [endpoint?.spanId, query?.spanId]);
        const asked = api.asked.find(({ line }) => line === `GET /${refId}`);
        assert.equal(asked?.headers.traceparent, `00-${traceIdFor(index)}-${request?.spanId}-01`);
        assert.equal(log.find((line) => line.refId === refId)?.traceId, traceIdFor(index));
      }
      assert.equal(mine.length, 6);
    }
  });

  test('a stream that is left has one span, which is cancelled, and what it did below it', async () => {
    const { stream, stop } = await start(() => ({
      async *runStream() {
        for (let sent = 0; ; sent += 1) {
          await withSpan('make', { sent }, () => pause(1));
          yield { json: { sent } };
        }
      },
    }));
    const read = async (index: number) => {
      let count = 0;
      const request = { pluginContext: pluginContext(), path: 'stream' };
      for await (const _ of stream.runStream(request, { metadata: metadataFor(index) })) {
        await pause(index);
        count += 1;
        if (count === 3) break;
      }
    };
    await Promise.all([read(0), read(1), read(2)]);
    // The plugin hears of it a moment later.
    const seen = () => log.filter((line) => line['@message'] === 'Plugin Request Completed').length;
    await eventually('the end of each stream', () => seen() === 3);
    await stop();
    for (let index = 0; index < 3; index += 1) {
      const mine = receiver.spans.filter((span) => span.traceId === traceIdFor(index));
      const [run, ...more] = mine.filter((span) => span.name === 'sdk.runStream');
      assert.deepEqual([more.length, run?.attributes.request_status, run?.status.code], [0, 'cancelled', 0]);
      const made = mine.filter((span) => span.name === 'make');
      assert.ok(made.length >= 3);
      assert.ok(made.every((span) => span.parentSpanId === run?.spanId));
      const rpc = mine.find((span) => span.name === 'pluginv2.Stream/RunStream');
      assert.deepEqual([rpc?.attributes['rpc.response.status_code'], rpc?.status.code], ['CANCELLED', 0]);
    }
  });
});
