/**
 * The secret that this application shares with its Grafanas: what is in config `secure-json-data`, as a secret of
 * its own. Only whether things are so; what is in them is none of deciding's business.
 */
export interface SecretView {
  /** The operator wants it shared. */
  readonly wanted: boolean;
  /** URI of the application's own secret, the model's UUID in it; null when there is none. */
  readonly uri: string | null;
  /** The own secret holds what the operator's does. */
  readonly current: boolean;
  /** Ids of relations over which Juju lets this application share no secret. */
  readonly unshareable: readonly number[];
  /** A revision that nobody reads any more: it is this application's to remove. */
  readonly obsolete: number | null;
}

/** What is to be done about the own secret. */
export interface SecretIntent {
  readonly step: 'create' | 'update' | 'remove' | 'keep';
  /** Null for one that is to be created. */
  readonly uri: string | null;
  /** Ids of relations whose remote application is to be let in and told. */
  readonly share: readonly number[];
  /** A revision to remove. */
  readonly obsolete: number | null;
}
