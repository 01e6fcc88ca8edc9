import { Client as Connection, credentials } from '@grpc/grpc-js';
import * as z from 'zod';
import { clientOf, createLogger, type Effects, processEffects, serveStandalone } from '#lib/go-plugin';
import type { Health, StreamStatus } from '../datasource.ts';
import { datasourceMaker } from '../instance-of.ts';
import * as pb from '../proto/backend_pb.ts';
import { type DatasourceOptions, pluginParts } from '../serve.ts';
import {
  answerOf,
  bytesOf,
  callOptions,
  contextOf,
  jsonOf,
  queryOf,
  streamStatus,
  type TestAnswer,
  type TestFrom,
  type TestQuery,
} from './wire-form.ts';

export interface TestResource {
  readonly status: number;
  readonly headers: Headers;
  /** In the pieces in which it came. */
  readonly pieces: readonly Uint8Array[];
  readonly text: string;
}

export interface TestPlugin {
  query(queries: readonly TestQuery[], from?: TestFrom): Promise<ReadonlyMap<string, TestAnswer>>;
  checkHealth(from?: TestFrom): Promise<Health>;
  callResource(
    method: string,
    url: string,
    init?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Uint8Array },
    from?: TestFrom,
  ): Promise<TestResource>;
  /** @returns with what the subscriber gets at once: parsed JSON */
  subscribe(
    path: string,
    data?: unknown,
    from?: TestFrom,
  ): Promise<{ status: StreamStatus; initialData: unknown }>;
  publish(path: string, data: unknown, from?: TestFrom): Promise<{ status: StreamStatus; data: unknown }>;
  /** Packets as parsed JSON. To leave the loop is to hang up. */
  run(path: string, data?: unknown, from?: TestFrom): AsyncIterable<unknown>;
  /** Prometheus' text. */
  metrics(): Promise<string>;
  /** What the plugin has logged, a record a line. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const healthStatuses = ['unknown', 'ok', 'error'] as const;
const LogLine = z.record(z.string(), z.unknown());

/**
 * Serves a datasource in this process, and calls it as Grafana does: over gRPC, with everything in its wire form.
 * @example await using plugin = await startTestPlugin({ id: 'acme-things-datasource', create });
 */
export async function startTestPlugin<JsonData>(options: DatasourceOptions<JsonData>): Promise<TestPlugin> {
  const log: Readonly<Record<string, unknown>>[] = [];
  const logger = createLogger({ write: (line) => log.push(LogLine.parse(JSON.parse(line))) });
  const { services, metrics, ...rest } = pluginParts(
    options,
    (its) => datasourceMaker(options, its),
    logger,
    undefined,
  );
  const running = await serveStandalone({ services, ...rest }, harmlessEffects());
  const connection = new Connection(running.address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  const data = clientOf(pb.Data, connection);
  const diagnostics = clientOf(pb.Diagnostics, connection);
  const resource = clientOf(pb.Resource, connection);
  const stream = clientOf(pb.Stream, connection);
  const message = ({ headers = {}, ...from }: TestFrom) => ({
    pluginContext: contextOf(options.id, from),
    headers,
  });
  const stop = async () => {
    connection.close();
    await running.stop();
  };

  return {
    async query(queries, from = {}) {
      const format = from.format === 'json' ? pb.DataFrameFormat.JSON : pb.DataFrameFormat.ARROW;
      const request = {
        ...message(from),
        queries: queries.map(queryOf),
        format,
      };
      const { responses } = await data.queryData(request, callOptions(from));
      return new Map(
        await Promise.all(
          Object.entries(responses).map(
            async ([refId, response]) => [refId, await answerOf(response)] as const,
          ),
        ),
      );
    },

    async checkHealth(from = {}) {
      const {
        status,
        message: said,
        jsonDetails,
      } = await diagnostics.checkHealth(message(from), callOptions(from));
      const details = jsonOf(jsonDetails);
      return {
        status: healthStatuses[status] ?? 'unknown',
        message: said,
        ...(details === undefined ? {} : { details: LogLine.parse(details) }),
      };
    },

    async callResource(method, url, { headers = {}, body = '' } = {}, from = {}) {
      const pieces: Uint8Array[] = [];
      let first: pb.CallResourceResponse | undefined;
      const request = {
        pluginContext: contextOf(options.id, from),
        ...{ method, url, path: url.split('?')[0] ?? '' },
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, { values: [value] }]),
        ),
        body: typeof body === 'string' ? encoder.encode(body) : new Uint8Array(body),
      };
      for await (const response of resource.callResource(request, callOptions(from))) {
        first ??= response;
        if (response.body.length > 0) pieces.push(response.body);
      }
      const received = new Headers();
      for (const [name, { values }] of Object.entries(first?.headers ?? {})) {
        for (const value of values) received.append(name, value);
      }
      return {
        status: first?.code ?? 0,
        headers: received,
        pieces,
        text: decoder.decode(Buffer.concat(pieces)),
      };
    },

    async subscribe(path, sent, from = {}) {
      const answer = await stream.subscribeStream(
        { ...message(from), path, data: bytesOf(sent) },
        callOptions(from),
      );
      return { status: streamStatus(answer.status), initialData: jsonOf(answer.data) };
    },

    async publish(path, sent, from = {}) {
      const answer = await stream.publishStream(
        { ...message(from), path, data: bytesOf(sent) },
        callOptions(from),
      );
      return { status: streamStatus(answer.status), data: jsonOf(answer.data) };
    },

    async *run(path, sent, from = {}) {
      const request = { ...message(from), path, data: bytesOf(sent) };
      for await (const packet of stream.runStream(request, callOptions(from))) yield jsonOf(packet.data);
    },

    async metrics() {
      const answer = await diagnostics.collectMetrics({});
      return decoder.decode(answer.metrics?.prometheus);
    },

    log,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A plugin ends its process and catches what nobody else does. In a test that would be the test's own. */
function harmlessEffects(): Effects {
  const nothing = () => () => {};
  return {
    ...processEffects(),
    printError: () => {},
    divertOutput: nothing,
    onSignal: nothing,
    onUncaught: nothing,
    onExit: nothing,
    exit: () => {},
  };
}
