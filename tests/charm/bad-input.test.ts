import assert from 'node:assert/strict';
import type { Config, SecretContent } from '#lib/juju';
import type { UnitState } from '#lib/juju/testing';
import { grafanaClient } from '#src/grafana';
import { EmbeddedGrafana, generateToken, type Misbehaviour } from '#src/grafana/embedded';
import { certificate, type ServerName, serverTls } from '../certificates/index.ts';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  changedNothing,
  gatewayWorld,
  grafanaSource,
  relationIn,
  runCharm,
  said,
  source,
  withConfig,
  withRelation,
} from './worlds.ts';

/** What an operator would see, wider than which `juju status` gets hard to read. */
const widest = 130;

/**
 * Whatever is put in from outside, the unit says in one line what is to be done, all else stays as it was, and once it
 * is mended the next hook does what had to wait.
 */
suite('charm: bad input', () => {
  const { grafana } = grafanaPerTest({ tls: serverTls('loopback') });
  let other: EmbeddedGrafana | undefined;
  teardown(async () => {
    await other?.stop();
    other = undefined;
  });

  /** A gateway with one datasource, which is a datasource itself, and a second source that comes just now. */
  async function settledAndNews(): Promise<{ settled: UnitState; news: UnitState }> {
    const given = gatewayWorld(
      grafana,
      [source('loki', { app: 'http://loki' }), source('tempo', {}), grafanaSource('elsewhere', {})],
      {
        config: {
          'grafana-ca': certificate('ca'),
          'datasource-type': 'mimir',
          'datasource-url': 'http://mimir',
        },
      },
    );
    const bare = withRelation(given, relationIn(given, 'datasources', 'tempo'), { remoteAppData: {} });
    const { state: settled } = await runCharm('config-changed', bare);
    assert.equal(grafana.datasources().length, 1);
    const { remoteAppData } = relationIn(
      gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })]),
      'datasources',
    );
    const news = withRelation(settled, relationIn(settled, 'datasources', 'tempo'), { remoteAppData });
    return { settled, news };
  }

  async function check(
    break_: (given: UnitState) => UnitState | Promise<UnitState>,
    expected: { status: string; message: RegExp },
    mend: (given: UnitState, good: UnitState) => UnitState | Promise<UnitState>,
  ): Promise<void> {
    const { settled, news } = await settledAndNews();
    const before = grafana.datasources();
    const broken = await break_(news);
    // When hooks run, then the status says what to do
    const out = await runCharm('config-changed', broken);
    const { status, message } = out.state.unitStatus;
    assert.equal(status, expected.status, message);
    assert.match(message, expected.message);
    assert.ok(message.length <= widest, `${message.length}: ${message}`);
    // And nothing else is touched: datasources, with their versions, and databags
    const seeded = grafana.datasources().filter(({ uid }) => uid !== 'by-hand');
    assert.deepEqual(seeded, before);
    assert.deepEqual(out.changes.relationSettings, [], said(out));
    assert.ok(changedNothing(await runCharm('update-status', out.state)));
    // And once it is mended, what had to wait is done
    grafana.behave();
    const mended = await runCharm('config-changed', await mend(out.state, settled));
    assert.equal(
      grafana
        .datasources()
        .map(({ url }) => url)
        .filter((url) => ['http://loki', 'http://tempo'].includes(url)).length,
      2,
    );
    assert.ok(relationIn(mended.state, 'datasources', 'tempo').localAppData.app_datasource_uid);
    assert.equal(mended.state.unitStatus.message, 'for elsewhere to answer');
  }

  const withSecret =
    (content: () => SecretContent) =>
    (given: UnitState): UnitState => ({
      ...given,
      secrets: given.secrets.map((one) => ({ ...one, revisions: [{ revision: 2, content: content() }] })),
    });
  const goodSecret = (given: UnitState, { secrets }: UnitState): UnitState => ({ ...given, secrets });

  const secrets: readonly [what: string, content: () => SecretContent, message: RegExp][] = [
    [
      'that has other keys',
      () => ({ 'api-key': 'hunter22' }),
      /^grafana-token: the secret needs the key token, or username and password$/,
    ],
    [
      'whose token is empty',
      () => ({ token: '\n' }),
      /^grafana-token: the secret needs the key token, or username and password$/,
    ],
    [
      'that holds what no token is',
      () => ({ token: 'two words' }),
      /^put a valid token, or username and password, into the secret of grafana-token$/,
    ],
    [
      'that holds a token cut short',
      () => ({ token: grafana.token.slice(0, 20) }),
      /^put a valid token, or username and password, into the secret of grafana-token$/,
    ],
    [
      'that holds a token of another Grafana',
      () => ({ token: generateToken() }),
      /^put a valid token, or username and password, into the secret of grafana-token$/,
    ],
    [
      'that holds a wrong password',
      () => ({ username: 'admin', password: 'hunter22' }),
      /^put a valid token, or username and password, into the secret of grafana-token$/,
    ],
    [
      "that holds a Viewer's token",
      () => ({ token: grafana.addToken({ role: 'Viewer' }) }),
      /^give the Grafana service account of grafana-token the role Admin$/,
    ],
    [
      "that holds an Editor's token",
      () => ({ token: grafana.addToken({ role: 'Editor' }) }),
      /^give the Grafana service account of grafana-token the role Admin$/,
    ],
  ];
  for (const [what, content, message] of secrets) {
    test(`a secret ${what}`, () => check(withSecret(content), { status: 'blocked', message }, goodSecret));
  }

  test('a secret that was taken away', () =>
    check(
      (given) => ({ ...given, secrets: given.secrets.map((one) => ({ ...one, granted: false })) }),
      { status: 'blocked', message: /^grafana-token: let app read it: juju grant-secret <name> app$/ },
      goodSecret,
    ));

  const answers: readonly [what: string, fault: Misbehaviour, status: string, message: RegExp][] = [
    [
      'a login page',
      { answer: { status: 200, body: '<!doctype html><form action="/login">' } },
      'blocked',
      /^set grafana-url to the base URL of a Grafana: its answer is no JSON$/,
    ],
    [
      'a page of a proxy that asks who we are',
      { answer: { status: 403, body: '<h1>Forbidden</h1>' } },
      'blocked',
      /^let this machine reach Grafana: what stands before it answered 403 without JSON$/,
    ],
    [
      'a page of a proxy that finds nothing behind it',
      { answer: { status: 502, body: '<h1>Bad Gateway</h1>' } },
      'waiting',
      /^wait for Grafana or read its log: it answered 502; for elsewhere to answer$/,
    ],
    [
      'a redirect to a login',
      { answer: { status: 302, headers: { location: 'https://sso.example/login?next=hunter22' } } },
      'blocked',
      /^set grafana-url to the base URL of a Grafana: it answers with a redirect$/,
    ],
    [
      'the page of another web server',
      { answer: { status: 404, body: '<h1>Not Found</h1>' } },
      'blocked',
      /^set grafana-url to the base URL of a Grafana: it has no Grafana API$/,
    ],
    [
      'the JSON of another program',
      { answer: { status: 200, headers: { 'content-type': 'application/json' }, body: '{"hello":"world"}' } },
      'blocked',
      /^set grafana-url to the base URL of a Grafana: its answer has an unknown form as a whole$/,
    ],
  ];
  for (const [what, fault, status, message] of answers) {
    test(`a Grafana that answers ${what}`, () =>
      check(
        (given) => {
          grafana.misbehave(fault);
          return given;
        },
        { status, message },
        (given) => given,
      ));
  }

  const ca: readonly [what: string, config: Config, message: RegExp][] = [
    [
      'no CA for it is given',
      { 'grafana-ca': '' },
      /^set grafana-ca to the certificate of the CA that signed Grafana's \(UNABLE_TO_/,
    ],
    [
      'another CA is given',
      { 'grafana-ca': certificate('other-ca') },
      /^set grafana-ca to the certificate of the CA that signed Grafana's \(UNABLE_TO_/,
    ],
    [
      'the CA is no PEM',
      { 'grafana-ca': 'MIIB' },
      /^grafana-ca: expected certificates in PEM, each from -----BEGIN/,
    ],
    [
      'the CA is cut short',
      { 'grafana-ca': certificate('ca').slice(0, 200) },
      /^grafana-ca: expected certificates in PEM/,
    ],
    [
      'one of several is damaged',
      { 'grafana-ca': certificate('ca') + certificate('other-ca').replace(/^(MII.)../m, '$1AA') },
      /^grafana-ca: expected certificates in PEM/,
    ],
    [
      'there is a key with it',
      { 'grafana-ca': certificate('ca') + serverTls('loopback').key },
      /^grafana-ca: take the private key out of it, and use that key no more: it was readable here$/,
    ],
  ];
  for (const [what, config, message] of ca) {
    test(`a certificate that can not be verified: ${what}`, () =>
      check(
        (given) => withConfig(given, config),
        { status: 'blocked', message },
        (given, good) => ({ ...given, config: good.config }),
      ));
  }

  const servers: readonly [what: string, server: ServerName, message: RegExp][] = [
    [
      'that is for another host',
      'elsewhere',
      /^set grafana-url to a host name that is in Grafana's TLS certificate, or renew that$/,
    ],
    [
      'that has expired',
      'expired',
      /^renew the TLS certificate of Grafana, or that of its CA: it has expired$/,
    ],
  ];
  for (const [what, server, message] of servers) {
    test(`a certificate ${what}`, () =>
      check(
        async (given) => {
          other = await EmbeddedGrafana.start({ tls: serverTls(server), token: grafana.token });
          return withConfig(given, { 'grafana-url': other.url });
        },
        { status: 'blocked', message },
        (given, good) => ({ ...given, config: good.config }),
      ));
  }

  test('https where Grafana speaks http', () =>
    check(
      async (given) => {
        other = await EmbeddedGrafana.start({ token: grafana.token });
        return withConfig(given, { 'grafana-url': other.url.replace('http:', 'https:') });
      },
      { status: 'blocked', message: /^correct grafana-url, http or https, or how Grafana speaks TLS/ },
      (given, good) => ({ ...given, config: good.config }),
    ));

  test("a name that somebody's datasource has", async () => {
    const name = 'juju_cos_11111111-2222-4333-8444-555555555555_tempo';
    await check(
      (given) => {
        grafana.seed({ name, type: 'loki', uid: 'by-hand', url: 'http://theirs' });
        return given;
      },
      {
        status: 'blocked',
        message: new RegExp(
          `^rename or remove datasource '${name}' in Grafana: tempo-[0-9a-f]{8} needs its name$`,
        ),
      },
      async (given) => {
        const auth = { kind: 'bearer', token: grafana.token } as const;
        const operator = grafanaClient({ url: grafana.url, auth, ca: certificate('ca') });
        const theirs = (await operator.getDatasource('by-hand')) ?? assert.fail();
        await operator.updateDatasource('by-hand', { ...theirs, access: 'proxy', name: 'Theirs' });
        return given;
      },
    );
    assert.equal(grafana.datasources().find(({ uid }) => uid === 'by-hand')?.url, 'http://theirs');
  });
});
