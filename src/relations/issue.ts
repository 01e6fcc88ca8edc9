/** What is wrong with one key of a databag. */
export interface Issue {
  readonly key: string;
  /** Where inside the key's value, `[2].uid`; empty for the value as a whole. */
  readonly path: string;
  /** What is wrong, never with the offending value in it. */
  readonly message: string;
}
