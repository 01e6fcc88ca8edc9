/** Text that is HTML (or SVG within it) already. Only `html` makes it, so whatever else is put in gets escaped. */
export class Markup {
  readonly #text: string;
  private constructor(text: string) {
    this.#text = text;
  }

  /** @param parts - text of ours: what others wrote belongs into the values, which are escaped */
  static of(parts: TemplateStringsArray, values: readonly Value[]): Markup {
    return new Markup(
      parts.map((part, i) => (i === 0 ? part : `${textOf(values[i - 1] ?? '')}${part}`)).join(''),
    );
  }

  /** @param text - of ours, word for word: a style sheet or a script, in which nothing may be escaped */
  static asIs(text: string): Markup {
    return new Markup(text);
  }

  toString(): string {
    return this.#text;
  }
}

export type Value = string | number | Markup | readonly Markup[];

/** A template whose values can't get out of an element, nor out of an attribute that stands in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return Markup.of(parts, values);
}

function textOf(value: Value): string {
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'string') return escaped(value);
  return typeof value === 'number' ? String(value) : value.join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/**
 * Shows what has no shape of its own as its code point: names come from databags, and one with a line break in it, or
 * a mark that turns the direction of writing, would look like another text than it is.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}
