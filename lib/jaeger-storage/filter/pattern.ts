import { createRequire } from 'node:module';
import { type PatternConstruct, scanPattern } from './pattern-scan.ts';
import { FilterTrouble } from './trouble.ts';

/** In UTF-16 units: longer than people write, and short enough to read at once. */
const MAX_LENGTH = 1_000;
/** Room for any pattern of that length that does not count, and for those that count to 1,000, RE2's own limit, once. */
const MAX_SIZE = 3_000;

/** How many different patterns a filter may have: so many that asking one span does not push out what the next needs. */
export const MAX_PATTERNS = 16;
/** Compiled ones that are kept, some 8 MB each with all the states they come to have. */
const MAX_COMPILED = 2 * MAX_PATTERNS;

const REFUSALS: Readonly<Record<PatternConstruct, string>> = {
  anchor: 'it matches anywhere in the value, so the pattern has no anchors (^, $, \\A, \\z)',
  'word boundary': 'it takes a pattern without word boundaries (\\b, \\B)',
  'lazy quantifier': 'it asks whether the value matches, so no quantifier is lazy (*?, +?, ??, {1,2}?, (?U))',
  'case folding': 'it matches case-sensitively, so the pattern does not fold case ((?i))',
};

/**
 * Refuses a pattern that Jaeger refuses, and one that would take long: RE2's syntax without what Jaeger's stores do not
 * all have.
 * @throws {FilterTrouble}
 */
export function checkPattern(pattern: string): void {
  if (pattern.length > MAX_LENGTH) {
    throw new FilterTrouble(
      `operator 'regex' takes a pattern of at most ${MAX_LENGTH} characters, got ${pattern.length}`,
    );
  }
  const { size, constructs } = scanPattern(pattern);
  // Before it is compiled, since that is what takes so long.
  if (size > MAX_SIZE) {
    throw new FilterTrouble(
      `operator 'regex' takes a smaller pattern: ${quoted(pattern)} comes to ${size} steps once its repetitions are written out, and at most ${MAX_SIZE} are allowed`,
    );
  }
  compile(pattern);
  const [first] = constructs;
  if (first !== undefined) {
    throw new FilterTrouble(`operator 'regex' does not take ${quoted(pattern)}: ${REFUSALS[first]}`);
  }
}

/** Messages travel in headers, which are not long and take no half of a surrogate pair. */
function quoted(pattern: string): string {
  return pattern.length <= 100
    ? `'${pattern}'`
    : `'${pattern.slice(0, 100).replace(/[\ud800-\udbff]$/, '')}...'`;
}

/**
 * Tells whether a pattern matches anywhere in a text, in a time that is linear in the text whatever the pattern.
 * @param pattern - one that {@link checkPattern} lets pass
 */
export function patternTest(pattern: string): (text: string) => boolean {
  const regex = compiled(pattern);
  return (text) => regex.test(text);
}

type Re2 = typeof import('re2js');
type Regex = ReturnType<Re2['RE2JS']['compile']>;

let loaded: Re2 | undefined;

/** Few filters have a pattern, and reading the engine in takes longer than all the rest of the filters' code. */
function re2(): Re2 {
  // Not `import()`: a filter is evaluated within one turn, in the midst of reading spans.
  loaded ??= createRequire(import.meta.url)('re2js') as Re2;
  return loaded;
}

/** Conditions carry the text of a pattern, being sent between threads: so each thread keeps what it compiled. */
const cache = new Map<string, Regex>();

function compiled(pattern: string): Regex {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const regex = compile(pattern);
  if (cache.size >= MAX_COMPILED) {
    const [oldest = ''] = cache.keys();
    cache.delete(oldest);
  }
  cache.set(pattern, regex);
  return regex;
}

function compile(pattern: string): Regex {
  const { RE2JS, RE2JSException, RE2JSSyntaxException } = re2();
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new FilterTrouble(
      `operator 'regex' takes a pattern in RE2 syntax, and ${quoted(pattern)} is none: ${
        error instanceof RE2JSSyntaxException ? complaint(error) : error.message
      }`,
    );
  }
}

/** Such as "missing closing ]: '[ab'". */
function complaint(error: InstanceType<Re2['RE2JSSyntaxException']>): string {
  const where = error.getPattern();
  return where === null ? error.getDescription() : `${error.getDescription()}: ${quoted(where)}`;
}
