/** A trace id as a key of maps. */
export function traceKey(traceId: Uint8Array): string {
  return String.fromCharCode.apply(null, traceId as unknown as number[]);
}

/** Whether two ids of 16 bytes are the same one. */
export function isSameTrace(one: Uint8Array, other: Uint8Array): boolean {
  for (let i = 15; i >= 0; i -= 1) if (one[i] !== other[i]) return false;
  return true;
}
