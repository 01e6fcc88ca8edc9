import assert from 'node:assert/strict';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type GrafanaClient, grafanaClient } from '#src/grafana';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { certificate, type ServerName, serverTls } from '../../certificates/index.ts';
import { failure, tempo } from './client-harness.ts';

suite('Grafana client over TLS', () => {
  let grafana: EmbeddedGrafana | undefined;
  teardown(() => grafana?.stop());

  async function client(server: ServerName, ca?: string): Promise<GrafanaClient> {
    grafana = await EmbeddedGrafana.start({ tls: serverTls(server) });
    assert.match(grafana.url, /^https:/);
    const auth = { kind: 'bearer', token: grafana.token } as const;
    return grafanaClient({ url: grafana.url, auth, retries: 0, ...(ca !== undefined && { ca }) });
  }

  for (const [what, ca] of [
    ['the CA that signed it', () => certificate('ca')],
    [
      'one of several CAs, with text between them',
      () => `# first\n${certificate('other-ca')}\n# second\n${certificate('ca')}`,
    ],
    ['the very certificate', () => certificate('loopback')],
  ] as const) {
    test(`trusts a certificate by ${what}, to read and to write`, async () => {
      const trusting = await client('loopback', ca());
      assert.deepEqual(await trusting.listDatasources(), []);
      await trusting.createDatasource(tempo);
      assert.equal(await trusting.deleteDatasource(tempo.uid), true);
    });
  }

  const refusals: readonly [what: string, server: ServerName, ca: string | undefined, remedy: RegExp][] = [
    ['a CA that is not known', 'loopback', undefined, /^set grafana-ca to the certificate of the CA/],
    ['a CA that is not the one given', 'loopback', certificate('other-ca'), /^set grafana-ca to/],
    ['another host name', 'elsewhere', certificate('ca'), /^set grafana-url to a host name that is in/],
    ['a time that is over', 'expired', certificate('ca'), /^renew the TLS certificate.*has expired$/],
  ];
  for (const [what, server, ca, remedy] of refusals) {
    test(`refuses a certificate of ${what}, and says what to do`, async () => {
      const error = await failure((await client(server, ca)).listDatasources());
      assert.deepEqual([error.code, error.fixedBy], ['MISCONFIGURED', 'operator']);
      assert.match(error.remedy, remedy);
      assert.ok(error.remedy.length <= 120, error.remedy);
      assert.deepEqual(grafana?.requests, [], 'nothing was sent');
    });
  }

  test('says so when one side speaks TLS and the other does not', async () => {
    grafana = await EmbeddedGrafana.start();
    const auth = { kind: 'bearer', token: grafana.token } as const;
    const url = grafana.url.replace('http:', 'https:');
    const error = await failure(grafanaClient({ url, auth, retries: 0 }).listDatasources());
    assert.equal(error.fixedBy, 'operator');
    assert.match(error.remedy, /^correct grafana-url, http or https/);
  });

  test('trusts with a CA of its own all that Node trusts by default, too', async () => {
    const known = getCACertificates('default');
    try {
      setDefaultCACertificates([...known, certificate('ca')]);
      assert.deepEqual(await (await client('loopback', certificate('other-ca'))).listDatasources(), []);
    } finally {
      setDefaultCACertificates(known);
    }
  });

  test('makes nothing of a CA where there is no TLS', async () => {
    grafana = await EmbeddedGrafana.start();
    const auth = { kind: 'bearer', token: grafana.token } as const;
    const plain = grafanaClient({ url: grafana.url, auth, ca: certificate('ca') });
    assert.deepEqual(await plain.listDatasources(), []);
  });
});
