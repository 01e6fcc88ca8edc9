import assert from 'node:assert/strict';
import type { UnitState } from '#lib/juju/testing';
import { linksTo } from './datasource-databags.ts';
import {
  changedNothing,
  datasourceWorld,
  exchange,
  grafanaSource,
  publishedIn,
  relationEvent,
  relationIn,
  runCharm,
  withRelation,
} from './worlds.ts';

suite('charm: datasource', () => {
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
          /^2 of 4 links in 1 Grafana; can't read datasources from broken \(relation 3, receive-datasource\): /,
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
      assert.deepEqual(out.state.unitStatus, { status: 'active', message: '2 of 4 links in 1 Grafana' });
    });
  });

  test('an application that is no datasource yet answers its exchange peers with an empty list', async () => {
    const given = { ...datasourceWorld([exchange('mimir', '[]')]), config: {} };
    const out = await runCharm('receive-datasource-relation-created', given);
    assert.deepEqual(out.relation('receive-datasource').localAppData, { datasources: '[]' });
  });
});
