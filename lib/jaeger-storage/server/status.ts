import { type Logger, type RpcCode, RpcError } from '#lib/go-plugin';
import { TraceStoreError, type TraceStoreErrorCode } from '../errors.ts';
import type { TraceStore } from '../trace-store.ts';

/** What a store's trouble is in gRPC. */
const codes: Readonly<Record<TraceStoreErrorCode, RpcCode>> = {
  INVALID: 'INVALID_ARGUMENT',
  // Jaeger takes another way where it has one.
  UNSUPPORTED: 'UNIMPLEMENTED',
  // Senders may try again, and those of OTLP do.
  BUSY: 'UNAVAILABLE',
  FULL: 'RESOURCE_EXHAUSTED',
  FAILED: 'INTERNAL',
  CLOSED: 'UNAVAILABLE',
};

/** What an operator has to hear of, whoever else was told. */
const troubles: ReadonlySet<TraceStoreErrorCode> = new Set(['FULL', 'FAILED']);

/** A store in trouble fails with every span: one line in so many ms says as much as thousands. */
const quietMs = 10_000;

/**
 * The same store, as methods of gRPC services want it: what it throws is the answer, and in the log where an operator has
 * to do something.
 */
export function withStatuses(store: TraceStore, log: Logger): TraceStore {
  const report = sparseReport(log);
  const failure = (error: unknown): unknown => {
    if (!(error instanceof TraceStoreError)) return error;
    if (troubles.has(error.code)) report(error);
    return new RpcError(codes[error.code], error.message, { cause: error });
  };
  const once = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw failure(error);
    }
  };
  async function* each<T>(run: () => AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* run();
    } catch (error) {
      throw failure(error);
    }
  }
  return {
    write: (spans, context) => once(() => store.write(spans, context)),
    traces: (wanted, context) => each(() => store.traces(wanted, context)),
    findTraces: (query, context) => each(() => store.findTraces(query, context)),
    findTraceIds: (query, context) => once(() => store.findTraceIds(query, context)),
    services: (context) => once(() => store.services(context)),
    operations: (query, context) => once(() => store.operations(query, context)),
    dependencies: (range, context) => once(() => store.dependencies(range, context)),
    close: () => once(() => store.close()),
  };
}

function sparseReport(log: Logger): (error: TraceStoreError) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (error) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < quietMs) {
      unsaid++;
      return;
    }
    log.error('the trace store is in trouble', { code: error.code, error, likewise: unsaid });
    lastMs = nowMs;
    unsaid = 0;
  };
}
