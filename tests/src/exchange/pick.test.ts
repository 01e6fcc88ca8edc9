import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareUids } from '../../../src/exchange/pick.ts';

suite('the order of UIDs', () => {
  for (const [first, second] of [
    ['mimir-2-ff', 'mimir-10-00'],
    ['juju_cos_u_mimir_9', 'juju_cos_u_mimir_10'],
    ['mimir', 'mimir-0'],
    ['mimir-01', 'mimir-1'],
    ['1', 'a'],
    ['', 'a'],
    ['P0815ABB835088BE0', 'PFAEA03B6EF95490C'],
    ['9'.repeat(100), `1${'0'.repeat(100)}`],
  ] as const) {
    test(`'${first.slice(0, 30)}' stands before '${second.slice(0, 30)}'`, () => {
      assert.ok(compareUids(first, second) < 0);
      assert.ok(compareUids(second, first) > 0);
    });
  }

  test('is total', () => {
    const anyUid = fc.oneof(fc.stringMatching(/^[a01-]{0,6}$/), fc.string({ unit: 'binary', maxLength: 6 }));
    fc.assert(
      fc.property(anyUid, anyUid, anyUid, (a, b, c) => {
        assert.equal(compareUids(a, b) === 0, a === b);
        assert.equal(Math.sign(compareUids(a, b)), 0 - Math.sign(compareUids(b, a)));
        if (compareUids(a, b) <= 0 && compareUids(b, c) <= 0) assert.ok(compareUids(a, c) <= 0);
      }),
      { numRuns: 1000 },
    );
  });
});
