/** What a regular expression consists of, as far as filters restrict it. */
export interface PatternScan {
  /**
   * Instructions it comes to once its counted repetitions are written out, give or take few: 5 for `ab{4}`. It is what
   * compiling it costs, and matching it with one character.
   */
  readonly size: number;
  /** What there is in it that Jaeger's stores do not all have, in order. */
  readonly constructs: readonly PatternConstruct[];
}

export type PatternConstruct = 'anchor' | 'word boundary' | 'lazy quantifier' | 'case folding';

/** One token of RE2's syntax; of a class only how it opens, since what is special elsewhere is not so in there. */
const TOKEN = new RegExp(
  [
    String.raw`\\Q(?<quoted>[\s\S]*?)(?:\\E|$)`,
    String.raw`(?<anchor>[\^$]|\\[Az])`,
    String.raw`(?<boundary>\\[bB])`,
    String.raw`\\(?:[pPx]\{[^}]*\}|[pP]?[\s\S])`,
    String.raw`\(\?(?<flags>[a-zA-Z-]*)(?<flagsEnd>[:)])`,
    String.raw`(?<open>\((?:\?P?<[^>]*>)?)`,
    String.raw`(?<close>\))`,
    String.raw`(?<class>\[\^?)`,
    String.raw`(?<quantifier>[*+?]|\{(?<min>0|[1-9][0-9]*)(?<comma>,(?<max>0|[1-9][0-9]*)?)?\})(?<lazy>\?)?`,
    String.raw`[\s\S]`,
  ].join('|'),
  'uy',
);

type TokenParts = Readonly<
  Partial<
    Record<
      | ('quoted' | 'anchor' | 'boundary' | 'flags' | 'flagsEnd' | 'open' | 'close' | 'class')
      | ('quantifier' | 'min' | 'comma' | 'max' | 'lazy'),
      string
    >
  >
>;

/** A class inside of a class, or a character, or a range of them. */
const CLASS_ITEM =
  /\[:\^?[a-z]+:\]|\\[pP](?:\{[^}]*\}|[\s\S])|\\[dDsSwW]|(?:\\[\s\S]|[^\\])(?:-(?!\])(?:\\[\s\S]|[^\\]))?/uy;

/**
 * Reads a pattern from left to right. What it says of a pattern that RE2 does not read means nothing: that is for RE2
 * to refuse.
 * @see google/re2: doc/syntax.txt
 */
export function scanPattern(pattern: string): PatternScan {
  const constructs: PatternConstruct[] = [];
  /** Around the innermost open group: what came before, and what keeping the group's text adds to it. */
  const outer: { readonly size: number; readonly ends: number }[] = [];
  /** Of the innermost open group so far, but for the last piece, which a quantifier may follow. */
  let size = 0;
  let last = 0;
  for (let at = 0; at < pattern.length; ) {
    const [length, parts] = tokenAt(pattern, at);
    at += length;
    if (parts.quantifier !== undefined) {
      if (parts.lazy !== undefined) constructs.push('lazy quantifier');
      last = repeated(last, parts);
      continue;
    }
    if (parts.flags !== undefined) constructs.push(...switchedOn(parts.flags));
    // Neither is a piece: a quantifier behind it is about the piece before it.
    if (parts.quoted === '' || parts.flagsEnd === ')') continue;
    size += last + (parts.quoted?.length ?? 1) - 1;
    last = 1;
    if (parts.anchor !== undefined) constructs.push('anchor');
    if (parts.boundary !== undefined) constructs.push('word boundary');
    if (parts.class !== undefined) at = endOfClass(pattern, at);
    if (parts.open !== undefined || parts.flagsEnd === ':') {
      outer.push({ size, ends: parts.open === undefined ? 0 : 2 });
      size = 0;
      last = 0;
    }
    if (parts.close !== undefined) {
      const group = outer.pop() ?? { size: 0, ends: 0 };
      last = size + group.ends;
      size = group.size;
    }
  }
  return { size: outer.reduce((total, group) => total + group.size, size + last), constructs };
}

function tokenAt(pattern: string, at: number): readonly [length: number, TokenParts] {
  TOKEN.lastIndex = at;
  const match = TOKEN.exec(pattern);
  return match === null ? [1, {}] : [match[0].length, match.groups as TokenParts];
}

/** Every repetition that may be left out takes a decision; one without end is decided on over and over. */
function repeated(size: number, { min, comma, max }: TokenParts): number {
  if (min === undefined) return size + 1;
  const least = Number(min);
  if (comma === undefined) return least * size;
  if (max === undefined) return Math.max(1, least) * size + 1;
  return Number(max) * size + Math.max(0, Number(max) - least);
}

/** @param from - behind '[' or '[^', where ']' is a character like others */
function endOfClass(pattern: string, from: number): number {
  let at = from;
  while (at < pattern.length && (at === from || pattern[at] !== ']')) {
    CLASS_ITEM.lastIndex = at;
    at = CLASS_ITEM.test(pattern) ? CLASS_ITEM.lastIndex : pattern.length;
  }
  return at + 1;
}

/** By flags such as 'im' or 's-U': those before the minus are. */
function switchedOn(flags: string): PatternConstruct[] {
  const [on = ''] = flags.split('-');
  const constructs: PatternConstruct[] = [];
  if (on.includes('i')) constructs.push('case folding');
  if (on.includes('U')) constructs.push('lazy quantifier');
  return constructs;
}
