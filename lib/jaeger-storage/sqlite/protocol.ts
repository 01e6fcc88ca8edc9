import { TraceStoreError, type TraceStoreErrorCode } from '../errors.ts';
import type { EncodedSpans } from '../trace-store.ts';

/** What the threads of a store say to each other: calls with a number, and answers with that number. */
export interface CallMessage {
  readonly call: number;
  readonly method: string;
  readonly params: unknown;
}

/** Nobody waits for the answer any more. */
export interface CancelMessage {
  readonly cancel: number;
}

export interface AnswerMessage {
  readonly call: number;
  readonly result?: unknown;
  readonly error?: PackedError;
}

/** Errors lose their class on the way from thread to thread. */
export interface PackedError {
  readonly code: TraceStoreErrorCode;
  readonly message: string;
}

/** A {@link TracePart} on its way. */
export interface PackedPart {
  readonly traceId: Uint8Array;
  readonly spans: readonly EncodedSpans[];
}

/** The next parts of a stream. */
export interface PackedParts {
  readonly parts: readonly PackedPart[];
  /** To ask for more; undefined: that was all. */
  readonly stream: number | undefined;
}

/** Writes of one commit, one after the other in `bytes`. */
export interface PackedWrites {
  readonly database: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly writes: readonly { readonly format: EncodedSpans['format']; readonly length: number }[];
}

export function packError(error: unknown): PackedError {
  if (error instanceof TraceStoreError) return { code: error.code, message: error.message };
  return { code: 'FAILED', message: error instanceof Error ? error.message : String(error) };
}

export function unpackError({ code, message }: PackedError): TraceStoreError {
  return new TraceStoreError(code, message);
}
