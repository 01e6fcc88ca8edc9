/** Shorter values are left alone: they hide nothing, and would blot out ordinary words. */
const shortestSecret = 4;
/** Of letters and digits alone: fewer turn up by chance, once all else has been taken out. */
const shortestCore = 8;
/** Of a longer secret this much is found by itself, should a server have cut off the rest. */
const pieceLength = 12;
const longestMessage = 200;
/** More than what is shown of a text, with whatever is taken out of it. */
const longestText = 8 * 1024;
const withheld = '(text withheld: it repeats a secret)';

/** Keeps a server's texts from carrying our own secrets, which it saw in the request, into logs and statuses. */
export class Secrets {
  readonly #values: readonly string[];
  #found: { readonly whole: readonly string[]; readonly cores: readonly string[] } | undefined;

  /** @param values - secrets as given; their encoded forms are found too, and longer parts of either */
  constructor(values: readonly string[]) {
    this.#values = values.filter((value) => value.length >= shortestSecret);
  }

  /** @returns `text` on one line and at most 200 characters, or a note in its place when it repeats a secret */
  withhold(text: string): string {
    const start = text.slice(0, longestText);
    if (this.#isRepeatedIn(start)) return withheld;
    const line = start.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
    return line.length > longestMessage ? `${line.slice(0, longestMessage - 3)}...` : line;
  }

  #isRepeatedIn(text: string): boolean {
    if (this.#values.length === 0) return false;
    this.#found ??= { whole: this.#values.flatMap(spellings), cores: this.#values.flatMap(coresOf) };
    const { whole, cores } = this.#found;
    // An error that quotes an error has its escapes escaped.
    const once = unescaped(text);
    for (const reading of new Set([text, once, unescaped(once)])) {
      if (whole.some((needle) => reading.includes(needle))) return true;
      const core = coreOf(reading);
      if (cores.some((needle) => core.includes(needle))) return true;
    }
    return false;
  }
}

function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const oneLine = secret.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return [...new Set([secret, json, oneLine])].filter((form) => form.length >= shortestSecret);
}

/** What is left of every spelling: quotes, escapes, line breaks, padding and the case of letters differ. */
function coreOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();
}

/** Of a secret as it is, in hexadecimal, and in base64, by itself or as a part of something else. */
function coresOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // The first and the last character are of what stands before and behind as well.
    return text.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
  });
  const cores = [secret, unescaped(secret), bytes.toString('hex'), ...inBase64].map(coreOf);
  return [...new Set(cores.filter(({ length }) => length >= shortestCore).flatMap(withPieces))];
}

function withPieces(core: string): string[] {
  if (core.length < 2 * pieceLength) return [core];
  const count = Math.floor(core.length / pieceLength);
  return Array.from({ length: count }, (_, i) => core.slice(i * pieceLength, (i + 1) * pieceLength));
}

const entities: ReadonlyMap<string, string> = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }),
);

/** Without the escapes of JSON (Go's has `\u0026` for `&`), of URLs and of HTML, as far as there are any. */
function unescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\(["\\/])/g, '$1')
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
    .replace(/&(#x?)?([0-9a-z]{1,7});/gi, (whole, number: string | undefined, name: string) => {
      if (number === undefined) return entities.get(name.toLowerCase()) ?? whole;
      const code = Number.parseInt(name, number.length > 1 ? 16 : 10);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    });
}
