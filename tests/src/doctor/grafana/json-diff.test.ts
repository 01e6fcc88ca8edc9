import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Hunk, jsonDiff } from '../../../../src/doctor/grafana/index.ts';
import type { Json, JsonObject } from '../../../../src/relations/python-json.ts';

/** Of an object whose keys are in order, as those of {@link anyObject} are; an empty one has two lines as well. */
function lines(value: JsonObject): string[] {
  const text = JSON.stringify(value, null, 2);
  return text === '{}' ? ['{', '}'] : text.split('\n');
}

/** What the text becomes when the difference is applied to it, by the numbers that it names. */
function patched(before: readonly string[], hunks: readonly Hunk[]): string[] {
  const out: string[] = [];
  let at = 0;
  for (const hunk of hunks) {
    out.push(...before.slice(at, hunk.before - 1));
    at = hunk.before - 1;
    assert.equal(out.length, hunk.after - 1);
    for (const { sign, text } of hunk.lines) {
      if (sign !== '+') assert.equal(before[at], text);
      if (sign !== '+') at += 1;
      if (sign !== '-') out.push(text);
    }
  }
  return [...out, ...before.slice(at)];
}

const anyValue = fc.oneof(
  fc.array(fc.constantFrom<Json>('a', 'b', 'c', 1, true, null), { maxLength: 12 }),
  fc.constantFrom<Json>('a', {}, { a: 1, b: [2] }),
);
const anyObject = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), anyValue)
  .map((all): JsonObject => Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1))));

suite('a difference of jsonData', () => {
  test('makes one of the other', () => {
    fc.assert(
      fc.property(anyObject, anyObject, (before, after) => {
        assert.deepEqual(patched(lines(before), jsonDiff(before, after)), lines(after));
      }),
    );
  });

  test('is none between equals, whatever the order of their keys', () => {
    assert.deepEqual(jsonDiff({ a: { c: 1, d: 2 }, b: [1] }, { b: [1], a: { d: 2, c: 1 } }), []);
  });

  test('takes no line of one link for a line of another', () => {
    const link = { datasourceUid: 'x', tags: [{ key: 'a' }] };
    const [hunk, ...others] = jsonDiff({ a: link, z: 1 }, { a: link, b: link, z: 1 });
    assert.deepEqual(others, []);
    const come = hunk?.lines.filter(({ sign }) => sign === '+').map(({ text }) => text);
    assert.deepEqual([come?.[0], come?.at(-1)], ['  "b": {', '  },']);
  });

  test('shows three lines around a change, and leaves out what is further off', () => {
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const hunks = jsonDiff({ a: numbers }, { a: numbers.with(5, 105).with(30, 130) });
    assert.deepEqual(
      hunks.map(({ before, after, lines }) => [before, after, lines.length]),
      [
        [5, 5, 8],
        [30, 30, 8],
      ],
    );
  });

  test('takes no long time for what nobody would read', () => {
    const many = (from: number) => Array.from({ length: 20_000 }, (_, i) => from + i);
    assert.equal(jsonDiff({ a: many(0) }, { a: many(100_000) }).length, 1);
  });
});
