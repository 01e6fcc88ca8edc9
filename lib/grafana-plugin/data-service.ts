import type { MessageInitShape } from '@bufbuild/protobuf';
import { implement, RpcError, type Service } from '#lib/go-plugin';
import type { Query, QueryChunk, QueryDataRequest, QueryResponse, QueryResult } from './datasource.ts';
import { errorOf, isCancelled, messageOf, sourceOf, statusOf } from './errors.ts';
import type { Frame } from './frame/frame.ts';
import { encodeFrame, type FrameFormat } from './frame-format.ts';
import { observe, observeEach } from './observe.ts';
import type { Outcome } from './outcome.ts';
import { jsonFrom } from './plugin-context.ts';
import * as pb from './proto/backend_pb.ts';
import { entriesOf, failed } from './query-results.ts';
import { noSuchMethod, type Runtime } from './runtime.ts';
import { forwardedScope } from './scope-of.ts';
import { withMore } from './with-more.ts';

type DataResponse = MessageInitShape<typeof pb.DataResponseSchema>;
type Chunk = MessageInitShape<typeof pb.QueryChunkedDataResponseSchema>;

export function dataService(runtime: Runtime): Service {
  return implement(pb.Data, {
    queryData: (message, call) =>
      observe(runtime, forwardedScope('queryData', call, message, runtime), async (request, outcome) => {
        const format = knownFormat(message.format);
        const queries = message.queries.map((query) => new ReceivedQuery(query));
        const responses: Record<string, DataResponse> = Object.create(null);
        for (const [refId, result] of await answers(runtime, withMore(request, { queries }))) {
          const { frames, error, status } = encoded(refId, result, format);
          responses[refId] = { frames, format, status };
          if (error === undefined) continue;
          const errorSource = sourceOf(error);
          note(outcome, error);
          Object.assign(responses[refId], { error: messageOf(error), errorSource });
          request.log.error('Partial data response error', {
            refID: refId,
            status,
            error,
            statusSource: errorSource,
          });
        }
        return { responses };
      }),

    queryChunkedData: (message, call) =>
      observeEach(
        runtime,
        forwardedScope('queryChunkedData', call, message, runtime),
        async (request, outcome) => {
          const format = knownFormat(message.format);
          const queries = message.queries.map((query) => new ReceivedQuery(query));
          const instance = await runtime.instance(request.context);
          if (instance.queryChunkedData === undefined) throw noSuchMethod('queryChunkedData');
          return chunks(instance.queryChunkedData(withMore(request, { queries })), format, outcome);
        },
      ),
  });
}

/** What the instance says, or, where there can be none, why not for each query: so that every panel shows it. */
async function answers(
  runtime: Runtime,
  request: QueryDataRequest,
): Promise<Iterable<readonly [string, QueryResult]>> {
  let instance: Awaited<ReturnType<Runtime['instance']>>;
  try {
    instance = await runtime.instance(request.context);
  } catch (error) {
    return failed(request.queries, error);
  }
  if (instance.queryData === undefined) throw noSuchMethod('queryData');
  return entriesOf(await instance.queryData(request));
}

/** A query whose frames can't be put on the wire fails alone, like one that can't be answered. */
function encoded(
  refId: string,
  result: QueryResult,
  format: FrameFormat,
): { frames: Uint8Array[]; error: Error | undefined; status: number } {
  try {
    const { frames = [], error, status } = responseOf(result);
    const bytes = frames.map((frame) => encodeFrame(frame, refId, format));
    // Grafana reads 0 as 500, also where there is no error.
    return {
      frames: bytes,
      error,
      status: validStatus(status) ?? (error === undefined ? 200 : statusOf(error)),
    };
  } catch (reason) {
    return { frames: [], error: errorOf(reason), status: statusOf(reason) };
  }
}

async function* chunks(
  pieces: AsyncIterable<QueryChunk>,
  format: FrameFormat,
  outcome: Outcome,
): AsyncGenerator<Chunk> {
  // A frame's first piece says what its fields are. In JSON the later ones must not.
  const begun = new Set<string>();
  const failed = (refId: string, error: Error, status = statusOf(error)): Chunk => {
    note(outcome, error);
    return { refId, format, status, error: messageOf(error), errorSource: sourceOf(error) };
  };
  for await (const piece of pieces) {
    if ('error' in piece) {
      yield failed(piece.refId, piece.error, validStatus(piece.status));
      continue;
    }
    const { refId, frameId } = piece;
    const key = JSON.stringify([refId, frameId]);
    let frame: Uint8Array;
    try {
      frame = encodeFrame(piece.frame, refId, format, begun.has(key) ? 'data' : 'all');
    } catch (error) {
      yield failed(refId, errorOf(error));
      continue;
    }
    begun.add(key);
    yield { refId, frameId, frame, format, status: 200 };
  }
}

function responseOf(result: QueryResult): QueryResponse {
  if (result instanceof Error) return { error: result };
  if (isList(result)) return { frames: result };
  // A query without a word is what a forgotten `return` makes of it.
  if (typeof result !== 'object' || result === null) {
    throw new TypeError(
      `the answer to a query is ${String(result)}: neither a frame, nor frames, nor an error`,
    );
  }
  if ('fields' in result) return { frames: [result] };
  return result;
}

/** Array.isArray knows nothing of readonly ones. */
function isList(result: Frame | readonly Frame[] | QueryResponse): result is readonly Frame[] {
  return Array.isArray(result);
}

/** The plugin's own errors outweigh those of what it asks, and both a cancelled one. */
function note(outcome: Outcome, error: Error | undefined): void {
  if (error === undefined) return;
  const source = sourceOf(error);
  if (isCancelled(error)) {
    if (outcome.status === 'ok') Object.assign(outcome, { status: 'cancelled', source });
    return;
  }
  outcome.source = outcome.status === 'error' && outcome.source === 'plugin' ? 'plugin' : source;
  outcome.status = 'error';
}

function validStatus(status: number | undefined): number | undefined {
  return status !== undefined && Number.isInteger(status) && status >= 100 && status < 600
    ? status
    : undefined;
}

/** As Grafana sent it, read as it is asked for. */
class ReceivedQuery implements Query {
  readonly refId: string;
  readonly queryType: string;
  readonly maxDataPoints: number;
  readonly intervalMs: number;
  readonly #message: pb.DataQuery;
  #model: unknown;

  constructor(message: pb.DataQuery) {
    this.#message = message;
    this.refId = message.refId;
    this.queryType = message.queryType;
    this.maxDataPoints = Number(message.maxDataPoints);
    this.intervalMs = Number(message.intervalMS);
  }

  get timeRange(): Query['timeRange'] {
    const { fromEpochMS = 0n, toEpochMS = 0n } = this.#message.timeRange ?? {};
    return { from: new Date(Number(fromEpochMS)), to: new Date(Number(toEpochMS)) };
  }

  get model(): unknown {
    this.#model ??= jsonFrom(this.#message.json, `query ${this.refId}`);
    return this.#model;
  }
}

/** A newer Grafana may ask for one that there is not here: better no answer than bytes under a wrong name. */
function knownFormat(format: number): FrameFormat {
  if (format === pb.DataFrameFormat.ARROW || format === pb.DataFrameFormat.JSON) return format;
  throw new RpcError(
    'INVALID_ARGUMENT',
    `there is no frame format ${format} here: ask for Arrow (0) or JSON (1)`,
  );
}
