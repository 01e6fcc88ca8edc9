import assert from 'node:assert/strict';
import { type PatternConstruct, scanPattern } from '../../../../lib/jaeger-storage/filter/pattern-scan.ts';

/** What looks like a construct, and is one or is not. */
const CONSTRUCTS: Readonly<Record<PatternConstruct | 'nothing', readonly string[]>> = {
  anchor: [
    ...['^a', 'a$', 'a|^b', '(a|b$)', '\\Aa', 'a\\z', '(?:^a){0}', '\\\\^', '[a]^', '[^]]$'],
    ...['[]^', '[\\]^]', '[a\\Q]'].map((set) => `${set}]^`),
    // The range from ! to [ is in the way of what would be a class by its name, so that ] is the end.
    ...['[!-[:alpha:]^x]', '[[:alpha:]]^', '\\p{Greek}^', '\\x{41}^', '\\Qa\\E^', '(?s)^', '(?P<b>^)'],
  ],
  'word boundary': ['\\bGET', 'a\\B', '(?:\\b)', '[\\]]\\b', '\\\\\\b'],
  'lazy quantifier': [
    ...[
      'a*?',
      'a+?',
      'a??',
      'a{2}?',
      'a{2,}?',
      'a{2,3}?',
      '(a|b)*?',
      '[*]+?',
      '\\*??',
      '\\x{41}+?',
      '(?U)a+',
    ],
    ...['(?sU:a)', '(?U-s)a', '\\Q*\\E*?', '\\p{L}+?', '[[:alpha:]]+?'],
  ],
  'case folding': ['(?i)get', '(?i:get)', 'a(?si)b', '(?i-s)a', '(?i)', 'a|(?mi:b)'],
  nothing: [
    ...[
      'GET .*',
      '[$^]',
      '[^a]',
      '[]^]',
      '[^]^]',
      '\\^',
      '\\$',
      '\\\\',
      '\\Q^$\\b*?\\E',
      '\\Q^',
      '[[:alpha:]^]',
    ],
    ...[
      '[!-[:alpha:]',
      '[\\d-^]',
      '[\\p{Greek}^]',
      '[a-\\]^]',
      '\\p{^Greek}',
      '\\P{^L}',
      '[\\x{41}^]',
      '[^^]',
    ],
    ...[
      'a?',
      '(a)?',
      '[*?]',
      '\\*?',
      '\\+?',
      '\\??',
      '\\x{41}?',
      '\\x{1}?',
      'a{?',
      'a{01}?',
      'a{,3}?',
      '\\p{L}?',
    ],
    ...[
      'a+\\Q\\E?',
      'a+(?s)?',
      '(?-i)get',
      '(?s-iU:get)',
      '(?s)a',
      '(?m)a',
      '(?P<iU>a)',
      '(?<i>a)',
      'A-Za-z',
      '',
    ],
    ...['[Gg]et', '@example.com', '<1-2>', '\u{1f600}?', '[\u{1f600}-\u{1f602}]?'],
  ],
};

/** In instructions. */
const SIZES: Readonly<Record<string, number>> = {
  '': 0,
  abc: 3,
  'ab{4}': 5,
  'ab{2,4}': 7,
  'ab{3,}': 5,
  'ab*': 3,
  '(ab)': 4,
  '(?:ab)': 2,
  '(?P<name>ab){10}': 40,
  '(?:a{10}b){10}': 110,
  '[[:alpha:]^{9}]{10}': 10,
  '\\p{Greek}{10}': 10,
  '\\x{41}{10}': 10,
  '\\Qabc\\E{10}': 12,
  '\\Qa{10}': 5,
  'a\\Q\\E{10}': 10,
  'a(?s){10}': 10,
  'a{01}': 5,
};

suite('scanPattern', () => {
  for (const [construct, patterns] of Object.entries(CONSTRUCTS)) {
    for (const pattern of patterns) {
      test(`${construct} in '${pattern}'`, () => {
        const { constructs } = scanPattern(pattern);
        assert.deepEqual(constructs, construct === 'nothing' ? [] : [construct]);
      });
    }
  }

  test('constructs come in the order of the pattern', () => {
    assert.deepEqual(scanPattern('(?i)^a+?\\b').constructs, [
      'case folding',
      'anchor',
      'lazy quantifier',
      'word boundary',
    ]);
  });

  for (const [pattern, size] of Object.entries(SIZES)) {
    test(`'${pattern}' comes to ${size}`, () => assert.equal(scanPattern(pattern).size, size));
  }

  test('what is no pattern is read to its end', () => {
    for (const text of ['\\', '[', '[^', '[a-', '[\\', '(?', '(?P<', '\\p{', '\\x{', ')))', '{2}', '\\Q\\']) {
      assert.doesNotThrow(() => scanPattern(text), text);
    }
  });
});
