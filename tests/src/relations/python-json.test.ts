import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Json, pythonJson } from '../../../src/relations/python-json.ts';

suite('JSON as Python writes it', () => {
  const table: [value: Json, text: string][] = [
    [null, 'null'],
    [true, 'true'],
    [5, '5'],
    [-1.5, '-1.5'],
    ['', '""'],
    [[], '[]'],
    [{}, '{}'],
    [[1, 'a', null], '[1, "a", null]'],
    [{ b: 1, a: { c: [] } }, '{"b": 1, "a": {"c": []}}'],
    ['a"b\\c/d', '"a\\"b\\\\c/d"'],
    ['\b\f\n\r\t\u0000\u001f', '"\\b\\f\\n\\r\\t\\u0000\\u001f"'],
    ['~\u007f\u0080', '"~\\u007f\\u0080"'],
    ['zürich \u2028', '"z\\u00fcrich \\u2028"'],
    ['🐙', '"\\ud83d\\udc19"'],
    [{ schlüssel: 'ß' }, '{"schl\\u00fcssel": "\\u00df"}'],
    ['\ud800', '"\\ud800"'],
  ];
  for (const [value, text] of table) {
    test(`writes ${text}`, () => assert.equal(pythonJson(value), text));
  }

  test('is printable ASCII alone and parses back to the same value', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        const value = JSON.parse(text) as Json;
        const written = pythonJson(value);
        assert.match(written, /^[ -~]*$/);
        assert.equal(JSON.stringify(JSON.parse(written)), JSON.stringify(value));
      }),
    );
  });
});
