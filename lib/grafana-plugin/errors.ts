import { constants } from 'node:http2';

/** Who has to mend what went wrong: the plugin's author, or whoever runs what the plugin asks. Grafana counts them apart. */
export type ErrorSource = 'plugin' | 'downstream';

/**
 * What went wrong, as Grafana is to hear it. Any other error that a plugin throws is one of the plugin's with status
 * 500, unless it is plainly something else: see {@link statusOf} and {@link sourceOf}.
 */
export class DatasourceError extends Error {
  override readonly name = 'DatasourceError';
  /**
   * As HTTP's, 400 to 599. Another counts as if there were none, as the 304 of an answer that is handed on: what went
   * wrong matters more than its number.
   */
  readonly status: number;
  readonly source: ErrorSource;

  constructor(
    message: string,
    { status, source = 'plugin', cause }: { status?: number; source?: ErrorSource; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.source = source;
    this.status = isErrorStatus(status) ? status : statusOf(cause);
  }
}

function isErrorStatus(status: number | undefined): status is number {
  return Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599;
}

/** The error of something that the plugin asked: a database, an API. Not the plugin's own fault. */
export function downstreamError(
  message: string,
  { status, cause }: { status?: number; cause?: unknown } = {},
): DatasourceError {
  return new DatasourceError(message, {
    source: 'downstream',
    ...(status === undefined ? {} : { status }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Statuses that say that the request was wrong as it stood, so that whoever made it has to mend it: the plugin. */
const causedByPlugin: ReadonlySet<number> = new Set([405, 406, 412, 413, 414, 416, 417, 426, 431, 501]);

/**
 * Whose error an HTTP answer of this status is.
 * @see grafana/grafana-plugin-sdk-go: experimental/status/status_source.go
 */
export function sourceOfStatus(status: number): ErrorSource {
  return causedByPlugin.has(status) ? 'plugin' : 'downstream';
}

/** Whose error it is: what the nearest {@link DatasourceError} among it and its causes says; a cancelled call is nobody's fault here. */
export function sourceOf(error: unknown): ErrorSource {
  for (const cause of causes(error)) {
    if (cause instanceof DatasourceError) return cause.source;
    if (isAbort(cause) || isTimeout(cause)) return 'downstream';
  }
  return 'plugin';
}

/** As HTTP's: what the error says, or 504 for a timeout, 401 where access was denied, 502 for no connection, else 500. */
export function statusOf(error: unknown): number {
  for (const cause of causes(error)) {
    if (cause instanceof DatasourceError) return cause.status;
    if (isTimeout(cause)) return constants.HTTP_STATUS_GATEWAY_TIMEOUT;
    const code = codeOf(cause);
    if (code === 'EACCES' || code === 'EPERM') return constants.HTTP_STATUS_UNAUTHORIZED;
    if (code === 'ECONNREFUSED') return constants.HTTP_STATUS_BAD_GATEWAY;
  }
  return constants.HTTP_STATUS_INTERNAL_SERVER_ERROR;
}

export function isCancelled(error: unknown): boolean {
  return causes(error).some(isAbort);
}

/**
 * What an error says, for any value. As lib/go-plugin's, whose door brings all of gRPC: this file is for those as well
 * who serve nothing.
 */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message || error.name) : String(error);
  } catch {
    return 'an error that cannot be shown as text';
  }
}

/** Authors throw what they like. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown));
}

/** By AbortController and by a gRPC call that nobody waits for any more. */
function isAbort(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || /^(ABORT_ERR|CANCELLED)$/.test(codeOf(error)))
  );
}

/** By Node's sockets, by AbortSignal.timeout, by undici and by a gRPC call's deadline. */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === 'TimeoutError' || /^(ETIMEDOUT|DEADLINE_EXCEEDED|UND_ERR_\w+_TIMEOUT)$/.test(codeOf(error))
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** The error and what caused it, outermost first. Bounded: an error may be its own cause. */
function causes(error: unknown): unknown[] {
  const chain = [error];
  for (let at = error; at instanceof Error && at.cause !== undefined && chain.length < 16; at = at.cause) {
    chain.push(at.cause);
  }
  return chain;
}
