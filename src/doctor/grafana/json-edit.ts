import { isObject } from '../../exchange/merge-patch.ts';
import type { Json, JsonObject } from '../../relations/python-json.ts';

type Path = readonly (string | number)[];

/** @returns the value at a path; undefined where there is none */
export function valueAt(value: Json, path: Path): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const inner = memberOf(value, step);
  return inner === undefined ? undefined : valueAt(inner, rest);
}

function memberOf(value: Json, step: string | number): Json | undefined {
  if (isList(value)) return typeof step === 'number' ? value[step] : undefined;
  return isObject(value) && typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** @returns a copy with another value at a path that is there */
export function withValueAt(value: JsonObject, path: Path, replacement: Json): JsonObject {
  const changed = changedAt(value, path, () => replacement);
  return changed !== undefined && isObject(changed) ? changed : value;
}

/** @returns a copy without what is at a path, nor what is left empty of the key that held it */
export function withoutValueAt(value: JsonObject, path: Path): JsonObject {
  const changed = changedAt(value, path, () => undefined);
  if (changed === undefined || !isObject(changed)) return value;
  const [key] = path;
  const left = typeof key === 'string' ? changed[key] : undefined;
  const isEmpty =
    left !== undefined && (isList(left) ? left.length : isObject(left) && Object.keys(left).length) === 0;
  return isEmpty ? Object.fromEntries(Object.entries(changed).filter(([name]) => name !== key)) : changed;
}

/** @param change - undefined in place of a value takes it away */
function changedAt(value: Json, path: Path, change: (value: Json) => Json | undefined): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (isList(value)) {
    return value.flatMap((member, i) => {
      if (i !== step) return [member];
      const changed = changedAt(member, rest, change);
      return changed === undefined ? [] : [changed];
    });
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]): [string, Json][] => {
      if (key !== step) return [[key, member]];
      const changed = changedAt(member, rest, change);
      return changed === undefined ? [] : [[key, changed]];
    }),
  );
}

/** @returns every text in a value, with the path to it */
export function* textsIn(value: Json, path: Path = []): Generator<{ text: string; path: Path }> {
  if (typeof value === 'string') yield { text: value, path };
  else if (isList(value)) for (const [i, member] of value.entries()) yield* textsIn(member, [...path, i]);
  else if (value !== null && isObject(value)) {
    for (const [key, member] of Object.entries(value)) yield* textsIn(member, [...path, key]);
  }
}

// Array.isArray does not narrow a readonly array.
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
