import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkPattern, patternTest } from '../../../../lib/jaeger-storage/filter/pattern.ts';

/** Patterns, and what is said of them. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['GET (', /takes a pattern in RE2 syntax, and 'GET \(' is none: missing closing \): 'GET \('$/],
  ['[ab', /is none: missing closing \]: '\[ab'$/],
  ['a)', /is none: unexpected \)/],
  ['a**', /is none: invalid nested repetition operator: '\*\*'$/],
  ['*', /is none: missing argument to repetition operator/],
  ['[b-a]', /is none: invalid character class range: 'b-a'$/],
  ['a\\', /is none: trailing backslash at end of expression$/],
  ['\\pX', /is none: invalid character class range/],
  ['(a)\\1', /is none: invalid escape sequence: '\\1'$/],
  ['a\\Z', /is none: invalid escape sequence/],
  ['a(?=b)', /is none: invalid or unsupported Perl syntax/],
  ['(?<=a)b', /is none: invalid named capture/],
  ['(?P<n>a)(?P<n>b)', /is none: duplicate capture group name: 'n'$/],
  ['a{1001}', /is none: invalid repeat count: '\{1001\}'$/],
  ['a{2,1}', /is none: invalid repeat count/],
  ['(?:a{40}){40}', /is none: invalid repeat count/],
  ['^GET', /does not take '\^GET': it matches anywhere in the value, so the pattern has no anchors/],
  ['GET$', /has no anchors/],
  ['a|\\Ab', /has no anchors/],
  ['\\bGET', /without word boundaries/],
  ['GET.*?/', /asks whether the value matches, so no quantifier is lazy/],
  ['(?U)a+', /no quantifier is lazy/],
  ['(?i)get', /matches case-sensitively, so the pattern does not fold case/],
  ['a'.repeat(1001), /^operator 'regex' takes a pattern of at most 1000 characters, got 1001$/],
  ['a{1000}'.repeat(4), /takes a smaller pattern: '(?:a\{1000\}){4}' comes to 4000 steps once/],
  [`(?:${'ab'.repeat(400)}){900}`, /'\(\?:(?:ab)+a?\.\.\.' comes to 720000 steps/],
  [`${'a'.repeat(500)}(`, /and 'a{100}\.\.\.' is none: missing closing \): 'a{100}\.\.\.'$/],
  // No half of a character is left.
  [`${'a'.repeat(99)}\u{1f600}(`, /and 'a{99}\.\.\.' is none/],
];

const TAKEN: readonly string[] = [
  ...[
    '',
    '.*',
    'GET|POST',
    '/api/v[0-9]+',
    '\\d{3}',
    '[^/]+',
    '\\p{Greek}',
    '\\Q^$\\E',
    '(?s)a.b',
    '(?P<v>a)',
  ],
  ...[
    '[Gg]et',
    'a'.repeat(1000),
    'a{1000}',
    '(?:ab){1000}',
    'a{0,1000}',
    `${'('.repeat(400)}a${')'.repeat(400)}`,
  ],
];

/** Pattern, text, and whether the one matches the other. */
const MATCHES: readonly (readonly [string, string, boolean])[] = [
  ['GET|POST', 'HTTP POST /', true],
  ['get', 'GET', false],
  ['', '', true],
  ['a.b', 'a\nb', false],
  ['(?s)a.b', 'a\nb', true],
  ['@example.com', 'me@example.com', true],
  ['<1-2>', '1', false],
  ['&', 'a&b', true],
  ['\\d', '\u0663', false],
  ['[^a]', '\u{1f600}', true],
  ['a.c', 'a\u{1f600}c', true],
  ['\\p{Greek}', 'caf\u03ad', true],
  ['\\x{1F600}', '\u{1f600}', true],
  ['\\Q.*\\E', 'anything', false],
];

/** Patterns that mean the same to RE2 and to JavaScript. */
const { simple } = fc.letrec<{ simple: string; piece: string }>((tie) => ({
  simple: fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
  piece: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'a',
      'b',
      '\u00e9',
      '\\.',
      '\\d',
      '\\D',
      '\\w',
      '[ab]',
      '[^a]',
      '[a-c1]',
      '\\\\',
      '[\\]^]',
    ),
    fc.tuple(tie('simple'), tie('simple')).map(([one, other]) => `(?:${one}|${other})`),
    fc
      .tuple(tie('simple'), fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}'))
      .map(([one, quantifier]) => `(${one})${quantifier}`),
  ),
}));

const text = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', '1', '.', '\\', ']', '^', '\u00e9', ' '),
  maxLength: 12,
});

suite('checkPattern', () => {
  for (const [pattern, message] of REFUSED) {
    test(`'${pattern.slice(0, 30)}' is refused`, () => {
      assert.throws(() => checkPattern(pattern), { name: 'FilterTrouble', message });
    });
  }

  for (const pattern of TAKEN) {
    test(`'${pattern.slice(0, 30)}' is taken`, () => assert.doesNotThrow(() => checkPattern(pattern)));
  }
});

suite('patternTest', () => {
  for (const [pattern, subject, expected] of MATCHES) {
    test(`'${pattern}' ${expected ? 'matches' : 'does not match'} '${subject}'`, () => {
      checkPattern(pattern);
      assert.equal(patternTest(pattern)(subject), expected);
    });
  }

  test('simple patterns match what they match in JavaScript', () => {
    fc.assert(
      fc.property(simple, fc.array(text, { minLength: 1, maxLength: 5 }), (pattern, subjects) => {
        fc.pre(pattern.length <= 100);
        checkPattern(pattern);
        const [ours, theirs] = [patternTest(pattern), new RegExp(pattern)];
        for (const subject of subjects) assert.equal(ours(subject), theirs.test(subject), subject);
      }),
    );
  });

  test('patterns that would keep a backtracking engine busy for ever come to an end', () => {
    const long = 'a'.repeat(50_000);
    assert.equal(patternTest('(a+)+b')(long), false);
    assert.equal(patternTest('(a|a)*b')(long), false);
    assert.equal(patternTest('(.*)(.*)(.*)(.*)(.*)x')(long), false);
    assert.equal(patternTest(`${'(?:a?){400}'}a{400}b`)(long.slice(0, 2_000)), false);
  });

  test('more patterns than are kept are all answered', () => {
    for (let round = 0; round < 2; round += 1) {
      for (let one = 0; one < 100; one += 1) {
        assert.equal(patternTest(`x${one}y`)(`-x${one}y-`), true);
        assert.equal(patternTest(`x${one}y`)(`-x${one + 1}y-`), false);
      }
    }
  });
});
