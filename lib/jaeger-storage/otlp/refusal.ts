import { TraceStoreError, type TraceStoreErrorCode } from '../errors.ts';

/** A request that is not done, and what its sender hears of it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** Of the Status message in the body: a code of gRPC. */
  readonly code: number;
  /** Seconds after which the same again may work. */
  readonly retryAfter: number | undefined;
  /** More of the request may still come: the connection is of no more use. */
  readonly closes: boolean;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    {
      retryAfter,
      closes = false,
      headers = {},
      cause,
    }: { retryAfter?: number; closes?: boolean; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.code = grpcCodes[status] ?? 2;
    this.retryAfter = retryAfter;
    this.closes = closes;
    this.headers = headers;
  }
}

/** @see grpc/grpc: doc/statuscodes.md */
const grpcCodes: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 5, // NOT_FOUND
  405: 12, // UNIMPLEMENTED
  408: 4, // DEADLINE_EXCEEDED
  413: 3,
  415: 3,
  429: 8, // RESOURCE_EXHAUSTED
  500: 13, // INTERNAL
  501: 12,
  503: 14, // UNAVAILABLE
};

/**
 * What a store's trouble is in HTTP. Clients of OTLP send the same again after 429, 502, 503 and 504 alone, so that these
 * are for what time mends, or an operator soon.
 * @see open-telemetry/opentelemetry-proto: docs/specification.md, OTLP/HTTP Response
 */
const ofStore: Readonly<Record<TraceStoreErrorCode, { status: number; retryAfter?: number }>> = {
  INVALID: { status: 400 },
  UNSUPPORTED: { status: 501 },
  BUSY: { status: 429, retryAfter: 1 },
  // Retention makes room, or somebody does.
  FULL: { status: 503, retryAfter: 30 },
  FAILED: { status: 500 },
  CLOSED: { status: 503, retryAfter: 5 },
};

/** @returns undefined for what is nobody's refusal but a bug */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!(error instanceof TraceStoreError)) return undefined;
  const { status, retryAfter } = ofStore[error.code];
  return new Refusal(status, error.message, {
    ...(retryAfter !== undefined && { retryAfter }),
    cause: error,
  });
}
