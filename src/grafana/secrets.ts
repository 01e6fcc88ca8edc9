/** Shorter values are left alone: they hide nothing, and would blot out ordinary words. */
const shortestSecret = 4;
const longestMessage = 200;

/** Keeps a server's texts from carrying our own secrets, which it saw in the request, into logs and statuses. */
export class Secrets {
  readonly #needles: string[];

  /** @param values - secrets as given; their encoded forms are found too */
  constructor(values: readonly string[]) {
    this.#needles = values.filter((value) => value.length >= shortestSecret).flatMap(spellings);
  }

  /** @returns `text` on one line and at most 200 characters, or a note in its place when it repeats a secret */
  withhold(text: string): string {
    if (this.#needles.some((needle) => text.includes(needle))) return '(text withheld: it repeats a secret)';
    const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
    // A line that was joined from several may spell what none of them did.
    if (this.#needles.some((needle) => line.includes(needle))) return '(text withheld: it repeats a secret)';
    return line.length > longestMessage ? `${line.slice(0, longestMessage - 3)}...` : line;
  }
}

function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  const json = JSON.stringify(secret).slice(1, -1);
  const oneLine = secret.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  const forms = [secret, json, base64, encodeURIComponent(secret.toWellFormed()), oneLine];
  return [...new Set(forms)].filter((form) => form.length >= shortestSecret);
}
