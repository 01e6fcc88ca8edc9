import {
  create,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { Metadata, status } from '@grpc/grpc-js';
import { ErrorInfoSchema } from './proto/error_details_pb.ts';
import { StatusSchema } from './proto/status_pb.ts';

/** gRPC's names of status codes, from `OK` to `UNAUTHENTICATED`. */
export type RpcCode = keyof typeof status;

/** One detail of an error: any message, or google.rpc.ErrorInfo by its fields. */
export type ErrorDetail =
  | { readonly schema: DescMessage; readonly message: MessageShape<DescMessage> }
  | Readonly<MessageInitShape<typeof ErrorInfoSchema>>;

/** A detail for `RpcError` of any message type; ErrorInfo needs none of this. */
export function errorDetail<S extends DescMessage>(schema: S, init: MessageInitShape<S>): ErrorDetail {
  return { schema, message: create(schema, init) };
}

/**
 * What a method throws to answer with a status of its own choice. Everything else that is thrown is answered `UNKNOWN`.
 * @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html for what each code tells the caller
 */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: RpcCode;
  /** Travel with the error: a Go host reads them with `status.FromError(err).Details()`. */
  readonly details: readonly ErrorDetail[];

  constructor(
    code: RpcCode,
    message: string,
    { details = [], cause }: { details?: readonly ErrorDetail[]; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.details = details;
  }
}

/** A status as grpc-js sends it. */
export interface WireStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata | null;
}

// Trailers are one block of headers, which Node's HTTP/2 refuses whole above 64 KiB: the host would then see a broken
// stream in place of the error.
const messageLimit = 8 * 1024;
const detailsLimit = 32 * 1024;

/** The status that answers whatever a method has thrown. Total: no value makes it throw. */
export function statusOf(error: unknown): WireStatus {
  if (!(error instanceof RpcError)) {
    return { code: status.UNKNOWN, details: statusMessage(messageOf(error)), metadata: null };
  }
  // An error with code OK would reach the caller as a success without an answer.
  const code = error.code === 'OK' ? status.UNKNOWN : (status[error.code] ?? status.UNKNOWN);
  const details = statusMessage(error.message);
  if (error.details.length === 0) return { code, details, metadata: null };
  const metadata = new Metadata();
  const bytes = toBinary(
    StatusSchema,
    create(StatusSchema, { code, message: details, details: error.details.map(packed) }),
  );
  if (bytes.length <= detailsLimit) metadata.set('grpc-status-details-bin', Buffer.from(bytes));
  return { code, details, metadata };
}

function packed(detail: ErrorDetail) {
  if ('schema' in detail) return anyPack(detail.schema, detail.message);
  return anyPack(ErrorInfoSchema, create(ErrorInfoSchema, detail));
}

/** What an error says, for any value: `throw 'text'` and `throw null` included. */
export function messageOf(error: unknown): string {
  try {
    // Whatever stands there: to throw text is a habit, and some libraries put an object in the message.
    return error instanceof Error ? String(error.message || error.name) : String(error);
  } catch {
    return 'an error that cannot be shown as text';
  }
}

/** Fit for a header: percent-encoded it stays below the limit, and it holds no half characters, which encoding refuses. */
function statusMessage(message: string): string {
  const text = message.toWellFormed();
  if (text.length <= messageLimit / 9) return text;
  const bytes = Buffer.from(encodeURI(text));
  if (bytes.length <= messageLimit) return text;
  // A UTF-16 unit becomes at most nine characters, so that this much always fits.
  return `${text.slice(0, Math.floor(messageLimit / 9)).toWellFormed()} [cut]`;
}
