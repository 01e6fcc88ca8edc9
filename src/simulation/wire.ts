/** Reads what stands in databags and in `jsonData`, without the code that wrote it. */

/** @returns the object that a JSON text is; undefined for anything else */
export function objectIn(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the UIDs that the links in a JSON text lead to, as often as they stand there */
export function linkedUids(text: string): string[] {
  return [...text.matchAll(/"datasourceUid": ?"([^"]*)"/g)].map(([, uid = '']) => uid);
}
