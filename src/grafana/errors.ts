/**
 * What went wrong with a call to Grafana, for programs:
 * - `UNAUTHORIZED` (401): no, wrong or expired credentials.
 * - `FORBIDDEN` (403): known, but without the permission.
 * - `QUOTA` (403): the organisation holds as many datasources as it may.
 * - `READ_ONLY` (403): the datasource is provisioned from a file that says `editable: false`.
 * - `NOT_FOUND` (404): no such datasource, where the call needs one to exist.
 * - `CONFLICT_NAME` (409): another datasource of the organisation has this name.
 * - `CONFLICT_UID` (409): another datasource of the organisation has this uid, mostly a lost race.
 * - `CONFLICT_VERSION` (409): somebody wrote between our read and our write.
 * - `REJECTED` (other 4xx): Grafana understood and said no, e.g. to an invalid URL or uid.
 * - `UNAVAILABLE` (5xx, 429): Grafana, or what stands before it, can't answer now.
 * - `UNREACHABLE`: no connection, or one that broke before the answer was complete.
 * - `TIMEOUT`: no complete answer in time, or no time left to ask.
 * - `MISCONFIGURED`: what answers isn't Grafana's API (redirect, HTML, unknown JSON), or the URL or token
 *   given to us can't be used at all.
 */
export type GrafanaApiErrorCode =
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'QUOTA'
  | 'READ_ONLY'
  | 'NOT_FOUND'
  | 'CONFLICT_NAME'
  | 'CONFLICT_UID'
  | 'CONFLICT_VERSION'
  | 'REJECTED'
  | 'UNAVAILABLE'
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'MISCONFIGURED';

/** Who can end the trouble: the operator, nobody (it passes), or only a change of this code. */
export type FixedBy = 'operator' | 'time' | 'developer';

export interface GrafanaApiErrorDetails {
  code: GrafanaApiErrorCode;
  fixedBy: FixedBy;
  remedy: string;
  status?: number | undefined;
  method?: string | undefined;
  path?: string | undefined;
  outcomeUnknown?: boolean | undefined;
  cause?: unknown;
}

/**
 * A call to Grafana did not do what it should. `code` is for programs; `remedy` is one imperative line, fit for
 * `juju status`. Neither these nor the message or cause ever hold a token, a password or a `secureJsonData` value.
 */
export class GrafanaApiError extends Error {
  override readonly name = 'GrafanaApiError';
  readonly code: GrafanaApiErrorCode;
  readonly fixedBy: FixedBy;
  readonly remedy: string;
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  /** `GET`, `POST`, ...; undefined when the client's own options were at fault. */
  readonly method: string | undefined;
  /** Path below the base URL, starting with `/api`, percent-encoded; undefined as for `method`. */
  readonly path: string | undefined;
  /** A write was sent and may have taken effect all the same (5xx, time-out, broken answer): read before retrying. */
  readonly outcomeUnknown: boolean;

  constructor(message: string, details: GrafanaApiErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.fixedBy = details.fixedBy;
    this.remedy = details.remedy;
    this.status = details.status;
    this.method = details.method;
    this.path = details.path;
    this.outcomeUnknown = details.outcomeUnknown ?? false;
  }
}

/** @returns whether `error` came from the Grafana client, with one of `codes` where any are given */
export function isGrafanaApiError(error: unknown, ...codes: GrafanaApiErrorCode[]): error is GrafanaApiError {
  return error instanceof GrafanaApiError && (codes.length === 0 || codes.includes(error.code));
}
