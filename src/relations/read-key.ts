import type { z } from 'zod';
import type { Databag } from '#lib/juju';
import type { Issue } from './issue.ts';

/**
 * Reads one key of a databag. Absent and empty are the same: Juju knows no empty value.
 * @param issues - what is wrong with the key is added here
 * @returns undefined when the key is absent or not valid
 */
export function readKey<T>(
  databag: Databag,
  key: string,
  schema: z.ZodType<T>,
  issues: Issue[],
): T | undefined {
  const raw = Object.hasOwn(databag, key) ? databag[key] : undefined;
  if (raw === undefined || raw === '') return undefined;
  try {
    const result = schema.safeParse(raw);
    if (result.success) return result.data;
    issues.push(...result.error.issues.map((issue) => ({ key, ...describe(issue) })));
  } catch (error) {
    // The only thing that a schema throws on: JSON that is nested so deep that the stack ends before it does.
    if (!(error instanceof RangeError)) throw error;
    issues.push({ key, path: '', message: 'nested too deep' });
  }
  return undefined;
}

/**
 * Reads one member of what a key holds, by itself: a bad one does not cost the others.
 * @param at - its place in the key's value: an index, or a name
 * @returns undefined when it is not valid
 */
export function readMember<T>(
  key: string,
  at: number | string,
  value: unknown,
  schema: z.ZodType<T>,
  issues: Issue[],
): T | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    issues.push({ key, ...describe({ ...issue, path: [at, ...issue.path] }) });
  }
  return undefined;
}

/** Where and why, from a zod issue: of a union, the branch that came furthest says most. */
export function describe(issue: z.core.$ZodIssue): { path: string; message: string } {
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.flat().toSorted((a, b) => b.path.length - a.path.length);
    const [deepest] = branches;
    if (deepest !== undefined && deepest.path.length > 0) {
      return describe({ ...deepest, path: [...issue.path, ...deepest.path] });
    }
  }
  return { path: pathText(issue.path), message: issue.message };
}

function pathText(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  // Keys inside a value are the peer's own words, and this may end up in a status.
  const line = parts.join('').replace(/\p{Cc}/gu, ' ');
  return line.length > longestPath ? `${line.slice(0, longestPath)}...` : line;
}

const longestPath = 80;
