/**
 * As much of Go's `encoding/gob` as the unit agent's protocol needs: structs of booleans, numbers, strings, bytes
 * and lists. A stream holds messages; each is a length and a payload, which either defines a type (once for each
 * connection, under an id that its sender chose) or carries a value of one.
 * @see golang/go: src/encoding/gob/doc.go
 */

/** A decoded value. Zero values are not sent: an absent field is Go's zero of its type. */
export type GobValue =
  | boolean
  | bigint
  | string
  | Uint8Array
  | readonly GobValue[]
  | { readonly [field: string]: GobValue };

export function isStruct(value: GobValue): value is { readonly [field: string]: GobValue } {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
}

export interface GobField {
  readonly name: string;
  readonly type: number;
}

/** Ids that every stream knows. Types that are sent get ids from 65 on. */
export const builtIn = { bool: 1, int: 2, uint: 3, bytes: 5, string: 6 } as const;

/** The stream is none of gob, or of a part of it that is not known here. */
export class GobError extends Error {
  override readonly name = 'GobError';
}
