import assert from 'node:assert/strict';
import { isAtLeast, parseGrafanaVersion } from '#src/grafana';

suite('Grafana versions', () => {
  for (const [text, major, minor, patch] of [
    ['12.1.0', 12, 1, 0],
    ['9.4.0-pre', 9, 4, 0],
    ['11.0.0-12345', 11, 0, 0],
    ['12.1.0+security-01', 12, 1, 0],
    ['v10.2', 10, 2, 0],
  ] as const) {
    test(`'${text}' is ${major}.${minor}.${patch}`, () => {
      assert.deepEqual(parseGrafanaVersion(text), { major, minor, patch });
    });
  }
  for (const text of ['', 'main', '12', '.1', '99999.1.1']) {
    test(`'${text}' is none`, () => assert.equal(parseGrafanaVersion(text), undefined));
  }
  for (const [version, wanted, expected] of [
    ['12.1.0', '12.1', true],
    ['12.1.0', '12.1.1', false],
    ['12.10.0', '12.9.9', true],
    ['13.0.0', '12.9.9', true],
    ['9.4.0-pre', '9.4.0', true],
    ['11.9.9', '12.0', false],
  ] as const) {
    test(`${version} is ${expected ? '' : 'not '}at least ${wanted}`, () => {
      const parsed = parseGrafanaVersion(version);
      assert.ok(parsed);
      assert.equal(isAtLeast(parsed, wanted), expected);
    });
  }
  test('a wanted version that is none is a mistake in the code', () => {
    assert.throws(() => isAtLeast({ major: 1, minor: 0, patch: 0 }, 'main'), TypeError);
  });
});
