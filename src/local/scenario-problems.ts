import type { z } from 'zod';

/** @returns a line for each problem, with the path of the key: `applications.tempo: unknown key 'unitz'` */
export function problems(error: z.ZodError): string[] {
  const lines = error.issues.flatMap(flatten).map(({ path, message }) => {
    return `${path.length === 0 ? 'the file' : path.map(String).join('.')}: ${message}`;
  });
  return [...new Set(lines)];
}

function flatten(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return [{ path: issue.path, message: `unknown key '${issue.keys.join("', '")}'` }];
  }
  return [{ path: issue.path, message: issue.message }];
}

/** zod's words for a type are TypeScript's; who writes YAML has other ones. */
const yamlTypes: Record<string, string> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'text',
};

/** What is wrong with a value, in the words of YAML; undefined: zod's own will do. */
export function plainMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing';
      return `expected ${yamlTypes[issue.expected] ?? `a ${issue.expected}`}, found ${found(issue.input)}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}, found ${found(issue.input)}`;
    case 'too_small':
      return `expected at least ${issue.minimum}`;
    case 'too_big':
      return `expected at most ${issue.maximum}`;
    case 'invalid_union':
      return `expected text, a number or true or false, found ${found(issue.input)}`;
    default:
      return undefined;
  }
}

function found(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `'${value}'`;
}
