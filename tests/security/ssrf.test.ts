import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RelationDraft } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { readTracingAnswer } from '#src/relations/tracing';
import { httpUrl } from '../../src/relations/http-url.ts';
import { heldIn } from '../charm/gateway-grafana.ts';
import { gatewayWorld, runCharm, said, source } from '../charm/worlds.ts';

/** Spellings of addresses that lead to the machine itself and its cloud, as URL parsers read them. */
const linkLocal = [
  'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
  'https://169.254.169.254',
  'HTTP://169.254.169.254:80/',
  '169.254.169.254',
  '169.254.170.2/v2/credentials',
  'http://169.254.169.254./',
  'http://169.254.43518/',
  'http://2852039166/',
  'http://0xA9FEA9FE/',
  'http://0xa9.0xfe.0xa9.0xfe/',
  'http://0251.0376.0251.0376/',
  'http://%31%36%39.254.169.254/',
  'http://①⑥⑨.254.169.254/',
  'http://169。254。169。254/',
  'http:///169.254.169.254/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::FFFF:A9FE:A9FE]/',
  'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
  'http://[::169.254.169.254]/',
  'http://[64:ff9b::169.254.169.254]/',
  'http://[fe80::1]:3200',
  'http://[febf::1]/',
  'http://[fd00:ec2::254]/latest/meta-data/',
];

/** URLs whose host is another one to another parser. */
const twoReadings = [
  'http://tempo.example\\@169.254.169.254/',
  'http://169.254.169.254\\@tempo.example/',
  'http:\\\\169.254.169.254/',
  'http://tempo.example\t@169.254.169.254/',
  'http://tempo.example@169.254.169.254/',
  'http://user:password@tempo:3200/',
];

const otherSchemes = [
  'file:///etc/grafana/grafana.ini',
  'gopher://tempo:6379/_FLUSHALL',
  'unix:///var/run/docker.sock',
  'ftp://tempo/',
  'dict://tempo:11211/',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'jar:http://tempo!/',
  'ws://tempo/',
];

/** What lies near those that are refused. */
const allowed = [
  'http://169.253.169.254/',
  'http://169.255.0.1/',
  'http://169-254-169-254.example/',
  'http://[fec0::1]/',
  'http://[fd00:ec2::253]/',
  'http://[64:ff9b::10.1.2.3]/',
  'http://10.1.2.3:3200',
  'http://127.0.0.1:3200',
];

suite('security: URLs that Grafana is made to call', () => {
  let grafana: EmbeddedGrafana;
  setup(async () => {
    grafana = await EmbeddedGrafana.start();
  });
  teardown(() => grafana.stop());

  const forms: readonly [form: string, hostile: (url: string) => RelationDraft][] = [
    ['of an application', (url) => source('hostile', { app: url })],
    ['of a unit', (url) => source('hostile', { units: { 0: url } })],
  ];
  const refused = [...linkLocal, ...twoReadings, ...otherSchemes, `http://tempo/${'a'.repeat(255)}`];
  for (const [form, hostile] of forms) {
    for (const url of refused) {
      test(`${form}: ${JSON.stringify(url.slice(0, 60))} never gets there, and others do`, async () => {
        const honest = source('loki', { app: 'http://loki:3100' });
        const out = await runCharm('config-changed', gatewayWorld(grafana, [hostile(url), honest]));
        assert.deepEqual(heldIn(grafana), ['http://loki:3100']);
        const { status, message } = out.state.unitStatus;
        assert.equal(status, 'active');
        assert.match(message, /can't read grafana_source_(app_)?host.* from hostile .*: expected /);
        assert.ok(!said({ ...out, state: { ...out.state, relations: [] } }).includes(url), message);
      });
    }
  }

  test('one that was allowed once and leads elsewhere now leaves what was made as it was', async () => {
    const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo:3200' })]);
    const { state } = await runCharm('config-changed', given);
    const turned = state.relations.map((one) =>
      one.endpoint === 'datasources'
        ? {
            ...one,
            remoteAppData: { ...one.remoteAppData, grafana_source_app_host: 'http://169.254.169.254' },
          }
        : one,
    );
    grafana.clearRequests();
    const out = await runCharm('config-changed', { ...state, relations: turned });
    assert.deepEqual([heldIn(grafana), grafana.writes], [['http://tempo:3200'], []]);
    assert.match(out.state.unitStatus.message, /expected a URL that is not of a link-local address$/);
  });

  for (const url of allowed) test(`${url} is no such address`, () => assert.equal(httpUrl(url), url));

  test('no spelling of a link-local IPv4 address is taken', () => {
    const part = (value: number) =>
      fc.constantFrom(String(value), `0x${value.toString(16)}`, `0${value.toString(8)}`);
    const byte = fc.nat(255);
    const anySpelling = fc.tuple(byte, byte).chain(([c, d]) =>
      fc.oneof(
        fc.tuple(part(169), part(254), part(c), part(d)).map((parts) => parts.join('.')),
        fc.tuple(part(169), part(254), part(c * 256 + d)).map((parts) => parts.join('.')),
        fc.tuple(part(169), part((254 * 256 + c) * 256 + d)).map((parts) => parts.join('.')),
        part(((169 * 256 + 254) * 256 + c) * 256 + d),
        fc.constantFrom(`[::ffff:169.254.${c}.${d}]`, `[64:ff9b::169.254.${c}.${d}]`),
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('http://', 'https://', ''),
        anySpelling,
        fc.constantFrom('', ':80', '/', ':3200/x?y'),
        (scheme, host, rest) => assert.equal(httpUrl(`${scheme}${host}${rest}`), undefined),
      ),
    );
  });

  test('a tracing backend can not have traces sent there either', () => {
    for (const url of [...linkLocal, ...twoReadings]) {
      const receivers = JSON.stringify([{ protocol: { name: 'otlp_http', type: 'http' }, url }]);
      const { answer, issues } = readTracingAnswer({ receivers });
      assert.deepEqual([answer.otlpHttpUrl, issues.length], [null, 1], url);
    }
  });
});
