import { Counter } from 'prom-client';
import * as z from 'zod';
import {
  createFrame,
  DatasourceError,
  downstreamError,
  numberField,
  type PluginFetch,
  type PluginRequest,
  perQuery,
  type Query,
  type QueryChunk,
  type QueryDataRequest,
  type QueryResult,
  type QueryResults,
  stringField,
  withSpan,
} from '#lib/grafana-plugin';
import { everyType, line } from './frames.ts';
import { state, wait } from './state.ts';

const message = z.string().default('it broke');
const Model = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('line'), points: z.int().min(0).max(10_000_000).default(100) }),
  z.object({ kind: z.literal('every-type') }),
  z.object({ kind: z.literal('nothing') }),
  z.object({ kind: z.literal('throw'), message }),
  z.object({ kind: z.literal('throw-no-error'), message }),
  z.object({ kind: z.literal('reject'), message }),
  z.object({ kind: z.literal('downstream'), message, status: z.int().optional() }),
  z.object({ kind: z.literal('frames-and-error'), message, status: z.int() }),
  z.object({ kind: z.literal('uneven-frame') }),
  z.object({ kind: z.literal('slow'), ms: z.number() }),
  z.object({ kind: z.literal('context') }),
  z.object({ kind: z.literal('span') }),
  z.object({ kind: z.literal('fetch'), path: z.string() }),
]);
type Model = z.infer<typeof Model>;

const queries = new Counter({
  name: 'kitchen_sink_queries_total',
  help: 'Queries by kind.',
  labelNames: ['kind'],
});

/** What a whole request may ask for, whatever its queries are. */
const WholeRequest = z.object({ kind: z.enum(['throw-call', 'throw-call-downstream']) });

export function answers(fetch: PluginFetch): (request: QueryDataRequest) => Promise<QueryResults> {
  const each = perQuery<Model>(Model, (query, request) => answer(query, request, fetch));
  return (request) => {
    for (const query of request.queries) {
      if (query.queryType !== 'whole') continue;
      const whole = WholeRequest.safeParse(query.model);
      if (!whole.success) continue;
      if (whole.data.kind === 'throw-call') throw new Error('the whole call broke');
      throw downstreamError('the database is down', { status: 502 });
    }
    return each(request);
  };
}

async function answer(
  { model, refId }: Query<Model>,
  request: PluginRequest,
  fetch: PluginFetch,
): Promise<QueryResult> {
  queries.inc({ kind: model.kind });
  switch (model.kind) {
    case 'line':
      return line(model.points);
    case 'every-type':
      return everyType();
    case 'nothing':
      return [];
    case 'throw':
      throw new TypeError(model.message);
    case 'throw-no-error':
      throw model.message;
    case 'reject':
      return Promise.reject(new DatasourceError(model.message));
    case 'downstream':
      throw downstreamError(model.message, model.status === undefined ? {} : { status: model.status });
    case 'frames-and-error':
      return { frames: [line(2)], error: new Error(model.message), status: model.status };
    case 'uneven-frame':
      return {
        name: 'uneven',
        refId,
        meta: undefined,
        fields: [numberField('two', [1, 2]), numberField('three', [1, 2, 3])],
      };
    case 'slow':
      return slow(model.ms, request.signal);
    case 'context':
      return context(request);
    case 'span':
      await withSpan('a span of the author', { 'author.key': 'value' }, () =>
        withSpan('inner', () => wait(5, request.signal)),
      );
      return [];
    case 'fetch': {
      const response = await fetch(model.path, { forwardHeaders: true });
      const text = await response.text();
      if (!response.ok) throw downstreamError(text, { status: response.status });
      return createFrame({ name: 'answer', fields: [stringField('body', [text])] });
    }
  }
}

async function slow(ms: number, signal: AbortSignal): Promise<QueryResult> {
  state.slow++;
  try {
    await wait(ms, signal);
  } catch (error) {
    state.abortedQueries++;
    throw error;
  } finally {
    state.slow--;
  }
  return line(1, 'slow');
}

/** All that a call says of itself, as JSON: tests compare it with what they have sent. */
function context({ context, headers }: PluginRequest): QueryResult {
  const { datasource, grafana, ...rest } = {
    ...context,
    datasource: context.datasource,
    grafana: context.grafana,
  };
  const seen = {
    ...rest,
    datasource: datasource && {
      ...datasource,
      secureKeys: Object.keys(datasource.secureJsonData),
    },
    appUrl: grafana.get('GF_APP_URL'),
    toggle: grafana.featureToggles.has('someToggle'),
    headers: Object.fromEntries(headers),
  };
  return createFrame({ name: 'context', fields: [stringField('json', [JSON.stringify(seen)])] });
}

const Chunked = z.object({
  chunks: z.int().min(1).max(1000),
  rows: z.int().min(0).default(2),
  failAfter: z.int().optional(),
});

/**
 * Each query as so many pieces of one frame, and an error after them where it asks for one. The number of a piece is
 * each of its values. All are made in one array, as an author may who has heard that it is not copied.
 */
export async function* chunks(request: QueryDataRequest): AsyncGenerator<QueryChunk> {
  for (const { refId, model } of request.queries) {
    const read = Chunked.safeParse(model);
    if (!read.success) {
      yield { refId, error: new DatasourceError('no such chunks', { status: 400 }), status: 400 };
      continue;
    }
    const { chunks, rows, failAfter } = read.data;
    const values = new Float64Array(rows);
    for (let i = 0; i < chunks; i++) {
      if (i === failAfter) {
        yield { refId, error: downstreamError('the rest is lost', { status: 502 }) };
        break;
      }
      values.fill(i);
      yield { refId, frameId: 'only', frame: createFrame({ fields: [numberField('piece', values)] }) };
    }
  }
}
