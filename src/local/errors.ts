/** What the user gave can't be used. The message says what to do, and is all that the user sees. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
