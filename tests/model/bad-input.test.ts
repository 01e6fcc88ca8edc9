import assert from 'node:assert/strict';
import { grafanaClient } from '#src/grafana';
import { type EmbeddedGrafana, generateToken } from '#src/grafana/embedded';
import { certificate, serverTls } from '../certificates/index.ts';
import { Cos } from './cos.ts';

/** What goes wrong in a Grafana or at an operator's keyboard, and what `juju status` says of it then. */
suite('in a model, bad input', () => {
  let cos: Cos;
  let grafana: EmbeddedGrafana;
  setup(async () => {
    cos = await Cos.open();
    grafana = await cos.grafana({ tls: serverTls('loopback') });
  });
  teardown(() => cos.close());

  const ca = certificate('ca');
  const setConfig = (config: Record<string, string>) => cos.model.setConfig('grafana', config);
  const setSecret = (content: Record<string, string>) => cos.model.updateSecret('grafana-token', content);
  const operator = () =>
    grafanaClient({ url: grafana.url, auth: { kind: 'bearer', token: grafana.token }, ca });
  /** The name that the datasource of `loki` is to have. */
  const lokisName = () => `juju_cos_${cos.model.uuid}_loki`;

  interface Case {
    readonly what: string;
    readonly break: () => void | Promise<void>;
    readonly message: RegExp;
    readonly mend: () => unknown;
  }
  const cases: readonly Case[] = [
    {
      what: 'a secret without the key that it needs',
      break: () => setSecret({ 'api-key': 'hunter22' }),
      message: /^grafana-token: the secret needs the key token, or username and password$/,
      mend: () => setSecret({ token: grafana.token }),
    },
    {
      what: 'a token that Grafana does not know',
      break: () => setSecret({ token: generateToken() }),
      message: /^put a valid token, or username and password, into the secret of grafana-token$/,
      mend: () => setSecret({ token: grafana.token }),
    },
    {
      what: "a Viewer's token",
      break: () => setSecret({ token: grafana.addToken({ role: 'Viewer' }) }),
      message: /^give the Grafana service account of grafana-token the role Admin$/,
      mend: () => setSecret({ token: grafana.token }),
    },
    {
      what: 'a secret that is not granted any more',
      break: () => cos.model.revokeSecret('grafana-token', 'grafana'),
      message: /^grafana-token: let grafana read it: juju grant-secret <name> grafana$/,
      mend: () => cos.model.grantSecret('grafana-token', 'grafana'),
    },
    {
      what: 'a Grafana behind a login page',
      break: () => grafana.misbehave({ answer: { status: 200, body: '<html>Log in</html>' } }),
      message: /^set grafana-url to the base URL of a Grafana: its answer is no JSON$/,
      mend: () => grafana.behave(),
    },
    {
      what: 'a Grafana that redirects',
      break: () => grafana.misbehave({ answer: { status: 301, headers: { location: '/grafana/' } } }),
      message: /^set grafana-url to the base URL of a Grafana: it answers with a redirect$/,
      mend: () => grafana.behave(),
    },
    {
      what: 'a certificate that nobody vouches for',
      break: () => setConfig({ 'grafana-ca': certificate('other-ca') }),
      message: /^set grafana-ca to the certificate of the CA that signed Grafana's \(UNABLE_TO_/,
      mend: () => setConfig({ 'grafana-ca': ca }),
    },
    {
      what: 'a CA that is no certificate',
      break: () => setConfig({ 'grafana-ca': 'ca.pem' }),
      message: /^grafana-ca: expected certificates in PEM/,
      mend: () => setConfig({ 'grafana-ca': ca }),
    },
    {
      what: 'a certificate that has expired',
      break: async () => {
        const { url } = await cos.grafana({ tls: serverTls('expired'), token: grafana.token });
        setConfig({ 'grafana-url': url });
      },
      message: /^renew the TLS certificate of Grafana, or that of its CA: it has expired$/,
      mend: () => setConfig({ 'grafana-url': grafana.url }),
    },
    {
      what: "a name that an operator's datasource has",
      break: () => grafana.seed({ name: lokisName(), type: 'loki', uid: 'by-hand', url: 'http://theirs' }),
      message: /^rename or remove datasource 'juju_cos_.*_loki' in Grafana: loki-[0-9a-f]{8} needs its name$/,
      mend: () => operator().deleteDatasource('by-hand'),
    },
  ];

  for (const { what, break: break_, message, mend } of cases) {
    test(`${what}: the status says what to do, all else stays, and mending it is enough`, async () => {
      // Given a gateway with a Tempo
      await cos.gateway('grafana', grafana, { config: { 'grafana-ca': ca } });
      await cos.datasource('tempo', 'tempo');
      cos.model.relate('tempo:grafana-source', 'grafana:datasources');
      await cos.settled();
      const [tempo] = grafana.datasources();
      const told = JSON.stringify(cos.databags());
      // When something breaks, and a Loki comes
      await break_();
      await cos.settled();
      await cos.datasource('loki', 'loki', { url: 'http://loki' });
      cos.model.relate('loki:grafana-source', 'grafana:datasources');
      await cos.settled();
      // Then the unit says what to do; Tempo's datasource and databags are as they were, Loki has no answer
      const { status, message: shown } = cos.status('grafana/0') ?? assert.fail();
      assert.deepEqual([status, message.test(shown)], ['blocked', true], shown);
      assert.deepEqual(
        grafana.datasources().filter(({ uid }) => uid !== 'by-hand'),
        [tempo],
      );
      assert.ok(JSON.stringify(cos.databags()).startsWith(told.slice(0, -1)), 'what was told stays told');
      assert.equal(cos.status('loki/0')?.message, 'for grafana to answer');
      // And when it is mended, the next hook does the rest
      await mend();
      await cos.later();
      assert.deepEqual(cos.status('grafana/0'), {
        status: 'active',
        message: `2 datasources in ${grafana.url}`,
      });
      assert.equal(cos.status('loki/0')?.message, '0 of 1 link in 1 Grafana');
      assert.deepEqual(
        grafana.datasources().find(({ uid }) => uid === tempo?.uid),
        tempo,
        'not even its version has changed',
      );
    });
  }
});
