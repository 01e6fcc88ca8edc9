import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYamlSafeJson } from '#lib/juju';

suite('toYamlSafeJson', () => {
  const text = fc.string({ unit: 'binary', maxLength: 50 });
  const risky = fc.constantFrom(
    '\u007f',
    '\u0085',
    '\u009f',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\uffff',
    '/',
    '😀',
  );
  const value = fc.oneof(
    text,
    fc.array(fc.oneof(risky, text), { maxLength: 5 }).map((parts) => parts.join('')),
  );

  test('JSON and YAML 1.1 parsers read from it what was written', () => {
    fc.assert(
      fc.property(fc.dictionary(value, value, { noNullPrototype: true }), (values) => {
        const line = toYamlSafeJson(values);
        assert.deepEqual(JSON.parse(line), values);
        const fromYaml: Map<string, string> = parse(line, { version: '1.1', mapAsMap: true });
        const sorted = (entries: Iterable<[string, string]>) =>
          [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
        assert.deepEqual(sorted(fromYaml), sorted(Object.entries(values)));
      }),
    );
  });

  test('what YAML refuses is escaped, and an emoji is not', () => {
    assert.equal(
      toYamlSafeJson({ k: '\u007f\u0085\u2028\ufeff\uffff😀é/' }),
      '{"k":"\\u007f\\u0085\\u2028\\ufeff\\uffff😀é/"}',
    );
  });

  test('half a surrogate pair and a key too long for YAML are refused', () => {
    assert.throws(() => toYamlSafeJson({ k: '\ud83d' }), TypeError);
    assert.throws(() => toYamlSafeJson({ ['k'.repeat(1100)]: 'v' }), TypeError);
  });
});
