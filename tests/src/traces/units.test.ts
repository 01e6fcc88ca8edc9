import assert from 'node:assert/strict';
import fc from 'fast-check';
import { durationText, parseDuration, parseSize, sizeText } from '#src/traces';

suite('times and sizes as people write them', () => {
  const durations: readonly [string, bigint][] = [
    ['5ms', 5_000_000n],
    ['1.5s', 1_500_000_000n],
    ['72h', 259_200_000_000_000n],
    ['7d', 604_800_000_000_000n],
    ['1h30m', 5_400_000_000_000n],
    ['250us', 250_000n],
    ['3ns', 3n],
  ];
  for (const [text, ns] of durations) {
    test(`${text} is ${ns} ns`, () => assert.equal(parseDuration(text), ns));
  }
  for (const bad of ['', '5', 'ms', '-5ms', '5 ms', '5w', '1h-3m', '1e3s', '9999999999s']) {
    test(`'${bad}' is no time`, () => assert.equal(parseDuration(bad), undefined));
  }

  const sizes: readonly [string, number][] = [
    ['10GB', 10_000_000_000],
    ['512 MiB', 536_870_912],
    ['1.5kB', 1_500],
    ['7B', 7],
  ];
  for (const [text, bytes] of sizes)
    test(`${text} is ${bytes} bytes`, () => assert.equal(parseSize(text), bytes));
  for (const bad of ['', '10', '10G', 'GB', '-1GB', '1iB']) {
    test(`'${bad}' is no size`, () => assert.equal(parseSize(bad), undefined));
  }
});

suite('times and sizes as they are shown', () => {
  const shown: readonly [bigint, string][] = [
    [0n, '0 ns'],
    [999n, '999 ns'],
    [1_000n, '1 us'],
    [12_345_678n, '12.3 ms'],
    [999_999n, '1.00 ms'],
    [59_999_999_999n, '1.00 m'],
    [5_400_000_000_000n, '1.50 h'],
    [864_000_000_000_000n, '10 d'],
  ];
  for (const [ns, text] of shown) test(`${ns} ns is ${text}`, () => assert.equal(durationText(ns), text));

  test('a time is never wider than its column', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 86_400_000_000_000_000n }), (ns) => {
        assert.ok(durationText(ns).length <= 8, durationText(ns));
      }),
    );
  });

  test('sizes', () => {
    assert.deepEqual([0, 999, 1_000, 69_632, 999_999, 10_300_000_000].map(sizeText), [
      '0 B',
      '999 B',
      '1 kB',
      '69.6 kB',
      '1.00 MB',
      '10.3 GB',
    ]);
  });
});
