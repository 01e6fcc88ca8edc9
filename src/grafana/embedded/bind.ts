import { parseJson } from '../json.ts';
import type { Command } from './store.ts';

export interface Body {
  contentType: string | undefined;
  text: string;
}

const strings = ['name', 'type', 'access', 'url', 'user', 'database', 'basicAuthUser', 'uid'] as const;
const booleans = ['basicAuth', 'withCredentials', 'isDefault'] as const;

/**
 * Read a request body as Go binds it to a command: only `application/json`, only the first JSON value, keys in any
 * case, unknown keys ignored, null as if absent, wrong types refused.
 * @returns undefined where Grafana answers 400 `bad request data`
 * @see grafana/grafana: pkg/web/binding.go
 */
export function bindCommand(body: Body, options: { nameOptional: boolean }): Command | undefined {
  const mediaType = body.contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') return undefined;
  const value = firstJsonValue(body.text);
  if (!isObject(value)) return undefined;
  const command: Record<string, unknown> = { ...nothing };
  for (const [key, given] of Object.entries(value)) {
    const field = fieldsByLowerCase.get(key.toLowerCase());
    if (field === undefined || given === null) continue;
    if (!fits(field, given)) return undefined;
    command[field] = field === 'secureJsonData' ? emptyForNull(given) : given;
  }
  const bound = { ...nothing, ...command };
  const missing = bound.type === '' || bound.access === '' || (bound.name === '' && !options.nameOptional);
  return missing ? undefined : bound;
}

/** A command that says nothing: every field has Go's zero value. */
export const nothing: Command = {
  name: '',
  type: '',
  access: '',
  url: '',
  user: '',
  database: '',
  basicAuth: false,
  basicAuthUser: '',
  withCredentials: false,
  isDefault: false,
  jsonData: {},
  secureJsonData: {},
  uid: '',
  version: 0,
};

const fieldsByLowerCase = new Map(Object.keys(nothing).map((field) => [field.toLowerCase(), field]));

function fits(field: string, value: unknown): boolean {
  if (strings.some((name) => name === field)) return typeof value === 'string';
  if (booleans.some((name) => name === field)) return typeof value === 'boolean';
  if (field === 'version') return Number.isSafeInteger(value);
  // Grafana itself would store any JSON as jsonData. Nothing can read that afterwards, so it is refused here.
  if (!isObject(value)) return false;
  if (field === 'jsonData') return true;
  return Object.values(value).every((secret) => typeof secret === 'string' || secret === null);
}

/** Go reads a null within a map of strings as ''. */
function emptyForNull(secrets: unknown): Record<string, unknown> {
  if (!isObject(secrets)) return {};
  return Object.fromEntries(Object.entries(secrets).map(([key, secret]) => [key, secret ?? '']));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first JSON value of a text, whatever follows it; `{}` for a text without any, undefined for a broken one. */
function firstJsonValue(text: string): unknown {
  if (text.trim() === '') return {};
  const whole = parseJson(text);
  if (whole !== undefined) return whole;
  let depth = 0;
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (token[0] === '{' || token[0] === '[') depth += 1;
    if (token[0] === '}' || token[0] === ']') depth -= 1;
    if (depth === 0) return parseJson(text.slice(0, token.index + token[0].length));
  }
  return undefined;
}
