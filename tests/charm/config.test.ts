import assert from 'node:assert/strict';
import type { Config } from '#lib/juju';
import type { UnitState } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  answerIn,
  changedNothing,
  credentialsUri,
  datasourceWorld,
  exchange,
  gatewayWorld,
  grafanaSource,
  runCharm,
  source,
  withConfig,
  world,
} from './worlds.ts';

const tempo = { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo:3200' };

suite('charm: config', () => {
  test('with nothing configured the status names both things that an application can be', async () => {
    const out = await runCharm('config-changed', world());
    assert.equal(out.state.unitStatus.status, 'blocked');
    assert.match(out.state.unitStatus.message, /datasource-type and datasource-url/);
    assert.match(out.state.unitStatus.message, /grafana-url/);
  });

  const options = [
    'grafana-url',
    'grafana-token',
    'grafana-uid',
    'grafana-ca',
    'datasource-type',
    'datasource-url',
  ];
  for (const empty of ['', ' ', '\n']) {
    test(`options that hold ${JSON.stringify(empty)} are options that are not set`, async () => {
      const config = Object.fromEntries(options.map((option) => [option, empty]));
      const [emptied, unset] = [world({ config }), world()];
      assert.deepEqual(
        (await runCharm('config-changed', emptied)).state.unitStatus,
        (await runCharm('config-changed', unset)).state.unitStatus,
      );
    });
  }

  const bad: readonly [what: string, config: Config, message: RegExp][] = [
    ['a grafana-url that is no URL', { 'grafana-url': 'grafana' }, /^grafana-url: expected an http/],
    ['a grafana-url without a scheme', { 'grafana-url': 'grafana:3000' }, /^grafana-url: expected an http/],
    ['a grafana-url that is not http', { 'grafana-url': 'ftp://grafana' }, /^grafana-url: expected an http/],
    ['a grafana-url without a host', { 'grafana-url': 'http://' }, /^grafana-url: expected an http/],
    [
      'a grafana-url that is too long',
      { 'grafana-url': `http://grafana/${'a'.repeat(250)}` },
      /^grafana-url: .*255/,
    ],
    [
      'a grafana-url without credentials',
      { 'grafana-url': 'http://grafana' },
      /^grafana-token: set it to a secret with a token, since grafana-url is set$/,
    ],
    [
      'a grafana-uid of several lines',
      { 'grafana-url': 'http://grafana', 'grafana-token': credentialsUri, 'grafana-uid': 'a\nb' },
      /^grafana-uid: .*one line$/,
    ],
    [
      'a grafana-ca that is no certificate',
      { 'grafana-url': 'https://grafana', 'grafana-token': credentialsUri, 'grafana-ca': '/etc/ca.pem' },
      /^grafana-ca: expected certificates in PEM/,
    ],
    [
      'a grafana-ca that is a request for a certificate',
      {
        'grafana-ca': '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n',
      },
      /^grafana-ca: expected certificates in PEM/,
    ],
    [
      'an unknown datasource-type',
      { ...tempo, 'datasource-type': 'temp' },
      /^datasource-type: expected one of .*jaeger.*tempo/,
    ],
    [
      'a datasource-type called like a property of every object',
      { ...tempo, 'datasource-type': '__proto__' },
      /^datasource-type: expected one of/,
    ],
    [
      'a datasource-type alone',
      { 'datasource-type': 'tempo' },
      /^datasource-url: set it too, since datasource-type is set$/,
    ],
    [
      'a datasource-url alone',
      { 'datasource-url': 'http://tempo' },
      /^datasource-type: set it too, since datasource-url is set$/,
    ],
    [
      'a datasource-url that is no URL',
      { ...tempo, 'datasource-url': 'tempo' },
      /^datasource-url: expected an http/,
    ],
    [
      'a datasource-url without a scheme',
      { ...tempo, 'datasource-url': 'tempo:3200' },
      /^datasource-url: expected/,
    ],
    [
      'a datasource-url of several lines',
      { ...tempo, 'datasource-url': 'http://tempo\n:3200' },
      /^datasource-url: expected/,
    ],
    [
      'a datasource-url that Grafana would find too long',
      { ...tempo, 'datasource-url': `http://tempo/${'a'.repeat(250)}` },
      /^datasource-url: .*255 characters$/,
    ],
    ...[
      'http://{host}:3200',
      'http://{}',
      'http://{Unit}',
      'http://{ unit }',
      'http://t{unit',
      'http://t}',
    ].map((url): [string, Config, RegExp] => [
      `a datasource-url with braces around what is no placeholder: ${url}`,
      { ...tempo, 'datasource-url': url },
      /^datasource-url: only \{unit\}, \{app\}, \{model\}, \{address\} can stand in braces$/,
    ]),
    [
      'an address in brackets of its own',
      { ...tempo, 'datasource-url': 'http://[{address}]' },
      /^datasource-url: expected/,
    ],
  ];
  for (const [what, config, message] of bad) {
    test(`${what} is said, and blocks`, async () => {
      const out = await runCharm('config-changed', world({ config }));
      assert.equal(out.state.unitStatus.status, 'blocked');
      assert.match(out.state.unitStatus.message, message);
    });
  }

  test('everything that is wrong is said at once', async () => {
    const config = { 'grafana-url': 'x', 'datasource-type': 'y', 'datasource-url': 'z' };
    const out = await runCharm('config-changed', world({ config }));
    const { message } = out.state.unitStatus;
    for (const option of Object.keys(config)) assert.ok(message.includes(`${option}: `), message);
    assert.doesNotMatch(message, /set it too/, 'the pair is set, if badly');
  });

  suite('a typing error takes nothing away', () => {
    const { grafana } = grafanaPerTest();

    async function registered(): Promise<UnitState> {
      const answer = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 'tempo-1' };
      const given = datasourceWorld([
        grafanaSource('grafana', answer),
        exchange('mimir', [['prometheus', 'mimir-1', 'g1']]),
      ]);
      return (await runCharm('config-changed', given)).state;
    }

    for (const wrong of [
      { 'datasource-type': 'temp' },
      { 'datasource-url': 'tempo' },
      { 'datasource-url': '' },
      { 'datasource-type': '' },
      { 'grafana-url': 'http://grafana' },
    ]) {
      test(`from the databags of a datasource: ${JSON.stringify(wrong)}`, async () => {
        // Given a datasource that is registered, answered and exchanged
        const given = await registered();
        // When one of its options is broken
        const out = await runCharm('config-changed', withConfig(given, wrong));
        // Then only the status changes, and all is well again when it is mended
        assert.deepEqual(out.changes.relationSettings, []);
        assert.equal(out.state.unitStatus.status, 'blocked');
        const mended = await runCharm('config-changed', { ...out.state, config: given.config });
        assert.deepEqual(mended.state, given);
      });
    }

    for (const wrong of [
      { 'grafana-url': 'grafana' },
      { 'grafana-token': '' },
      { 'grafana-uid': 'a\tb' },
      { 'grafana-ca': 'ca.pem' },
    ]) {
      test(`from the answers and datasources of a gateway: ${JSON.stringify(wrong)}`, async () => {
        // Given a gateway that has provisioned and answered
        const given = (
          await runCharm('config-changed', gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })]))
        ).state;
        const before = grafana.datasources();
        assert.equal(before.length, 1);
        // When one of its options is broken
        const out = await runCharm('config-changed', withConfig(given, wrong));
        // Then answers and datasources stay
        assert.deepEqual(out.changes.relationSettings, []);
        assert.deepEqual(grafana.datasources(), before);
        assert.equal(out.state.unitStatus.status, 'blocked');
        const mended = await runCharm('config-changed', { ...out.state, config: given.config });
        assert.deepEqual(mended.state, given);
      });
    }

    test('a broken datasource option does not stop the gateway, and is what the status shows', async () => {
      const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })], {
        config: { 'datasource-type': 'x' },
      });
      const out = await runCharm('config-changed', given);
      assert.equal(grafana.datasources().length, 1);
      assert.ok(out.relation('datasources').localAppData.app_datasource_uid);
      assert.match(out.state.unitStatus.message, /^datasource-type: /);
    });

    test('options that are really taken away take the role away', async () => {
      // Given a datasource and a gateway that are registered and answered
      const datasource = await registered();
      const gateway = (
        await runCharm('config-changed', gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })]))
      ).state;
      // When their options are unset
      const noDatasource = await runCharm('config-changed', { ...datasource, config: {} });
      const noGateway = await runCharm('config-changed', { ...gateway, config: {} });
      // Then they say nothing on their relations any more, but for the list that the exchange asks for
      assert.deepEqual(noDatasource.relation('grafana-source').localAppData, {});
      assert.deepEqual(noDatasource.relation('grafana-source').localUnitData, {});
      assert.deepEqual(noDatasource.relation('receive-datasource').localAppData, { datasources: '[]' });
      assert.deepEqual(noGateway.relation('datasources').localAppData, {});
    });
  });

  // The leader of then may not have lived to take it back.
  for (const event of ['config-changed', 'leader-elected', 'upgrade-charm', 'start', 'update-status']) {
    test(`what an application said in a role that it has no more is taken back at ${event}`, async () => {
      const given = world({
        relations: [
          grafanaSource('grafana', {}, { localAppData: { grafana_source_app_host: 'http://t' } }),
          exchange('mimir', [], { localAppData: { datasources: '[{"type":"tempo"}]' } }),
          source('loki', { localAppData: { grafana_uid: 'g1', datasource_uids: '{}' } }),
        ],
      });
      const out = await runCharm(event, given);
      assert.deepEqual(out.relation('grafana-source').localAppData, {});
      assert.deepEqual(out.relation('receive-datasource').localAppData, { datasources: '[]' });
      assert.deepEqual(out.relation('datasources').localAppData, {});
    });
  }

  suite('grafana-url', () => {
    for (const [what, subPath, ending] of [
      ['a trailing slash', '', '/'],
      ['several trailing slashes', '', '//'],
      ['a sub-path', '/grafana', ''],
      ['a sub-path and a trailing slash', '/grafana', '/'],
      ['a newline, as a file ends in one', '', '\n'],
    ] as const) {
      test(`with ${what} is used, and published without it where it says nothing`, async () => {
        const grafana = await EmbeddedGrafana.start({ subPath });
        try {
          const given = gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })], {
            config: { 'grafana-url': `${grafana.url}${ending}` },
          });
          const out = await runCharm('config-changed', given);
          assert.equal(grafana.datasources().length, 1);
          assert.equal(answerIn(out.relation('datasources').localAppData).grafana_base_url, grafana.url);
          assert.deepEqual(out.state.unitStatus, {
            status: 'active',
            message: `1 datasource in ${grafana.url}`,
          });
        } finally {
          await grafana.stop();
        }
      });
    }

    test('with a password in it is not used, and the password is shown nowhere', async () => {
      const given = gatewayWorld({ url: 'http://admin:hunter22@grafana', token: 'glsa_x' }, [
        source('tempo', { app: 'http://tempo' }),
      ]);
      const out = await runCharm('config-changed', given);
      assert.equal(out.state.unitStatus.status, 'blocked');
      assert.match(out.state.unitStatus.message, /take user and password out/);
      assert.doesNotMatch(JSON.stringify([out.statuses, out.logs, out.changes]), /hunter22/);
    });
  });

  suite('datasource-url', () => {
    const network = (address: string) => ({
      networks: { default: { bindAddresses: [], ingressAddresses: [address], egressSubnets: [] } },
    });
    for (const [template, url, given] of [
      ['http://tempo:3200', 'http://tempo:3200', {}],
      ['http://tempo:3200\n', 'http://tempo:3200', {}],
      ['http://proxy/{model}-{app}', 'http://proxy/cos-app', {}],
      ['http://{app}-{unit}.{app}-endpoints.{model}.svc:3200', 'http://app-2.app-endpoints.cos.svc:3200', {}],
      ['http://{address}:3200', 'http://10.0.0.1:3200', {}],
      ['http://{address}:3200', 'http://[fd00::7]:3200', network('fd00::7')],
      ['https://{address}/a/{unit}', 'https://tempo.local/a/2', network('tempo.local')],
    ] as const) {
      test(`${JSON.stringify(template)} becomes ${url}`, async () => {
        const config = { 'datasource-url': template };
        const given_ = datasourceWorld([grafanaSource('grafana', {})], { unit: 'app/2', config, ...given });
        const out = await runCharm('config-changed', given_);
        assert.equal(out.relation('grafana-source').localUnitData.grafana_source_host, url);
      });
    }

    test('without an ingress address takes the bind address, and without that the private one', async () => {
      const config = { 'datasource-url': 'http://{address}' };
      const bare = { bindAddresses: [], ingressAddresses: [], egressSubnets: [] };
      const addresses = [{ hostname: '', value: '10.1.1.1', cidr: '' }];
      const bound = { ...bare, bindAddresses: [{ macAddress: '', interfaceName: 'eth0', addresses }] };
      for (const [host, net] of [
        ['http://10.1.1.1', bound],
        ['http://10.9.9.9', bare],
      ] as const) {
        const given = datasourceWorld([grafanaSource('grafana', {})], {
          config,
          networks: { default: net },
          privateAddress: '10.9.9.9',
        });
        const out = await runCharm('config-changed', given);
        assert.equal(out.relation('grafana-source').localUnitData.grafana_source_host, host);
      }
    });

    test('mimir and pyroscope are registered as the Grafana plugins that they are', async () => {
      for (const [type, plugin] of [
        ['mimir', 'prometheus'],
        ['pyroscope', 'grafana-pyroscope-datasource'],
        ['tempo\n', 'tempo'],
      ] as const) {
        const config = { 'datasource-type': type };
        const out = await runCharm(
          'config-changed',
          datasourceWorld([grafanaSource('grafana', {})], { config }),
        );
        const data = out.relation('grafana-source').localAppData.grafana_source_data ?? '{}';
        assert.equal(JSON.parse(data).type, plugin);
      }
    });
  });

  test('a broken option is shown once: the next hook finds nothing to do', async () => {
    const first = await runCharm('config-changed', world({ config: { 'datasource-type': 'x' } }));
    assert.ok(changedNothing(await runCharm('update-status', first.state)));
  });
});
