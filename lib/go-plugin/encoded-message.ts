import type { Encoded } from './encode.ts';

/**
 * An answer that is encoded already, for methods that pass on what somebody else has written. Nobody checks that it is a
 * message of the method's type.
 */
export class EncodedMessage implements Encoded {
  readonly byteLength: number;
  readonly #parts: readonly Uint8Array[];

  /** @param parts - the message is these, one after the other; they must not change until the answer is sent */
  constructor(...parts: readonly Uint8Array[]) {
    this.#parts = parts;
    let byteLength = 0;
    for (const part of parts) byteLength += part.byteLength;
    this.byteLength = byteLength;
  }

  /** Writes it to `target`, from `at` on. */
  copy(target: Uint8Array, at: number): void {
    let next = at;
    for (const part of this.#parts) {
      target.set(part, next);
      next += part.byteLength;
    }
  }
}
