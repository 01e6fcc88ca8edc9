import assert from 'node:assert/strict';
import { datasourceChannel, parseChannel } from '../../../lib/grafana-plugin/live-channel.ts';

suite('channels of Grafana Live', () => {
  test('a datasource announces ds, its UID and a path', () => {
    assert.equal(datasourceChannel('tempo-0-3f9a1c2e', 'traces/slow=1'), 'ds/tempo-0-3f9a1c2e/traces/slow=1');
  });

  test('what is announced is read again', () => {
    assert.deepEqual(parseChannel('plugin/my-app/a/b'), {
      scope: 'plugin',
      namespace: 'my-app',
      path: 'a/b',
    });
  });

  for (const bad of [
    '',
    'ds',
    'ds/uid',
    'ds/uid/',
    '/uid/path',
    'ds/u id/path',
    'ds/uid/a?b',
    `ds/uid/${'a'.repeat(160)}`,
  ]) {
    test(`'${bad.slice(0, 20)}' is no channel`, () => assert.throws(() => parseChannel(bad), TypeError));
  }
});
