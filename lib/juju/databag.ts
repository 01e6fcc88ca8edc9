import * as z from 'zod';
import type { Databag, DatabagChanges } from './hook-tools.ts';

/** Why one key of a databag could not be read. */
export interface DatabagIssue {
  /** Of the databag; empty when the databag as a whole is wrong. */
  readonly key: string;
  /** Where in the key's value: `0.uid`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly DatabagIssue[] };

/** Far more than any interface needs, and little enough to parse in a few milliseconds. */
const maxJsonLength = 1024 * 1024;

/**
 * Schema of a databag value that holds JSON, of at most `maxLength` UTF-16 units.
 * A key `__proto__` in it becomes an ordinary property, as `JSON.parse` does; `z.object` then leaves it out.
 */
export function jsonUpTo(maxLength: number) {
  return z
    .string()
    .max(maxLength, { abort: true })
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        // The parser's own message quotes the text, which may be large or secret.
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    });
}

/** JSON in a databag, to be checked further: `json.pipe(z.array(Datasource)).optional()`. At most 1 Mi characters. */
export const json = jsonUpTo(maxJsonLength);

/**
 * Reads a databag by a schema of its keys. An empty string is an absent key: Juju has no empty values.
 * Never throws, whatever a remote charm has written.
 */
export function decodeDatabag<Schema extends z.ZodType>(
  schema: Schema,
  databag: Databag,
): Decoded<z.infer<Schema>> {
  try {
    const present = Object.fromEntries(Object.entries(databag).filter(([, value]) => value !== ''));
    const result = schema.safeParse(present);
    if (result.success) return { ok: true, value: result.data };
    return { ok: false, issues: result.error.issues.map(toIssue) };
  } catch (error) {
    // A recursive schema on data that is nested too deep, for one: the stack overflows.
    const message = error instanceof Error ? error.message : 'could not be read';
    return { ok: false, issues: [{ key: '', path: '', message }] };
  }
}

function toIssue({ path, message }: z.core.$ZodIssue): DatabagIssue {
  const [key = '', ...rest] = path.map(String);
  return { key, path: rest.join('.'), message };
}

/**
 * Writes values for a databag: strings as they are, everything else as {@link stableJson}. What is undefined or ''
 * is left out.
 */
export function encodeDatabag(values: Readonly<Record<string, unknown>>): Databag {
  const entries = Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]): [string, string] => [key, typeof value === 'string' ? value : stableJson(value)]);
  return Object.fromEntries(entries);
}

/**
 * JSON with the keys of every object in order, so that equal values give equal text and databags do not flap.
 * The order of lists means something and stays.
 * @throws {TypeError} for what JSON can't hold: undefined, functions, bigint, cycles
 */
export function stableJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    isObject(member) ? inOrder(member) : member,
  );
  if (text === undefined) throw new TypeError(`JSON holds no ${typeof value}`);
  return text;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inOrder(value: object): unknown {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * @returns the fewest changes that turn `current` into `wanted`, for `relationSet`: `''` for a key that goes, and
 * `{}` when nothing differs, in which case no call is needed
 */
export function databagDiff(current: Databag, wanted: Databag): DatabagChanges {
  const now = new Map(Object.entries(current));
  const then = new Map(Object.entries(wanted).filter(([, value]) => value !== ''));
  const set = [...then].filter(([key, value]) => now.get(key) !== value);
  const gone = [...now].filter(([key, value]) => value !== '' && !then.has(key)).map(([key]) => [key, '']);
  return Object.fromEntries([...set, ...gone]);
}
