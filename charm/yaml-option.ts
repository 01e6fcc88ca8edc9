import type * as z from 'zod';
import { parseYamlOrJson } from './yaml-or-json.ts';

/** Longer values are refused before anything tries to parse them. */
const limit = 64 * 1024;

/**
 * Reads an option that holds an object, as YAML or JSON.
 * @returns the value, or lines for `juju status`, each with the path of the key that is wrong
 */
export async function readObject<T>(
  option: string,
  text: string,
  schema: z.ZodType<T>,
): Promise<{ readonly value: T } | { readonly problems: readonly string[] }> {
  if (text.length > limit) return { problems: [`${option}: is longer than ${limit} characters`] };
  const parsed = await parseYamlOrJson(text);
  if ('problem' in parsed) return { problems: [`${option}: ${parsed.problem}`] };
  const result = schema.safeParse(parsed.value);
  if (result.success) return { value: result.data };
  return { problems: result.error.issues.map((issue) => `${pathOf(option, issue)}: ${issue.message}`) };
}

/** `json-data.tracesToLogsV2.tags[0].key`; of a key too many, that key. */
function pathOf(option: string, issue: z.core.$ZodIssue): string {
  const extra = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return [...issue.path, ...extra].reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}.${String(part)}`),
    option,
  );
}
