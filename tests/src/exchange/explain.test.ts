import assert from 'node:assert/strict';
import {
  defaultPreferences,
  explain,
  explainText,
  type Preferences,
  type ReasonCode,
  reasonCodes,
  type View,
} from '#src/exchange';
import { finding, grafana, peer, tempo, U, view } from './builders.ts';

const inG = grafana({ grafanaUid: 'g', appDatasourceUid: 't' });
const mimir = peer('mimir', [['prometheus', 'm', 'g']]);

const see = (given: Partial<View> = {}) => view({ datasource: tempo, grafanas: [inG], ...given });
const serviceMap = (seen: View) => explain(seen).filter(({ kind }) => kind === 'service-map');
const reasonsOf = (seen: View) => serviceMap(seen).flatMap(({ reasons }) => reasons);

suite('explaining links', () => {
  const want = (preferences: Partial<Preferences>) => ({
    datasource: { ...tempo, preferences: { ...defaultPreferences, ...preferences } },
    exchange: [mimir],
  });
  const pinned = (...apps: string[]) => ({
    apps: { ...defaultPreferences.apps, metrics: { apps, others: false } },
  });
  const table: [name: string, given: Partial<View>, codes: ReasonCode[], message: RegExp][] = [
    ['no Grafana', { grafanas: [] }, ['no-grafana-relation'], /^not related to any Grafana$/],
    ['a Grafana that is silent', { grafanas: [grafana()] }, ['grafana-silent'], /^grafana has not answered/],
    [
      'a Grafana that answered with nobody',
      { grafanas: [grafana({ grafanaUid: 'g', datasourceUids: {} })] },
      ['grafana-silent'],
      /^grafana has not answered with a UID/,
    ],
    [
      'a Grafana that does not say who it is',
      { grafanas: [grafana({ datasourceUids: { 'tempo/0': 'a' } })] },
      ['grafana-without-uid'],
      /^grafana publishes no grafana_uid/,
    ],
    [
      'a Grafana whose answer can not be read',
      { grafanas: [grafana({}, { findings: [finding({ key: 'datasource_uids', remoteApp: 'grafana' })] })] },
      ['grafana-silent', 'databag-invalid'],
      /datasource_uids\[0\]\.uid from grafana/,
    ],
    ['no peer', {}, ['no-exchange-relation'], /no relation over which/],
    [
      'a peer that is silent',
      { exchange: [peer('mimir', null)] },
      ['no-suitable-peer', 'peer-silent'],
      /mimir has not published/,
    ],
    [
      'a peer without a UID',
      { exchange: [peer('mimir', [])] },
      ['no-suitable-peer', 'peer-not-registered'],
      /mimir publishes no datasource/,
    ],
    [
      'a peer of another type',
      { exchange: [peer('loki', [['loki', 'l', 'g']])] },
      ['no-suitable-peer'],
      /no peer has a datasource of type prometheus/,
    ],
    [
      'a peer in another Grafana',
      { exchange: [peer('mimir', [['prometheus', 'm', `juju_cos_${U}_graf2_0`]])] },
      ['other-grafana'],
      /^mimir is registered with graf2, tempo with grafana$/,
    ],
    [
      'a peer in a Grafana that has the same name as ours',
      { exchange: [peer('mimir', [['prometheus', 'm', `juju_other_${U}_grafana_0`]])] },
      ['other-grafana'],
      new RegExp(`^mimir is registered with juju_other_${U}_grafana_0, tempo with g$`),
    ],
    [
      'a peer that can not be read',
      { exchange: [peer('mimir', null, { findings: [finding()] })] },
      ['no-suitable-peer', 'databag-invalid'],
      /datasources\[0\]\.uid from mimir \(relation 20, receive-datasource\): wrong/,
    ],
    [
      'a peer of whose entries none can be read',
      { exchange: [peer('mimir', [], { findings: [finding()] })] },
      ['no-suitable-peer', 'databag-invalid'],
      /datasources\[0\]\.uid from mimir/,
    ],
    [
      'two peers, each with a reason of its own',
      {
        exchange: [
          peer('mimir', [['prometheus', 'm', 'elsewhere']], { relationId: 21 }),
          peer('alpha', null, { relationId: 22 }),
        ],
      },
      ['other-grafana', 'peer-silent'],
      /mimir is registered with elsewhere/,
    ],
    [
      'a kind that the operator switched off',
      want({ kinds: ['traces-to-logs'] }),
      ['kind-off'],
      /^config correlations does not list service-map$/,
    ],
    [
      'a pinned application that is no peer',
      want(pinned('thanos', 'prom')),
      ['pinned-application-absent'],
      /^config metrics-app asks for thanos or prom, and there is no exchange relation with it$/,
    ],
    [
      'a pinned application in another Grafana, though another would do',
      {
        ...want(pinned('thanos')),
        exchange: [mimir, peer('thanos', [['prometheus', 'm', 'elsewhere']], { relationId: 21 })],
      },
      ['other-grafana'],
      /^thanos is registered with elsewhere/,
    ],
    [
      'a link that the operator took out',
      want({ jsonData: { serviceMap: null } }),
      ['removed-by-operator'],
      /^config json-data takes the link out of serviceMap$/,
    ],
  ];
  for (const [name, given, codes, message] of table) {
    test(`${name}: ${codes.join(', ')}`, () => {
      const reasons = reasonsOf(see(given));
      assert.deepEqual(
        reasons.map(({ code }) => code),
        codes,
      );
      assert.ok(
        reasons.some((reason) => message.test(reason.message)),
        JSON.stringify(reasons),
      );
      for (const { remedy } of reasons) assert.notEqual(remedy, '');
      for (const { to } of serviceMap(see(given))) assert.equal(to, null);
    });
  }

  test('a link that the operator made: set-by-operator, and whose it is where that is known', () => {
    const by = (uid: string) => want({ jsonData: { serviceMap: { datasourceUid: uid } } });
    const [known] = serviceMap(
      see({ ...by('p'), exchange: [peer('prometheus', [['prometheus', 'p', 'x']])] }),
    );
    assert.deepEqual(known?.to, { app: 'prometheus', uid: 'p', type: 'prometheus' });
    assert.equal(known.reasons[0]?.message, 'config json-data points serviceMap at p');
    const [unknown] = serviceMap(see(by('q')));
    assert.deepEqual(unknown?.to, { app: 'json-data', uid: 'q', type: 'unknown' });
  });

  test('one link for each application where there is room for several', () => {
    const loki = { ...tempo, type: 'loki' };
    const exchange = [
      peer('tempo-b', [['tempo', 'tb', 'g']], { relationId: 21 }),
      peer(
        'tempo-a',
        [
          ['tempo', 'ta-1', 'g'],
          ['tempo', 'ta-0', 'g'],
        ],
        { relationId: 22 },
      ),
    ];
    const links = explain(see({ datasource: loki, exchange }));
    assert.deepEqual(
      links.map(({ kind, to, reasons }) => [kind, to?.uid, reasons.map(({ code }) => code)]),
      [
        ['logs-to-traces', 'ta-0', ['lost-to-equal']],
        ['logs-to-traces', 'tb', []],
      ],
    );
  });

  const equals = [peer('prometheus', [['prometheus', 'p', 'g']], { relationId: 21 }), mimir];

  test('a link that was made, and why not another: lost-to-equal', () => {
    const [link] = serviceMap(see({ exchange: equals }));
    assert.deepEqual(link?.to, { app: 'mimir', uid: 'm', type: 'prometheus' });
    assert.deepEqual(link.reasons, [
      {
        code: 'lost-to-equal',
        message: 'prometheus (p) would do as well, but mimir (m) comes first',
        remedy: '',
      },
    ]);
  });

  test('every reason there is can be met', () => {
    const met = [
      ...table.flatMap(([, given]) => reasonsOf(see(given))),
      ...reasonsOf(see({ exchange: equals })),
      ...reasonsOf(see(want({ jsonData: { serviceMap: { datasourceUid: 'by-hand' } } }))),
    ].map(({ code }) => code);
    assert.deepEqual(new Set(met), new Set(reasonCodes));
  });

  test('each own datasource in each Grafana, sorted', () => {
    const grafanas = [
      grafana({ grafanaUid: 'g2', appDatasourceUid: 'x' }, { relationId: 10 }),
      grafana({ grafanaUid: 'g1', datasourceUids: { 'tempo/1': 'b', 'tempo/0': 'a' } }, { relationId: 11 }),
    ];
    assert.deepEqual(
      serviceMap(see({ grafanas })).map(({ grafanaUid, from }) => [grafanaUid, from.uid]),
      [
        ['g1', 'a'],
        ['g1', 'b'],
        ['g2', 'x'],
      ],
    );
  });

  test('two gateways of one Grafana as one, and two silent Grafanas as two', () => {
    const twice = [inG, { ...inG, relationId: 11, remoteApp: 'gateway' }];
    assert.equal(serviceMap(see({ grafanas: twice })).length, 1);
    const silent = [grafana(), grafana({}, { relationId: 11, remoteApp: 'graf2' })];
    assert.deepEqual(
      reasonsOf(see({ grafanas: silent })).map(({ message }) => message.split(' ')[0]),
      ['graf2', 'grafana'],
    );
  });

  test('nothing of an application that is no datasource, or only a target', () => {
    assert.deepEqual(explain(see({ datasource: null })), []);
    assert.deepEqual(explain(see({ datasource: { ...tempo, type: 'grafana-pyroscope-datasource' } })), []);
  });

  suite('as text', () => {
    test('shows what is linked and what is not', () => {
      assert.equal(
        explainText(explain(see({ exchange: [mimir] }))),
        [
          'Grafana g',
          '  t  service-map -> m (mimir)',
          '  t  traces-to-logs: not linked',
          '      no-suitable-peer: no peer has a datasource of type loki, elasticsearch or',
          '      opensearch. To mend it, integrate receive-datasource with send-datasource',
          '      of a loki, elasticsearch or opensearch.',
          '  t  traces-to-metrics -> m (mimir)',
          '  t  traces-to-profiles: not linked',
          '      no-suitable-peer: no peer has a datasource of type pyroscope. To mend it,',
          '      integrate receive-datasource with send-datasource of a pyroscope.',
        ].join('\n'),
      );
    });

    test('says so where there is nothing to explain', () => {
      assert.equal(explainText([]), 'This application is no datasource that could link to others.');
    });

    test('fits 80 columns with the long UIDs of the Python charm', () => {
      const long = `juju_cos_${U}`;
      const text = explainText(
        explain(
          see({
            grafanas: [
              grafana({ grafanaUid: `${long}_grafana_0`, datasourceUids: { 'tempo/0': `${long}_tempo_0` } }),
            ],
            exchange: [peer('mimir', [['prometheus', `${long}_mimir_0`, `${long}_grafana_0`]]), ...equals],
          }),
        ),
      );
      for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
    });
  });
});
