/**
 * - INVALID: what was asked or sent makes no sense; the same again fails again
 * - UNSUPPORTED: it makes sense, but this store can't do it
 * - BUSY: too much at once, or another process has the file; the same again may work
 * - FULL: there is no room left on the disk or in the limit given
 * - FAILED: the store is broken; `message` says what an operator can do
 * - CLOSED: the store was closed
 */
export type TraceStoreErrorCode = 'INVALID' | 'UNSUPPORTED' | 'BUSY' | 'FULL' | 'FAILED' | 'CLOSED';

/** Why a store did not do what it was asked. `message` is for people: what is wrong, and what to do about it. */
export class TraceStoreError extends Error {
  override readonly name = 'TraceStoreError';
  readonly code: TraceStoreErrorCode;

  constructor(code: TraceStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
