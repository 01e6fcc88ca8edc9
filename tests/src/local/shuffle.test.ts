import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shuffled } from '../../../src/local/shuffle.ts';

const items = ['a', 'b', 'c', 'd', 'e'];

suite('shuffled', () => {
  test('keeps every item, and gives the same order for the same seed', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat(), (list, seed) => {
        assert.deepEqual(shuffled(list, seed).toSorted(), list.toSorted());
        assert.deepEqual(shuffled(list, seed), shuffled(list, seed));
      }),
    );
  });

  test('gives many different orders for different seeds', () => {
    const orders = new Set(Array.from({ length: 12 }, (_, seed) => shuffled(items, seed).join()));
    assert.ok(orders.size >= 10, `${orders.size} different orders of 12`);
  });
});
