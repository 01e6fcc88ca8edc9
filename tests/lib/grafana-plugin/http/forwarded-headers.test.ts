import assert from 'node:assert/strict';
import { forwardedHeaders } from '../../../../lib/grafana-plugin/http/forwarded-headers.ts';

suite('grafana-plugin: forwarded headers', () => {
  test('are those with the prefix, and the few without it that are headers too', () => {
    const headers = forwardedHeaders({
      Authorization: 'Bearer a',
      'X-ID-Token': 'id',
      cookie: 'a=1; b=2',
      FromAlert: 'true',
      'http_X-Dashboard-Uid': 'd1',
      'http_X-Rule-Name': 'too hot',
      // The prefix is looked for as it is written.
      'HTTP_X-Panel-Id': '4',
      tenantID: 't',
    });
    assert.deepEqual(Object.fromEntries(headers), {
      authorization: 'Bearer a',
      cookie: 'a=1; b=2',
      fromalert: 'true',
      'x-dashboard-uid': 'd1',
      'x-id-token': 'id',
      'x-rule-name': 'too hot',
    });
  });

  test('what cannot be a header is left out, and nothing fails', () => {
    const headers = forwardedHeaders({
      http_: 'no name',
      'http_X Y': 'a name with a space',
      'http_X-Rule-Name': 'a value\nof two lines',
      'http_X-Rule-Folder': 'Über',
      'http_X-Rule-Uid': 'ok',
      http___proto__: 'x',
    });
    assert.deepEqual(
      [...headers.keys()].filter((name) => name.startsWith('x-')).includes('x-rule-uid'),
      true,
    );
    assert.equal(headers.get('x-rule-name'), null);
    assert.equal(headers.get('x-rule-uid'), 'ok');
  });
});
