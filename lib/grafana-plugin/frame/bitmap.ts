/** Validity as Arrow packs it: bit `row % 8` of byte `row / 8`, least significant first, 1 means there is a value. */

export function bitmapBytes(length: number): number {
  return (length + 7) >>> 3;
}

export function bitAt(bitmap: Uint8Array, row: number): boolean {
  return ((bitmap[row >>> 3] as number) & (1 << (row & 7))) !== 0;
}

export function setBit(bitmap: Uint8Array, row: number): void {
  bitmap[row >>> 3] = (bitmap[row >>> 3] as number) | (1 << (row & 7));
}

/** One bit per row from anything that tells about a row. */
export function packBits(length: number, isSet: (row: number) => boolean): Uint8Array {
  const bitmap = new Uint8Array(bitmapBytes(length));
  for (let row = 0; row < length; row++) if (isSet(row)) setBit(bitmap, row);
  return bitmap;
}

/** How many of the first `length` bits are 0. */
export function countUnset(bitmap: Uint8Array, length: number): number {
  let set = 0;
  const whole = length >>> 3;
  for (let index = 0; index < whole; index++) {
    let bits = bitmap[index] as number;
    bits -= (bits >>> 1) & 0x55;
    bits = (bits & 0x33) + ((bits >>> 2) & 0x33);
    set += (bits + (bits >>> 4)) & 0x0f;
  }
  for (let row = whole << 3; row < length; row++) if (bitAt(bitmap, row)) set++;
  return length - set;
}
