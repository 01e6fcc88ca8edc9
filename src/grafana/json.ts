import * as z from 'zod';

/**
 * Parse JSON that somebody else wrote. `__proto__` keys are dropped at any depth: no datasource needs one, and a
 * later copy of the object (`{...x}` is safe, `target[key] = value` is not) could otherwise change a prototype.
 * @returns the value; undefined when `text` is no JSON
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch {
    // Not chained as a cause: the message of a SyntaxError quotes the text.
    return undefined;
  }
}

/** A string that some versions leave out or send as null. */
export const LaxString = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** A boolean that some versions leave out or send as null. */
export const LaxBoolean = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

/** An object of anything; what is missing or null reads as empty. */
export const LaxObject = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {});
