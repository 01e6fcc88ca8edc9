import assert from 'node:assert/strict';
import { GrafanaApiError } from '#src/grafana';
import { EmbeddedGrafana, type EmbeddedGrafanaOptions, type Misbehaviour } from '#src/grafana/embedded';
import { UsageError } from '#src/local';
import { connect, type LiveGrafana, observe } from '../../../../src/doctor/grafana/index.ts';
import { remedyOf } from '../../../../src/doctor/grafana/remedy.ts';
import { refused, unreachable } from '../../../../src/grafana/refusals.ts';
import { certificate, serverTls } from '../../../certificates/index.ts';

suite('looking at a Grafana', () => {
  let grafana: EmbeddedGrafana | undefined;
  teardown(() => grafana?.stop());

  async function seen(
    options: EmbeddedGrafanaOptions = {},
    fault?: Misbehaviour,
    token?: string,
  ): Promise<LiveGrafana> {
    grafana = await EmbeddedGrafana.start(options);
    if (fault !== undefined) grafana.misbehave(fault);
    const ca = options.tls === undefined ? {} : { ca: certificate('ca') };
    const client = await connect({ url: grafana.url, token: token ?? grafana.token, ...ca });
    return observe(client, `${grafana.url}/`);
  }

  async function refusal(...given: Parameters<typeof seen>): Promise<string> {
    const error = await seen(...given).then(
      () => assert.fail('it was not refused'),
      (error: unknown) => error,
    );
    assert.ok(error instanceof UsageError, String(error));
    assert.doesNotMatch(error.message, /grafana-(url|token|ca)\b|\n/);
    return error.message;
  }

  for (const version of ['9.4.0', '10.4.0', '12.1.0', '13.0.2']) {
    test(`reads Grafana ${version} with a token that may only look`, async () => {
      grafana = await EmbeddedGrafana.start({
        version,
        seed: [{ uid: 'p', name: 'P', type: 'phlare', readOnly: true, jsonData: { a: [1] } }],
      });
      const token = grafana.addToken({ role: 'Viewer' });
      const { org, datasources, url } = await observe(
        await connect({ url: grafana.url, token }),
        `${grafana.url}/`,
      );
      assert.deepEqual([org, url], ['Main Org.', grafana.url]);
      assert.deepEqual(datasources, [
        {
          uid: 'p',
          id: 1,
          name: 'P',
          type: 'grafana-pyroscope-datasource',
          isDefault: false,
          readOnly: true,
          jsonData: { a: [1] },
        },
      ]);
      assert.deepEqual(grafana.writes, []);
    });
  }

  test('trusts the certificates that it is given', async () => {
    assert.deepEqual((await seen({ tls: serverTls('loopback') })).datasources, []);
  });

  test('does without the name of the organisation where the token may not ask', async () => {
    assert.equal((await seen({}, { match: { path: '/api/org' }, status: 403 })).org, null);
  });

  const health = (version: string) => ({
    status: 200,
    body: JSON.stringify({ database: 'ok', version, commit: 'c' }),
  });
  test('looks at a Grafana that hides its version', async () => {
    assert.equal((await seen({}, { match: { path: '/api/health' }, answer: health('') })).version, '');
  });

  const refusals: readonly [what: string, given: Parameters<typeof seen>, message: RegExp][] = [
    [
      'one that is too old',
      [{}, { match: { path: '/api/health' }, answer: health('8.5.27') }],
      /Grafana 8\.5\.27 is too old; upgrade it to 9\.0 or later$/,
    ],
    [
      'a token that it does not know',
      [{}, undefined, 'glsa_wrong'],
      /401.*put a valid token into the file of --token-file$/,
    ],
    ['a token that is none', [{}, undefined, 'a b'], /put a valid token into the file of --token-file$/],
    [
      'a token that may not look',
      [{}, { match: { path: '/api/datasources' }, status: 403 }],
      /give the service account of the token the role Viewer, or for --fix Admin$/,
    ],
    [
      'a page in place of the API',
      [{}, { answer: { status: 200, body: '<html>' } }],
      /give --grafana the base URL of a Grafana/,
    ],
    [
      'a redirect',
      [{}, { answer: { status: 302, headers: { location: '/login' } } }],
      /give --grafana the base URL/,
    ],
    [
      'other JSON',
      [{}, { answer: { status: 200, body: '{}' } }],
      /isn't Grafana's.*give --grafana the base URL/,
    ],
    [
      'a certificate of another name',
      [{ tls: serverTls('elsewhere') }],
      /give --grafana a host name that is in/,
    ],
    ['a certificate that is over', [{ tls: serverTls('expired') }], /renew the TLS certificate/],
  ];
  for (const [what, given, message] of refusals) {
    test(`says what to do about ${what}`, async () => assert.match(await refusal(...given), message));
  }

  test('never shows a password that stands in the URL', async () => {
    for (const url of [
      'http://me:hunter2@127.0.0.1/',
      'me:hunter2@127.0.0.1',
      'http://127.0.0.1/?token=hunter2',
    ]) {
      await assert.rejects(connect({ url, token: 't' }), (error: unknown) => {
        assert.ok(error instanceof UsageError);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    }
  });
});

suite('what to do about an error of Grafana', () => {
  const statuses = [302, 400, 401, 403, 404, 407, 408, 409, 413, 422, 429, 500, 502, 503];
  const calls = ['GET', 'POST', 'PUT', 'DELETE'].flatMap((method) =>
    ['/api/datasources', '/api/datasources/uid/x', '/api/org'].map((path) => ({ method, path })),
  );
  const messages = ['', 'name', 'uid', 'quota reached', 'read-only', 'Unauthorized'];
  const codes = [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EPROTO',
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'CERT_UNTRUSTED',
  ];
  const more = ['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_X', 'CERT_REVOKED', undefined];

  test('is never about the config of a charm', () => {
    const errors = calls.flatMap((call) => [
      ...statuses.flatMap((status) =>
        [true, false].flatMap((isJson) =>
          messages.map((message) => refused(call, { status, message, isJson })),
        ),
      ),
      ...[...codes, ...more].map((systemCode) => unreachable(call, { systemCode, reason: '' })),
    ]);
    for (const error of errors) {
      assert.ok(error instanceof GrafanaApiError);
      assert.doesNotMatch(remedyOf(error), /grafana-(url|token|ca)\b|\bhook|secret|juju/i, error.message);
      assert.notEqual(remedyOf(error), '');
    }
  });
});
