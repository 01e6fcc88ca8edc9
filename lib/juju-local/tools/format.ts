import { stringify } from 'yaml';
import { usage } from './args.ts';

export type Format = 'smart' | 'json' | 'yaml';

/** @throws {ToolFailure} exit code 2 when the tool has no such format */
export function parseFormat(text: string, allowed: readonly Format[]): Format {
  const format = allowed.find((one) => one === text);
  if (format) return format;
  throw usage(`invalid value "${text}" for option --format: unknown format "${text}"`);
}

/**
 * @param value - JSON-like; undefined and null are Go's nil
 * @returns the tool's stdout, with its trailing newline
 * @see juju/cmd: output.go
 */
export function formatValue(value: unknown, format: Format): string {
  if (format === 'json') return `${goJson(value)}\n`;
  if (format === 'yaml') return yaml(value);
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'string') return `${value}\n`;
  if (typeof value === 'boolean') return value ? 'True\n' : 'False\n';
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.length === 0 ? '' : `${value.join('\n')}\n`;
  }
  return yaml(value);
}

/** As Go's encoding/json writes it: no spaces, keys sorted, `<`, `>`, `&` and two line separators escaped. */
export function goJson(value: unknown): string {
  return encode(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function yaml(value: unknown): string {
  return stringify(value ?? null, { version: '1.1', lineWidth: 0, indentSeq: false, sortMapEntries: true });
}

function encode(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(encode).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${encode(item)}`).join(',')}}`;
}
