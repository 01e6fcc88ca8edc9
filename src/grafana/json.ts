import * as z from 'zod';

/** Far deeper than any answer of Grafana's, and little enough for whatever works through it to be recursive. */
const deepest = 200;
/** 20,000 datasources have two thirds of them. A few bytes of a packed answer can hold many more. */
const mostValues = 2_000_000;

/**
 * Parse JSON that somebody else wrote. `__proto__` keys are dropped at any depth: no datasource needs one, and a
 * later copy of the object (`{...x}` is safe, `target[key] = value` is not) could otherwise change a prototype.
 * @returns the value; undefined when `text` is no JSON, or is deeper or has more values than Grafana ever sends
 */
export function parseJson(text: string): unknown {
  if (!isWithinBounds(text)) return undefined;
  // As it stands, or spelt with an escape.
  const mayHaveProto = text.includes('__proto__') || text.includes('\\u');
  try {
    return mayHaveProto ? JSON.parse(text, withoutProto) : JSON.parse(text);
  } catch {
    // Not chained as a cause: the message of a SyntaxError quotes the text.
    return undefined;
  }
}

function withoutProto(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

/** Looks at brackets and commas outside of strings: what would take all of the memory must not be parsed first. */
function isWithinBounds(text: string): boolean {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case '[':
      case '{':
        depth += 1;
        values += 1;
        break;
      case ']':
      case '}':
        depth -= 1;
        break;
      case ',':
        values += 1;
    }
    if (depth > deepest || values > mostValues) return false;
  }
  return true;
}

/** @returns where the string that begins at `start` has its closing quote; the end of the text when it has none */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

/**
 * A list of at most so many. Unlike `z.array` it stops at the first that is wrong: millions of them would fill the
 * memory.
 */
export function listOf<T>(item: z.ZodType<T>, most: number) {
  return z.array(z.unknown()).transform((all, context): T[] => {
    const read: T[] = [];
    for (const [index, one] of all.slice(0, most + 1).entries()) {
      const result = index < most ? item.safeParse(one) : undefined;
      if (result?.success) {
        read.push(result.data);
        continue;
      }
      const [issue] = result?.error.issues ?? [];
      context.addIssue({
        code: 'custom',
        path: [index, ...(issue?.path ?? [])],
        message: issue?.message ?? '',
      });
      return z.NEVER;
    }
    return read;
  });
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
