/** @returns where two values that are plain data differ first, and how; undefined when they are equal */
export function firstDifference(found: unknown, wanted: unknown, path = ''): string | undefined {
  if (Object.is(found, wanted)) return undefined;
  if (isObject(found) && isObject(wanted) && Array.isArray(found) === Array.isArray(wanted)) {
    for (const key of new Set([...Object.keys(found), ...Object.keys(wanted)])) {
      const difference = firstDifference(found[key], wanted[key], `${path}/${key}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return `${path || 'the whole'} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
