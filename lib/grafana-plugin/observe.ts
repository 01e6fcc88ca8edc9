import { AsyncLocalStorage } from 'node:async_hooks';
import { type Logger, RpcError } from '#lib/go-plugin';
import type { PluginRequest } from './datasource.ts';
import { DatasourceError, isCancelled, messageOf, sourceOf } from './errors.ts';
import type { PluginMetrics } from './metrics.ts';
import type { Outcome } from './outcome.ts';
import type { PluginContext } from './plugin-context.ts';
import { inScope, type Scope } from './scope.ts';

/** What every call of Grafana's is seen through, once each: its scope, its span, its count and its log lines. */
export interface Observer {
  readonly log: Logger;
  readonly metrics: PluginMetrics;
}

/** Runs what answers a call that has one answer. */
export function observe<T>(
  observer: Observer,
  scope: Scope,
  run: (request: PluginRequest, outcome: Outcome) => Promise<T>,
): Promise<T> {
  const { endpoint, context, tracing } = scope;
  const answer = (outcome: Outcome) => run(new ReceivedRequest(scope, observer.log), outcome);
  return inScope(scope, () => {
    if (tracing === undefined) return accounted(observer, scope, answer);
    return tracing.endpoint(endpoint, context, (span) =>
      accounted(observer, scope, answer, ({ status, source }) =>
        span.setAttributes({ request_status: status, status_source: source }),
      ),
    );
  });
}

async function accounted<T>(
  { log, metrics }: Observer,
  { endpoint }: Scope,
  answer: (outcome: Outcome) => Promise<T>,
  seen?: (outcome: Outcome) => void,
): Promise<T> {
  const outcome: Outcome = { status: 'ok', source: 'plugin' };
  const began = performance.now();
  let failure: unknown;
  log.debug('Plugin Request Started');
  try {
    return await answer(outcome);
  } catch (error) {
    failure = error;
    outcome.status = isCancelled(error) ? 'cancelled' : 'error';
    outcome.source = sourceOf(error);
    throw rpcErrorOf(error);
  } finally {
    seen?.(outcome);
    metrics.countRequest(endpoint, outcome);
    const fields = {
      status: outcome.status,
      duration: `${(performance.now() - began).toFixed(3)}ms`,
      statusSource: outcome.source,
      ...(failure === undefined ? {} : { error: messageOf(failure) }),
    };
    // Grafana finds out what there is by asking, as for chunks with each query.
    const absent = failure instanceof RpcError && failure.code === 'UNIMPLEMENTED';
    if (absent) log.debug('Plugin Request Completed', fields);
    else if (outcome.status === 'error') log.error('Plugin Request Completed', fields);
    else log.info('Plugin Request Completed', fields);
  }
}

/**
 * Where it is known whose error it is, Grafana is told in the way that its SDK has for it. Any other stays what it is:
 * the plugin's own, whose stack belongs into the log.
 */
function rpcErrorOf(error: unknown): unknown {
  if (!(error instanceof DatasourceError)) return error;
  return new RpcError('UNKNOWN', error.message, {
    details: [{ metadata: { errorSource: error.source } }],
    cause: error,
  });
}

/** As {@link observe}, for an answer that comes in pieces: it is over with the last of them. */
export async function* observeEach<T>(
  observer: Observer,
  scope: Scope,
  open: (request: PluginRequest, outcome: Outcome) => AsyncIterable<T> | Promise<AsyncIterable<T>>,
): AsyncGenerator<T, void, undefined> {
  const opened = Promise.withResolvers<{ pieces: AsyncIterable<T>; outcome: Outcome; within: Within }>();
  const ended = Promise.withResolvers<void>();
  const whole = observe(observer, scope, async (request, outcome) => {
    // Who takes the pieces does so from outside of this call: each of them is made within what holds here.
    opened.resolve({ pieces: await open(request, outcome), outcome, within: AsyncLocalStorage.snapshot() });
    await ended.promise;
  });
  whole.catch(opened.reject);
  const { pieces, outcome, within } = await opened.promise;
  const iterator = within(() => pieces[Symbol.asyncIterator]());
  let isOver = false;
  try {
    for (;;) {
      const piece = await within(() => iterator.next());
      if (piece.done) break;
      yield piece.value;
    }
    isOver = true;
    ended.resolve();
  } catch (error) {
    isOver = true;
    ended.reject(error);
  } finally {
    // Whoever listened has left.
    if (!isOver) {
      Object.assign(outcome, { status: 'cancelled', source: 'downstream' });
      try {
        await within(() => iterator.return?.());
        ended.resolve();
      } catch (error) {
        ended.reject(error);
      }
    }
  }
  await whole;
}

type Within = <R>(run: () => R) => R;

/** Its members are read through the prototype by what is made of it with more members, so that none is private. */
class ReceivedRequest implements PluginRequest {
  readonly scope: Scope;
  readonly log: Logger;

  constructor(scope: Scope, log: Logger) {
    this.scope = scope;
    this.log = log;
  }

  get context(): PluginContext {
    return this.scope.context;
  }

  get headers(): Headers {
    return this.scope.headers;
  }

  get signal(): AbortSignal {
    return this.scope.call.signal;
  }
}
