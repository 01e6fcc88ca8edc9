import type { Json } from './python-json.ts';

/**
 * Doubles every `$` in every string, as `extra_fields` wants it on the wire: the Grafana charm puts them into a
 * provisioning file, where Grafana takes `$NAME` for a variable and `$$` for a dollar.
 * @see grafana/grafana: pkg/services/provisioning/values/values.go
 */
export function escapeDollars(value: Json): Json {
  return mapStrings(value, (text) => text.replaceAll('$', '$$$$'));
}

/** Undoes {@link escapeDollars}, for Grafana's HTTP API, which takes dollars as they are. */
export function unescapeDollars(value: Json): Json {
  return mapStrings(value, (text) => text.replaceAll('$$', '$'));
}

function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((member: Json) => mapStrings(member, change));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapStrings(member, change)]));
}
