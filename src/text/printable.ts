/**
 * Text that somebody else wrote, for one line of ours: a line break would make a second line of it, an escape sequence
 * would do as it likes, and a mark that turns the direction of writing would make it look like another text.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** The same with each text in plain data, names of keys left out. */
export function printableIn<T>(value: T): T;
export function printableIn(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map((member: unknown) => printableIn(member));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, printableIn(member)]));
}
