import assert from 'node:assert/strict';
import { decide, type GrafanaRelation, type View } from '#src/exchange';
import {
  applied,
  asFollower,
  extraFields,
  grafana,
  peer,
  tempo,
  U,
  uidsWithin,
  view,
  written,
} from './builders.ts';

const perUnit = { ...tempo, perUnit: true };

function offered(seen: View): { app: boolean; unit: boolean } {
  const settled = applied(seen, decide(seen)).grafanas[0];
  return {
    app: settled?.localAppData?.grafana_source_app_host !== undefined,
    unit: settled?.localUnitData.grafana_source_host !== undefined,
  };
}

suite('a datasource', () => {
  suite('registers', () => {
    test('with every Grafana, as Python writes it, and says [] to its peers', () => {
      const intent = decide(
        view({ datasource: tempo, grafanas: [grafana()], exchange: [peer('mimir', null)] }),
      );
      assert.deepEqual(written(intent, 10), {
        grafana_source_data:
          `{"model": "cos", "model_uuid": "${U}", "application": "tempo", "type": "tempo", ` +
          '"extra_fields": null, "secure_extra_fields": null}',
        grafana_source_app_host: 'http://tempo:3200',
      });
      assert.deepEqual(written(intent, 10, 'unit'), { grafana_source_host: 'http://tempo:3200' });
      assert.deepEqual(written(intent, 20), { datasources: '[]' });
    });

    const answers = {
      'has not answered': {},
      'answered with nobody': { grafanaUid: 'g', datasourceUids: {} },
      'answered for the unit': { grafanaUid: 'g', datasourceUids: { 'tempo/0': 'a' } },
      'answered for the application': { grafanaUid: 'g', datasourceUids: {}, appDatasourceUid: 'a' },
      'answered for both': { grafanaUid: 'g', datasourceUids: { 'tempo/0': 'a' }, appDatasourceUid: 'b' },
    };
    const forms: [keyof typeof answers, leader: { app: boolean; unit: boolean }][] = [
      ['has not answered', { app: true, unit: true }],
      ['answered with nobody', { app: true, unit: true }],
      ['answered for the unit', { app: false, unit: true }],
      ['answered for the application', { app: true, unit: false }],
      ['answered for both', { app: true, unit: false }],
    ];
    for (const [name, form] of forms) {
      const seen = view({ datasource: tempo, grafanas: [grafana(answers[name])] });
      const kept = [form.app ? ['application'] : [], form.unit ? ['unit'] : []].flat().join(' and ');
      test(`once as ${kept} with a Grafana that ${name}`, () => assert.deepEqual(offered(seen), form));
      test(`nothing as a follower with a Grafana that ${name}`, () => {
        assert.deepEqual(offered(asFollower(seen)), { app: false, unit: false });
      });
      test(`each unit by itself, followers too, with a Grafana that ${name}`, () => {
        const units = { ...seen, datasource: perUnit };
        assert.deepEqual(offered(units), { app: false, unit: true });
        assert.deepEqual(offered(asFollower(units)), { app: false, unit: true });
      });
    }

    suite('when its answer tells of units, and it', () => {
      const told = (units: readonly number[], app: string | undefined, unit: string | undefined) =>
        view({
          datasource: tempo,
          grafanas: [
            grafana(
              { grafanaUid: 'g', datasourceUids: Object.fromEntries(units.map((n) => [`tempo/${n}`, 'a'])) },
              {
                localAppData: app === undefined ? {} : { grafana_source_app_host: app },
                localUnitData: unit === undefined ? {} : { grafana_source_host: unit },
              },
            ),
          ],
        });
      const url = tempo.url;

      test('was several datasources before: in both forms, until Grafana has forgotten the others', () => {
        assert.deepEqual(offered(told([0, 1], undefined, 'http://tempo-0:3200')), { app: true, unit: true });
        assert.deepEqual(offered(told([0, 1], url, url)), { app: true, unit: true });
      });
      test('was one unit by another URL before: as the application alone, so that Grafana forgets it', () => {
        assert.deepEqual(offered(told([0], undefined, 'http://tempo-0:3200')), { app: true, unit: false });
      });
      test('has not been answered to that yet: the same again', () => {
        assert.deepEqual(offered(told([0], url, undefined)), { app: true, unit: false });
      });
      test('offered both forms: as the unit, which is what this Grafana reads', () => {
        assert.deepEqual(offered(told([0], url, url)), { app: false, unit: true });
      });
      test('is led by another unit than the one that is named: in both forms', () => {
        assert.deepEqual(offered(told([1], undefined, undefined)), { app: true, unit: true });
        assert.deepEqual(offered(told([1, 2], undefined, undefined)), { app: true, unit: true });
      });
      test('has said nothing, and is the one that is named: as the unit', () => {
        assert.deepEqual(offered(told([0], undefined, undefined)), { app: false, unit: true });
      });
    });

    test('takes a unit back that was the leader', () => {
      const was = grafana(
        {},
        { localUnitData: { grafana_source_host: 'http://tempo:3200', 'egress-subnets': 'x' } },
      );
      const { databags } = decide(asFollower(view({ datasource: tempo, grafanas: [was] })));
      assert.deepEqual(databags, [
        { relationId: 10, bag: 'unit', changes: { grafana_source_host: '' }, needs: [] },
      ]);
    });

    const settled = grafana(
      { grafanaUid: 'g', datasourceUids: { 'tempo/0': 'a' } },
      {
        localAppData: { grafana_source_data: '{}', grafana_source_app_host: 'http://x', foo: 'bar' },
        localUnitData: { grafana_source_host: 'http://x', 'ingress-address': '10.0.0.1' },
      },
    );
    const peers = [peer('mimir', [], { localAppData: { datasources: '[{"type":"tempo"}]' } })];

    test('takes everything back when it is no datasource any more, and only its own keys', () => {
      const intent = decide(view({ grafanas: [settled], exchange: peers }));
      assert.deepEqual(written(intent, 10), { grafana_source_data: '', grafana_source_app_host: '' });
      assert.deepEqual(written(intent, 10, 'unit'), { grafana_source_host: '' });
      assert.deepEqual(written(intent, 20), { datasources: '[]' });
    });

    test('leaves everything as it was while the config is broken', () => {
      const seen = view({ grafanas: [settled], exchange: peers, configProblems: ['set datasource-url'] });
      const { databags, provision, status } = decide(seen);
      assert.deepEqual(
        databags.filter(({ relationId }) => relationId !== 0),
        [],
      );
      assert.deepEqual([provision, status], [[], { status: 'blocked', message: 'set datasource-url' }]);
    });
  });

  suite('links', () => {
    const inG = grafana({ grafanaUid: 'g', appDatasourceUid: 't' });
    const link = (exchange: View['exchange'], grafanas: readonly GrafanaRelation[] = [inG]) =>
      decide(view({ datasource: tempo, grafanas, exchange }));

    test('nothing alone: null, not {}', () => assert.equal(extraFields(link([])), null));

    test('what the Python charm knows, in its bytes, and the node graph', () => {
      const uid = `juju_cos_${U}`;
      const exchange = [
        peer('mimir', [['prometheus', `${uid}_mimir_0`, 'g']]),
        peer('loki', [['loki', `${uid}_loki_0`, 'g']], { relationId: 21 }),
      ];
      assert.equal(
        written(link(exchange), 10).grafana_source_data,
        `{"model": "cos", "model_uuid": "${U}", "application": "tempo", "type": "tempo", "extra_fields": ` +
          `{"httpMethod": "GET", "serviceMap": {"datasourceUid": "${uid}_mimir_0"}, ` +
          `"tracesToLogsV2": {"datasourceUid": "${uid}_loki_0", "tags": [{"key": "juju_application", "value": ""}, ` +
          '{"key": "juju_model", "value": ""}, {"key": "juju_model_uuid", "value": ""}], ' +
          '"filterByTraceID": false, "filterBySpanID": false, "customQuery": true, ' +
          '"query": "{ $$__tags } |= \\"$${__span.traceId}\\""}, ' +
          `"tracesToMetrics": {"datasourceUid": "${uid}_mimir_0", "tags": [{"key": "juju_application", "value": ""}, ` +
          '{"key": "juju_model", "value": ""}, {"key": "juju_model_uuid", "value": ""}, ' +
          '{"key": "juju_unit", "value": ""}], "queries": [{"name": "All metrics", "query": "{$$__tags}"}]}, ' +
          '"nodeGraph": {"enabled": true}}, "secure_extra_fields": null}',
      );
    });

    const picks: [name: string, exchange: View['exchange'], uid: string][] = [
      [
        'the lowest unit, as a number',
        [
          peer('mimir', [
            ['prometheus', 'mimir-10-aa', 'g'],
            ['prometheus', 'mimir-9-zz', 'g'],
          ]),
        ],
        'mimir-9-zz',
      ],
      [
        'the lowest unit of the Python charm, as a number',
        [
          peer('mimir', [
            ['prometheus', `juju_cos_${U}_mimir_10`, 'g'],
            ['prometheus', `juju_cos_${U}_mimir_2`, 'g'],
          ]),
        ],
        `juju_cos_${U}_mimir_2`,
      ],
      [
        'the first application by name, whatever its UID and relation',
        [
          peer('mimir', [['prometheus', 'a', 'g']]),
          peer('alpha', [['prometheus', 'z', 'g']], { relationId: 99 }),
        ],
        'z',
      ],
      [
        'an application that is known by two names by the first of them',
        [
          peer('alpha', [['prometheus', 'x', 'g']]),
          peer('mimir', [['prometheus', 'a', 'g']], { relationId: 21 }),
          peer('zeta', [['prometheus', 'x', 'g']], { relationId: 22 }),
        ],
        'x',
      ],
      [
        'one in the same Grafana, though others would come first',
        [
          peer('alpha', [['prometheus', 'a', 'elsewhere']]),
          peer('mimir', [['prometheus', 'm', 'g']], { relationId: 21 }),
        ],
        'm',
      ],
    ];
    for (const [name, exchange, uid] of picks) {
      test(name, () => assert.deepEqual(uidsWithin(extraFields(link(exchange))?.serviceMap), [uid]));
    }

    test('in each Grafana to what is there, and to nothing where nothing is', () => {
      const grafanas = ['g1', 'g2', 'g3'].map((grafanaUid, n) =>
        grafana({ grafanaUid, appDatasourceUid: 't' }, { relationId: 10 + n }),
      );
      const intent = link(
        [
          peer('mimir', [
            ['prometheus', 'm2', 'g2'],
            ['prometheus', 'm1', 'g1'],
          ]),
        ],
        grafanas,
      );
      assert.deepEqual(uidsWithin(extraFields(intent, 10)), ['m1']);
      assert.deepEqual(uidsWithin(extraFields(intent, 11)), ['m2']);
      assert.equal(extraFields(intent, 12), null);
    });

    test('nothing in a Grafana that does not say which it is', () => {
      const intent = link([peer('mimir', [['prometheus', 'm', 'g']])], [grafana({ appDatasourceUid: 't' })]);
      assert.equal(extraFields(intent), null);
    });

    test('nothing from a type that only is a target', () => {
      const pyroscope = { ...tempo, type: 'grafana-pyroscope-datasource' };
      const exchange = [peer('mimir', [['prometheus', 'm', 'g']])];
      assert.equal(extraFields(decide(view({ datasource: pyroscope, grafanas: [inG], exchange }))), null);
    });

    test('the same when a peer gets more units', () => {
      const before = link([peer('mimir', [['prometheus', 'mimir-0-ff', 'g']])]);
      const after = link([
        peer('mimir', [
          ['prometheus', 'mimir-0-ff', 'g'],
          ['prometheus', 'mimir-1-00', 'g'],
        ]),
      ]);
      assert.deepEqual(extraFields(after), extraFields(before));
    });
  });

  suite('publishes', () => {
    const published = (...grafanas: GrafanaRelation[]) =>
      JSON.parse(
        written(decide(view({ datasource: tempo, grafanas, exchange: [peer('mimir', null)] })), 20)
          .datasources ?? '',
      ) as unknown;

    test('UIDs of both generations, for each Grafana', () => {
      const first = grafana({ grafanaUid: 'g1', datasourceUids: { 'tempo/1': 'b', 'tempo/0': 'a' } });
      const second = grafana(
        { grafanaUid: 'g2', datasourceUids: {}, appDatasourceUid: 'a' },
        { relationId: 11 },
      );
      assert.deepEqual(published(second, first), [
        { type: 'tempo', uid: 'a', grafana_uid: 'g1' },
        { type: 'tempo', uid: 'a', grafana_uid: 'g2' },
        { type: 'tempo', uid: 'b', grafana_uid: 'g1' },
      ]);
    });

    test('one entry for two gateways of one Grafana', () => {
      const answer = { grafanaUid: 'g', appDatasourceUid: 'a' };
      assert.deepEqual(published(grafana(answer), grafana(answer, { relationId: 11 })), [
        { type: 'tempo', uid: 'a', grafana_uid: 'g' },
      ]);
    });

    for (const [name, answer] of [
      ['no answer', {}],
      ['an answer without a UID', { grafanaUid: 'g', datasourceUids: {} }],
      ['a UID of a Grafana that does not say which it is', { appDatasourceUid: 'a' }],
    ] as const) {
      test(`nothing from ${name}`, () => assert.deepEqual(published(grafana(answer)), []));
    }

    test('nothing that it heard from a peer', () => {
      const exchange = [peer('mimir', [['prometheus', 'm', 'g']])];
      const intent = decide(view({ datasource: tempo, exchange }));
      assert.deepEqual(written(intent, 20), { datasources: '[]' });
    });
  });
});
