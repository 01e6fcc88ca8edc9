import assert from 'node:assert/strict';
import fc from 'fast-check';
import { columnsOf, compareNames, roleOf, shortened, signalOf } from '../../../../src/doctor/html/names.ts';

suite('names on the page', () => {
  for (const [text, columns, expected] of [
    ['mimir-0-3f9a1c2e', 20, 'mimir-0-3f9a1c2e'],
    ['juju_cos_11111111-2222_mimir_0', 15, 'juju_co\u2026mimir_0'],
    ['a\nb', 20, 'a\\u{a}b'],
    ['\u65e5\u672c\u8a9e', 4, '\u2026\u8a9e'],
    ['', 5, ''],
  ] as const) {
    test(`${JSON.stringify(text)} in ${columns} columns is ${expected}`, () => {
      assert.equal(shortened(text, columns), expected);
    });
  }

  test('take no more room than there is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        assert.ok(columnsOf(shortened(text, columns)) <= columns);
      }),
    );
  });

  test('are in the order of the numbers in them', () => {
    const sorted = ['loki/0', 'mimir/2', 'mimir/10', 'mimir-a/1'];
    assert.deepEqual(sorted.toReversed().toSorted(compareNames), [
      'loki/0',
      'mimir-a/1',
      'mimir/2',
      'mimir/10',
    ]);
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        assert.equal(Math.sign(compareNames(a, b)), -Math.sign(compareNames(b, a)) || 0);
      }),
    );
  });

  test('of types and kinds tell what a datasource holds and where a link leads', () => {
    assert.deepEqual(
      ['prometheus', 'loki', 'elasticsearch', 'jaeger', 'grafana-pyroscope-datasource', 'mysql', null].map(
        roleOf,
      ),
      ['metrics', 'logs', 'logs', 'traces', 'profiles', 'other', 'other'],
    );
    assert.deepEqual(['service-map', 'logs-to-traces', '__proto__'].map(signalOf), [
      'metrics',
      'traces',
      'other',
    ]);
  });
});
