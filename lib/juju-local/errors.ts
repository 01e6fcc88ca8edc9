/**
 * The operator asked for something that the model cannot do: a mistake in a name, a type, an endpoint, a charm.
 * The message says what to do about it, for example which names there are.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/** @returns `names` for a message: sorted and quoted, or `none` */
export function listNames(names: Iterable<string>): string {
  const sorted = [...names].sort();
  return sorted.length === 0 ? 'none' : sorted.map((name) => `'${name}'`).join(', ');
}

/**
 * The controller refused what a hook had buffered: the hook counts as failed.
 * Never thrown at an operator; its message ends in the unit's log.
 */
export class FlushError extends Error {
  override readonly name = 'FlushError';
}
