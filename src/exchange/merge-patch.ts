import type { Json, JsonObject } from '../relations/python-json.ts';

/**
 * JSON Merge Patch: objects are merged, `null` takes a key away, all else - lists too - is replaced. Keys keep their
 * order, new ones come last.
 * @see RFC 7396
 */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else if (!isObject(value)) merged.set(key, value);
    else {
      const before = merged.get(key);
      merged.set(key, mergePatch(before !== undefined && isObject(before) ? before : {}, value));
    }
  }
  return Object.fromEntries(merged);
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
