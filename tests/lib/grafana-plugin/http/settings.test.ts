import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { DatasourceError } from '../../../../lib/grafana-plugin/errors.ts';
import { GrafanaConfig } from '../../../../lib/grafana-plugin/grafana-config.ts';
import type { HttpOptions } from '../../../../lib/grafana-plugin/http/options.ts';
import { httpOptionsFrom } from '../../../../lib/grafana-plugin/http/settings.ts';
import type { DatasourceSettings } from '../../../../lib/grafana-plugin/plugin-context.ts';
import { pluginContext } from '../tracing/calls.ts';

function settings(
  jsonData: unknown = {},
  secureJsonData: Record<string, string> = {},
  more: Partial<DatasourceSettings> = {},
): DatasourceSettings {
  const { datasource } = pluginContext();
  assert.ok(datasource);
  return { ...datasource, jsonData, secureJsonData, ...more };
}

/** With copies of what does not show itself. */
function shown({ secrets, ...options }: HttpOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, typeof value === 'object' ? { ...value } : value]),
  );
}

const labels = {
  datasource_name: 'Rocks',
  datasource_uid: 'rocks-1',
  datasource_type: 'acme-rocks-datasource',
};

suite('grafana-plugin: HTTP settings', () => {
  test('nothing set up is nothing but who it is', () => {
    const options = httpOptionsFrom(settings());
    assert.deepEqual([shown(options), [...(options.secrets ?? [])]], [{ headers: {}, labels }, []]);
  });

  test('everything that the editors write is read', () => {
    const options = httpOptionsFrom(
      settings(
        {
          timeout: 60,
          dialTimeout: 5,
          httpKeepAlive: 15,
          httpTLSHandshakeTimeout: 2.5,
          httpExpectContinueTimeout: 1,
          httpMaxConnsPerHost: 7,
          httpMaxIdleConns: 8,
          httpMaxIdleConnsPerHost: 9,
          httpIdleConnTimeout: 30,
          tlsAuth: true,
          tlsAuthWithCACert: true,
          tlsSkipVerify: true,
          serverName: 'prom.example',
          httpHeaderName1: 'X-Scope-OrgID',
          httpHeaderName2: 'X-Key',
          httpHeaderName3: 'x-none',
          httpHeaderName4: 'X-Key',
          httpHeaderName6: 'X-After-A-Gap',
          sigV4Auth: true,
          sigV4Region: 'eu-north-1',
          ofThePlugin: { anything: [1] },
        },
        {
          basicAuthPassword: 'pw',
          tlsCACert: 'ca',
          tlsClientCert: 'cert',
          tlsClientKey: 'key',
          httpHeaderValue1: 'tenant-7',
          httpHeaderValue2: 'k1',
          httpHeaderValue4: 'k2',
          httpHeaderValue6: 'late',
          sigV4AccessKey: 'access',
          sigV4SecretKey: 'secret',
        },
        { url: 'http://prom.example/', basicAuthEnabled: true, basicAuthUser: 'ada' },
      ),
      new GrafanaConfig({ GF_INSTANCE_FEATURE_TOGGLES_ENABLE: 'other,pluginsForceTls13' }),
    );
    assert.deepEqual(shown(options), {
      url: 'http://prom.example/',
      basicAuth: { user: 'ada', password: 'pw' },
      headers: { 'X-Scope-OrgID': 'tenant-7', 'X-Key': 'k1, k2' },
      timeoutMs: 60_000,
      connectTimeoutMs: 5_000,
      keepAliveMs: 15_000,
      tlsHandshakeTimeoutMs: 2_500,
      maxConnectionsPerHost: 7,
      idleTimeoutMs: 30_000,
      tls: {
        caCertificate: 'ca',
        clientCertificate: 'cert',
        clientKey: 'key',
        serverName: 'prom.example',
        skipVerify: true,
        minVersion: 'TLSv1.3',
      },
      sigV4: { region: 'eu-north-1', accessKey: 'access', secretKey: 'secret' },
      labels,
    });
  });

  for (const [name, given, expected] of [
    [
      'user and password of old',
      settings({}, { password: 'p', basicAuthPassword: 'x' }, { user: 'u' }),
      ['u', 'p'],
    ],
    [
      'of jsonData',
      settings({ basicAuth: true, basicAuthUser: 'j' }, { basicAuthPassword: 'q' }),
      ['j', 'q'],
    ],
    ['turned off', settings({ basicAuth: false, basicAuthUser: 'j' }, { basicAuthPassword: 'q' }), undefined],
  ] as const) {
    test(`basic authentication: ${name}`, () => {
      const { basicAuth } = httpOptionsFrom(given);
      assert.deepEqual(basicAuth && [basicAuth.user, basicAuth.password], expected);
    });
  }

  test('TLS material counts only where it is turned on', () => {
    const secure = { tlsCACert: 'ca', tlsClientCert: 'cert', tlsClientKey: 'key' };
    assert.equal(httpOptionsFrom(settings({ serverName: 'x' }, secure)).tls, undefined);
    const { tls } = httpOptionsFrom(settings({ serverName: 'x', tlsSkipVerify: true }, secure));
    assert.deepEqual({ ...tls }, { skipVerify: true });
  });

  test('what is cleared in an editor counts as not there', () => {
    const options = httpOptionsFrom(
      settings({ timeout: null, serverName: '', tlsAuth: null, httpMaxConnsPerHost: '' }),
    );
    assert.deepEqual(Object.keys(options), ['headers', 'labels', 'secrets']);
  });

  for (const [key, value] of [
    ['timeout', 'hunter2'],
    ['timeout', -1],
    ['tlsSkipVerify', 'yes'],
    ['httpMaxConnsPerHost', 1.5],
    ['serverName', 7],
    ['httpHeaderName1', { a: 1 }],
  ] as const) {
    test(`a ${key} of ${inspect(value)} is refused by its name, and not quoted`, () => {
      assert.throws(
        () => httpOptionsFrom(settings({ [key]: value })),
        (error) =>
          error instanceof DatasourceError &&
          error.status === 400 &&
          error.source === 'downstream' &&
          error.message.includes(key) &&
          !inspect(error).includes('hunter2'),
      );
    });
  }

  test('no JSON makes it fail in another way', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (jsonData) => {
        try {
          httpOptionsFrom(settings(jsonData));
        } catch (error) {
          assert.ok(error instanceof DatasourceError && error.status === 400, inspect(error));
        }
      }),
    );
  });

  test('no print of the options shows a secret, and copies of them work', () => {
    const options = httpOptionsFrom(
      settings(
        { basicAuth: true, basicAuthUser: 'ada', httpHeaderName1: 'X-Key', tlsAuth: true, sigV4Auth: true },
        {
          basicAuthPassword: 'hunter2-basic',
          httpHeaderValue1: 'hunter2-header',
          tlsClientKey: 'hunter2-key',
          sigV4SecretKey: 'hunter2-sig',
          other: 'hunter2-other',
        },
      ),
    );
    for (const print of [
      inspect(options, { depth: 10 }),
      JSON.stringify(options),
      `${inspect({ ...options })}`,
    ]) {
      assert.ok(!print.includes('hunter2'), print);
    }
    const more: Record<string, string> = { ...options.headers, 'X-More': '1' };
    assert.equal(more['X-Key'], 'hunter2-header');
    assert.equal({ ...options }.basicAuth?.password, 'hunter2-basic');
  });
});
