/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

/**
 * JSON as Python's `json.dumps` writes it by default: `", "` and `": "` between things, everything beyond ASCII as
 * lower-case `\uXXXX`, keys in the order of the object.
 *
 * The Python charms write `grafana_datasource` databags like this. Any JSON would be understood; equal bytes mean
 * that switching an application between their charm and ours changes nothing in a databag but the links that only
 * ours makes, and wakes nobody where there are none.
 */
export function pythonJson(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return JSON.stringify(value);
  if (typeof value === 'string') return asciiString(value);
  if (isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${asciiString(key)}: ${pythonJson(member)}`);
  return `{${members.join(', ')}}`;
}

// Array.isArray does not narrow a readonly array.
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function asciiString(text: string): string {
  // By UTF-16 code unit, which yields the surrogate pairs that Python writes; it escapes DEL as well.
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
