import assert from 'node:assert/strict';
import { relation, type UnitState } from '#lib/juju/testing';
import {
  changedNothing,
  datasourceWorld,
  exchange,
  extraFieldsIn,
  grafanaSource,
  publishedIn,
  relationEvent,
  relationIn,
  runCharm,
  said,
  withConfig,
  withoutRelation,
  withRelation,
} from './worlds.ts';

const perUnit = { 'datasource-url': 'http://tempo-{unit}:3200' };
const host = (given: UnitState, remoteApp = 'grafana') => {
  const { localAppData, localUnitData } = relationIn(given, 'grafana-source', remoteApp);
  return { app: localAppData.grafana_source_app_host, unit: localUnitData.grafana_source_host };
};
const linksTo = (given: UnitState, remoteApp = 'grafana') => {
  const fields = extraFieldsIn(relationIn(given, 'grafana-source', remoteApp).localAppData);
  return (
    fields &&
    Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value.datasourceUid ?? value]))
  );
};

suite('charm: datasource', () => {
  suite('registers', () => {
    test('with all that the interface asks for, and with null in place of nothing', async () => {
      const out = await runCharm(
        'grafana-source-relation-created',
        datasourceWorld([grafanaSource('grafana', {})]),
      );
      assert.deepEqual(JSON.parse(out.relation('grafana-source').localAppData.grafana_source_data ?? ''), {
        model: out.state.modelName,
        model_uuid: out.state.modelUuid,
        application: 'app',
        type: 'tempo',
        extra_fields: null,
        secure_extra_fields: null,
      });
      assert.deepEqual(out.state.unitStatus, { status: 'waiting', message: 'for grafana to answer' });
    });

    test('each unit, where units differ: the leader', async () => {
      const given = datasourceWorld([grafanaSource('grafana', {})], { unit: 'app/1', config: perUnit });
      const out = await runCharm('config-changed', given);
      assert.deepEqual(host(out.state), { app: undefined, unit: 'http://tempo-1:3200' });
    });

    test('each unit, where units differ: a follower, who leaves the application alone', async () => {
      const given = datasourceWorld([grafanaSource('grafana', {})], {
        unit: 'app/2',
        leader: false,
        config: perUnit,
      });
      const out = await runCharm('config-changed', given);
      assert.deepEqual(host(out.state), { app: undefined, unit: 'http://tempo-2:3200' });
      assert.deepEqual(out.relation('grafana-source').localAppData, {});
    });

    test('in both forms, where there is one datasource, until Grafana has answered', async () => {
      for (const answer of [{}, { grafana_uid: 'g1', datasource_uids: '{}' }]) {
        const out = await runCharm('config-changed', datasourceWorld([grafanaSource('grafana', answer)]));
        assert.deepEqual(host(out.state), { app: 'http://tempo:3200', unit: 'http://tempo:3200' });
      }
    });

    test('as a unit only, where Grafana knows nothing but units', async () => {
      // Given a Grafana that has answered for the unit
      const both = await runCharm('config-changed', datasourceWorld([grafanaSource('grafana', {})]));
      const answered = withRelation(both.state, relationIn(both.state, 'grafana-source'), {
        remoteAppData: { grafana_uid: 'g1', datasource_uids: '{"app/0": "u0"}' },
      });
      const out = await runCharm('grafana-source-relation-changed', answered);
      assert.deepEqual(host(out.state), { app: undefined, unit: 'http://tempo:3200' });
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
    });

    test('as an application only, where Grafana has answered for the application', async () => {
      const both = await runCharm('config-changed', datasourceWorld([grafanaSource('grafana', {})]));
      const answered = withRelation(both.state, relationIn(both.state, 'grafana-source'), {
        remoteAppData: { grafana_uid: 'g1', datasource_uids: '{"app/0": "u1"}', app_datasource_uid: 'u1' },
      });
      const out = await runCharm('grafana-source-relation-changed', answered);
      assert.deepEqual(host(out.state), { app: 'http://tempo:3200', unit: undefined });
      // And when Grafana then has the application only, that stays so
      const then = withRelation(out.state, relationIn(out.state, 'grafana-source'), {
        remoteAppData: { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 'u1' },
      });
      assert.deepEqual(
        (await runCharm('grafana-source-relation-changed', then)).changes.relationSettings,
        [],
      );
    });

    test('with each Grafana in the form that it reads', async () => {
      const out = await runCharm(
        'config-changed',
        datasourceWorld([
          grafanaSource('old', { grafana_uid: 'g1', datasource_uids: '{"app/0": "u0"}' }),
          grafanaSource('new', { grafana_uid: 'g2', datasource_uids: '{}', app_datasource_uid: 'u' }),
          grafanaSource('fresh', {}),
        ]),
      );
      const url = 'http://tempo:3200';
      assert.deepEqual(host(out.state, 'old'), { app: undefined, unit: url });
      assert.deepEqual(host(out.state, 'new'), { app: url, unit: undefined });
      assert.deepEqual(host(out.state, 'fresh'), { app: url, unit: url });
    });

    test('once for all: a follower of a single datasource says nothing', async () => {
      const given = datasourceWorld([grafanaSource('grafana', {}), exchange('mimir', [])], {
        unit: 'app/1',
        leader: false,
      });
      for (const event of ['config-changed', 'grafana-source-relation-changed', 'update-status']) {
        assert.deepEqual((await runCharm(event, given)).changes.relationSettings, []);
      }
    });

    test('anew with another URL when the operator changes it', async () => {
      const first = await runCharm('config-changed', datasourceWorld([grafanaSource('grafana', {})]));
      const out = await runCharm(
        'config-changed',
        withConfig(first.state, { 'datasource-url': 'https://tempo' }),
      );
      assert.deepEqual(host(out.state), { app: 'https://tempo', unit: 'https://tempo' });
    });

    test('each unit, and the application no more, when the operator puts {unit} into the URL', async () => {
      const first = await runCharm('config-changed', datasourceWorld([grafanaSource('grafana', {})]));
      const out = await runCharm('config-changed', withConfig(first.state, perUnit));
      assert.deepEqual(host(out.state), { app: undefined, unit: 'http://tempo-0:3200' });
    });

    test("and leaves keys of the databag alone that are Juju's", async () => {
      const localUnitData = { 'ingress-address': '10.0.0.1', 'egress-subnets': '10.0.0.1/32' };
      const given = datasourceWorld([grafanaSource('grafana', {}, { localUnitData })]);
      const gone = await runCharm('config-changed', {
        ...(await runCharm('config-changed', given)).state,
        config: {},
      });
      assert.deepEqual(gone.relation('grafana-source').localUnitData, localUnitData);
    });
  });

  suite('when leadership moves', () => {
    test('the old leader withdraws the registration of its unit, in the hook by which it is told', async () => {
      // Given a leader that has registered in both forms
      const led = await runCharm('config-changed', datasourceWorld([grafanaSource('grafana', {})]));
      // When another unit leads, and has said so among peers
      const after: UnitState = {
        ...led.state,
        leader: false,
        relations: led.state.relations.map((one) =>
          one.peer ? { ...one, remoteUnitsData: { 'app/1': {} }, localAppData: { leader: 'app/1' } } : one,
        ),
      };
      const out = await runCharm('crosslink-relation-changed', after);
      // Then only what the application says is left
      assert.deepEqual(host(out.state), { app: 'http://tempo:3200', unit: undefined });
    });

    test('the new leader says so among peers, which wakes the old one, and registers its own unit', async () => {
      const given = datasourceWorld([grafanaSource('grafana', {})], { unit: 'app/1' });
      const led: UnitState = {
        ...given,
        relations: given.relations.map((one) =>
          one.peer ? { ...one, remoteUnitsData: { 'app/0': {} }, localAppData: { leader: 'app/0' } } : one,
        ),
      };
      const out = await runCharm('leader-elected', led);
      assert.equal(out.relation('crosslink').localAppData.leader, 'app/1');
      assert.equal(host(out.state).unit, 'http://tempo:3200');
    });

    test('units that are datasources of their own stay registered', async () => {
      const given = datasourceWorld([grafanaSource('grafana', {})], { config: perUnit });
      const led = await runCharm('config-changed', given);
      const out = await runCharm('leader-settings-changed', { ...led.state, leader: false });
      assert.equal(host(out.state).unit, 'http://tempo-0:3200');
    });
  });

  suite('links', () => {
    const g1 = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 'tempo-1' };
    const g2 = { grafana_uid: 'g2', datasource_uids: '{}', app_datasource_uid: 'tempo-2' };

    test('to nothing: null, never an empty object', async () => {
      const out = await runCharm('config-changed', datasourceWorld([grafanaSource('grafana', g1)]));
      const data = JSON.parse(out.relation('grafana-source').localAppData.grafana_source_data ?? '');
      assert.equal(data.extra_fields, null);
    });

    test('to peers of the Grafana that reads it, for each Grafana apart', async () => {
      // Given two Grafanas, and peers that are in one of them, in both or in another one
      const out = await runCharm(
        'config-changed',
        datasourceWorld([
          grafanaSource('one', g1),
          grafanaSource('two', g2),
          exchange('mimir', [
            ['prometheus', 'mimir-1', 'g1'],
            ['prometheus', 'mimir-2', 'g2'],
          ]),
          exchange('loki', [
            ['loki', 'loki-2', 'g2'],
            ['loki', 'loki-3', 'g3'],
          ]),
        ]),
      );
      // Then each Grafana is told of its own
      assert.deepEqual(linksTo(out.state, 'one'), {
        httpMethod: 'GET',
        serviceMap: 'mimir-1',
        tracesToMetrics: 'mimir-1',
      });
      assert.deepEqual(linksTo(out.state, 'two'), {
        httpMethod: 'GET',
        serviceMap: 'mimir-2',
        tracesToLogsV2: 'loki-2',
        tracesToMetrics: 'mimir-2',
      });
      assert.ok(!said(out).includes('loki-3'));
      assert.deepEqual(out.state.unitStatus, { status: 'active', message: '5 of 6 links in 2 Grafanas' });
    });

    test('with every dollar doubled on the wire', async () => {
      const out = await runCharm(
        'config-changed',
        datasourceWorld([grafanaSource('grafana', g1), exchange('loki', [['loki', 'l', 'g1']])]),
      );
      const fields = extraFieldsIn(out.relation('grafana-source').localAppData) as {
        tracesToLogsV2: { query: string };
      };
      assert.equal(fields.tracesToLogsV2.query, '{ $$__tags } |= "$${__span.traceId}"');
    });

    test('to peers on either endpoint', async () => {
      const out = await runCharm(
        'config-changed',
        datasourceWorld([
          grafanaSource('grafana', g1),
          exchange('mimir', [['prometheus', 'm', 'g1']], { endpoint: 'send-datasource' }),
        ]),
      );
      assert.equal(linksTo(out.state)?.serviceMap, 'm');
    });

    test('to the first of equals, however they are listed, and to another when it goes', async () => {
      const entries = [
        ['prometheus', 'mimir-10-x', 'g1'],
        ['prometheus', 'mimir-2-x', 'g1'],
      ] as const;
      const peers = [exchange('zzz', [['prometheus', 'a', 'g1']]), exchange('mimir', entries)];
      for (const order of [peers, peers.toReversed()]) {
        const given = datasourceWorld([grafanaSource('grafana', g1), ...order]);
        const out = await runCharm('config-changed', given);
        assert.equal(linksTo(out.state)?.serviceMap, 'mimir-2-x');
        const gone = await runCharm(
          relationEvent('relation-broken', relationIn(out.state, 'receive-datasource', 'mimir')),
          out.state,
        );
        assert.equal(linksTo(gone.state)?.serviceMap, 'a');
      }
    });

    test('are taken back when the last peer goes', async () => {
      const given = datasourceWorld([
        grafanaSource('grafana', g1),
        exchange('mimir', [['prometheus', 'm', 'g1']]),
      ]);
      const { state } = await runCharm('config-changed', given);
      const out = await runCharm('update-status', withoutRelation(state, 'receive-datasource'));
      assert.equal(linksTo(out.state), null);
    });

    test('are the same whatever event it was that brought the news', async () => {
      const given = datasourceWorld([
        grafanaSource('grafana', g1),
        exchange('mimir', [['prometheus', 'm', 'g1']]),
      ]);
      const { state } = await runCharm('config-changed', given);
      for (const event of [
        'grafana-source-relation-changed',
        'grafana-source-relation-joined',
        'receive-datasource-relation-created',
        'receive-datasource-relation-changed',
        'update-status',
        'leader-elected',
        'install',
      ]) {
        assert.deepEqual((await runCharm(event, given)).state, state, event);
      }
    });

    test('of a follower are shown in its status as those of the leader', async () => {
      const relations = [grafanaSource('grafana', g1), exchange('mimir', [['prometheus', 'm', 'g1']])];
      const leader = await runCharm('update-status', datasourceWorld(relations));
      const follower = await runCharm('update-status', datasourceWorld(relations, { leader: false }));
      assert.deepEqual(follower.state.unitStatus, leader.state.unitStatus);
      assert.deepEqual(leader.state.unitStatus, { status: 'active', message: '2 of 3 links in 1 Grafana' });
    });

    test('are none of a type that is only pointed at: it says that it is registered', async () => {
      const given = datasourceWorld(
        [grafanaSource('grafana', g1), exchange('tempo', [['tempo', 't', 'g1']])],
        {
          config: { 'datasource-type': 'loki' },
        },
      );
      const out = await runCharm('config-changed', given);
      assert.equal(linksTo(out.state), null);
      assert.deepEqual(out.state.unitStatus, { status: 'active', message: 'registered with 1 Grafana' });
    });
  });

  suite('exchanges', () => {
    const both = () => [exchange('mimir', '[]'), exchange('loki', '[]', { endpoint: 'send-datasource' })];
    const published = (given: UnitState) =>
      ['receive-datasource', 'send-datasource'].map((one) =>
        publishedIn(relationIn(given, one).localAppData),
      );

    test('an empty list first, and complete entries once Grafana has answered', async () => {
      // Given a datasource that Grafana has not answered
      let given = datasourceWorld([grafanaSource('grafana', {}), ...both()]);
      given = (await runCharm('config-changed', given)).state;
      assert.deepEqual(published(given), [[], []]);
      // When Grafana says who it is, but has no UID yet, then still nothing is shared
      const grafana = () => relationIn(given, 'grafana-source');
      given = withRelation(given, grafana(), { remoteAppData: { grafana_uid: 'g1', datasource_uids: '{}' } });
      given = (await runCharm('grafana-source-relation-changed', given)).state;
      assert.deepEqual(published(given), [[], []]);
      // When it gives UIDs, but does not say who it is, neither
      given = withRelation(given, grafana(), { remoteAppData: { datasource_uids: '{"app/0": "u0"}' } });
      given = (await runCharm('grafana-source-relation-changed', given)).state;
      assert.deepEqual(published(given), [[], []]);
      // When both are there, both peers are told
      given = withRelation(given, grafana(), {
        remoteAppData: { grafana_uid: 'g1', datasource_uids: '{"app/0": "u0"}' },
      });
      given = (await runCharm('grafana-source-relation-changed', given)).state;
      const entry = { type: 'tempo', uid: 'u0', grafana_uid: 'g1' };
      assert.deepEqual(published(given), [[entry], [entry]]);
      // When Grafana goes, the entry does
      const gone = await runCharm(relationEvent('relation-broken', grafana()), given);
      assert.deepEqual(published(gone.state), [[], []]);
    });

    test('every UID of every Grafana, of both forms, sorted and without doubles', async () => {
      const out = await runCharm(
        'config-changed',
        datasourceWorld([
          grafanaSource('two', { grafana_uid: 'g2', datasource_uids: '{"app/0": "b", "app/1": "c"}' }),
          grafanaSource('one', {
            grafana_uid: 'g1',
            datasource_uids: '{"app/0": "a"}',
            app_datasource_uid: 'a',
          }),
          ...both(),
        ]),
      );
      assert.equal(
        out.relation('receive-datasource').localAppData.datasources,
        '[{"type":"tempo","uid":"a","grafana_uid":"g1"},{"type":"tempo","uid":"b","grafana_uid":"g2"},{"type":"tempo","uid":"c","grafana_uid":"g2"}]',
      );
    });

    test("never passes on another application's entries", async () => {
      const out = await runCharm(
        'config-changed',
        datasourceWorld([exchange('mimir', [['prometheus', 'm', 'g1']]), exchange('loki', '[]')]),
      );
      assert.deepEqual(publishedIn(relationIn(out.state, 'receive-datasource', 'loki').localAppData), []);
    });

    for (const text of ['{', '5', '{"a":1}', '[', 'null', `${'['.repeat(100_000)}`]) {
      test(`a peer that publishes ${text.slice(0, 9)} becomes a finding, and the others go on`, async () => {
        const answer = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 't' };
        const out = await runCharm(
          'receive-datasource-relation-changed',
          datasourceWorld([
            grafanaSource('grafana', answer),
            exchange('mimir', [['prometheus', 'm', 'g1']], { endpoint: 'send-datasource' }),
            exchange('broken', text),
          ]),
        );
        assert.equal(linksTo(out.state)?.serviceMap, 'm');
        assert.equal(out.state.unitStatus.status, 'active');
        assert.match(
          out.state.unitStatus.message,
          /^2 of 3 links in 1 Grafana; can't read datasources from broken \(relation 3, receive-datasource\): /,
        );
        assert.ok(out.state.unitStatus.message.length < 300);
        assert.ok(changedNothing(await runCharm('update-status', out.state)));
      });
    }

    test('one bad entry of a peer does not cost the others', async () => {
      const answer = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 't' };
      const entries = [
        { type: 'prometheus', uid: 'x' },
        7,
        { type: 'prometheus', uid: '', grafana_uid: 'g1' },
        { type: 'prometheus', uid: 'good', grafana_uid: 'g1', extra: { more: true } },
      ];
      const out = await runCharm(
        'config-changed',
        datasourceWorld([grafanaSource('grafana', answer), exchange('mimir', JSON.stringify(entries))]),
      );
      assert.equal(linksTo(out.state)?.serviceMap, 'good');
      assert.match(
        out.state.unitStatus.message,
        /can't read datasources\[0\]\.grafana_uid from mimir.* and \d more$/,
      );
    });

    for (const [what, answer] of [
      ['a map that is no JSON', { grafana_uid: 'g1', datasource_uids: '{' }],
      ['a map to numbers', { grafana_uid: 'g1', datasource_uids: '{"app/0": 5}' }],
      ['a list', { grafana_uid: 'g1', datasource_uids: '[]' }],
      ['a UID of several lines', { grafana_uid: 'a\nb' }],
    ] as const) {
      test(`a Grafana that answers with ${what} becomes a finding, and another one works`, async () => {
        const good = { grafana_uid: 'g2', datasource_uids: '{}', app_datasource_uid: 't2' };
        const out = await runCharm(
          'config-changed',
          datasourceWorld([
            grafanaSource('broken', answer),
            grafanaSource('good', good),
            exchange('mimir', [['prometheus', 'm', 'g2']]),
          ]),
        );
        assert.equal(linksTo(out.state, 'good')?.serviceMap, 'm');
        assert.deepEqual(publishedIn(out.relation('receive-datasource').localAppData), [
          { type: 'tempo', uid: 't2', grafana_uid: 'g2' },
        ]);
        assert.match(out.state.unitStatus.message, /can't read (datasource_uids|grafana_uid).* from broken/);
      });
    }

    test('keys that nobody knows are ignored, in answers and entries', async () => {
      const answer = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 't', future: '{"a":' };
      const peer = exchange('mimir', '[]', {
        remoteAppData: {
          datasources: '[{"uid":"m","type":"prometheus","grafana_uid":"g1","new":1}]',
          'x-other': 'y',
        },
      });
      const out = await runCharm('config-changed', datasourceWorld([grafanaSource('grafana', answer), peer]));
      assert.equal(linksTo(out.state)?.serviceMap, 'm');
      assert.deepEqual(out.state.unitStatus, { status: 'active', message: '2 of 3 links in 1 Grafana' });
    });
  });

  test('an application that is no datasource yet answers its exchange peers with an empty list', async () => {
    const given = { ...datasourceWorld([exchange('mimir', '[]')]), config: {} };
    const out = await runCharm('receive-datasource-relation-created', given);
    assert.deepEqual(out.relation('receive-datasource').localAppData, { datasources: '[]' });
  });

  test('a relation to nobody of interest makes no difference', async () => {
    const given = datasourceWorld([relation({ endpoint: 'charm-tracing', remoteApp: 'tempo' })]);
    const out = await runCharm('charm-tracing-relation-created', given);
    assert.deepEqual(out.relation('charm-tracing').localAppData, {});
    assert.deepEqual(out.state.unitStatus, {
      status: 'waiting',
      message: 'integrate grafana-source with a Grafana',
    });
  });
});
