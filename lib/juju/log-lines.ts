/** Linux takes no argument of 128 KiB or more, the NUL at its end included; some room is left. */
const maxBytes = 128 * 1024 - 1024;

/**
 * Cuts a log message into pieces that fit into one argument each, never within a character.
 * NUL bytes, which no argument can hold, become U+FFFD.
 */
export function logPieces(message: string, limitBytes: number = maxBytes): string[] {
  const clean = message.replaceAll('\0', '\ufffd').toWellFormed();
  if (Buffer.byteLength(clean) <= limitBytes) return [clean];
  const bytes = Buffer.from(clean);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + limitBytes, bytes.length);
    // Bytes 10xxxxxx continue a character.
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return pieces;
}
