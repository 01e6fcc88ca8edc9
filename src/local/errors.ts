/** What the user gave can't be used. The message says what to do, and is all that the user sees. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The user ended a run before its end: nothing is wrong. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
