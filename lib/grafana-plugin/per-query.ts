import type {
  Awaitable,
  PluginRequest,
  Query,
  QueryDataRequest,
  QueryResult,
  QueryResults,
} from './datasource.ts';
import { DatasourceError, errorOf } from './errors.ts';
import { entriesOf, failed } from './query-results.ts';
import { readAs, type Schema } from './schema.ts';
import { currentScope } from './scope.ts';
import { withMore } from './with-more.ts';

export type AnswerQuery<Model> = (query: Query<Model>, request: PluginRequest) => Awaitable<QueryResult>;

interface Options {
  /** How many at a time; by default what Grafana is configured for, or 10. */
  readonly concurrency?: number;
}

/** Grafana's own default for its datasources. */
const defaultConcurrency = 10;

/**
 * Makes `queryData` of a function that answers one query. Queries run side by side; one that is wrong, or whose answer
 * throws, fails alone.
 * @param model - reads the query as the editor saved it; what it refuses is status 400, with the reasons
 */
export function perQuery<Model>(
  model: Schema<Model>,
  answer: AnswerQuery<Model>,
  { concurrency }: Options = {},
): (request: QueryDataRequest) => Promise<QueryResults> {
  return async (request) => {
    const results = new Map<string, QueryResult>();
    const waiting = request.queries.values();
    const work = async () => {
      for (const query of waiting) results.set(query.refId, await answered(query, model, answer, request));
    };
    const atATime = concurrency ?? request.context.grafana.concurrentQueryCount ?? defaultConcurrency;
    const workers = Math.max(1, Math.min(atATime, request.queries.length));
    await Promise.all(Array.from({ length: workers }, work));
    return results;
  };
}

/**
 * Makes `queryData` of several by `queryType`; the empty one answers what has none, or none of these.
 * @example queryData: byQueryType({ '': metrics, logs, traces })
 */
export function byQueryType(
  handlers: Readonly<Record<string, (request: QueryDataRequest) => Awaitable<QueryResults>>>,
): (request: QueryDataRequest) => Promise<QueryResults> {
  return async (request) => {
    const results = new Map<string, QueryResult>();
    const groups = Map.groupBy(request.queries, ({ queryType }) =>
      Object.hasOwn(handlers, queryType) ? queryType : '',
    );
    await Promise.all(
      [...groups].map(async ([queryType, queries]) => {
        const handle = Object.hasOwn(handlers, queryType) ? handlers[queryType] : undefined;
        for (const [refId, result] of await handled(handle, withMore(request, { queries }))) {
          results.set(refId, result);
        }
      }),
    );
    return results;
  };
}

/** A type of query whose handler throws as a whole takes none of the other types with it. */
async function handled(
  handle: ((request: QueryDataRequest) => Awaitable<QueryResults>) | undefined,
  request: QueryDataRequest,
): Promise<Iterable<readonly [string, QueryResult]>> {
  try {
    if (handle === undefined) {
      const types = [...new Set(request.queries.map(({ queryType }) => `'${queryType}'`))].join(', ');
      throw new DatasourceError(`there are no queries of type ${types} here`, { status: 501 });
    }
    return entriesOf(await handle(request));
  } catch (error) {
    return failed(request.queries, error);
  }
}

async function answered<Model>(
  query: Query,
  model: Schema<Model>,
  answer: AnswerQuery<Model>,
  request: PluginRequest,
): Promise<QueryResult> {
  const run = async (): Promise<QueryResult> => {
    // Whoever wrote the query mends it.
    const read = await readAs(model, query.model, 'the query is wrong');
    const { refId, queryType, maxDataPoints, intervalMs, timeRange } = query;
    return await answer({ refId, queryType, maxDataPoints, intervalMs, timeRange, model: read }, request);
  };
  const tracing = currentScope()?.tracing;
  try {
    return await (tracing === undefined ? run() : tracing.query(query, run));
  } catch (error) {
    return errorOf(error);
  }
}
