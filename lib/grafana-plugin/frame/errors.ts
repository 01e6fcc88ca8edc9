export type FrameErrorCode =
  /** fields of one frame differ in length, or values and validity of one field */
  | 'LENGTH_MISMATCH'
  /** a value that the column's type cannot hold */
  | 'BAD_VALUE'
  /** labels, config or meta that Grafana's decoder would refuse */
  | 'BAD_SCHEMA'
  /** more than one frame can carry */
  | 'TOO_LARGE'
  /** bytes or text that are no frame */
  | 'UNREADABLE'
  /** a frame that is not the kind a conversion needs */
  | 'WRONG_SHAPE'
  /** rows that are not in ascending order of time */
  | 'UNSORTED';

/** A frame that cannot be built, encoded, decoded or converted. The message ends with what to do about it. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: FrameErrorCode;

  constructor(code: FrameErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
