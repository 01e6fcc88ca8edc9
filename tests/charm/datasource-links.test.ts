import assert from 'node:assert/strict';
import { linksTo } from './datasource-databags.ts';
import {
  datasourceWorld,
  exchange,
  extraFieldsIn,
  grafanaSource,
  relationEvent,
  relationIn,
  runCharm,
  said,
  withoutRelation,
} from './worlds.ts';

suite('charm: datasource', () => {
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
        nodeGraph: { enabled: true },
      });
      assert.deepEqual(linksTo(out.state, 'two'), {
        httpMethod: 'GET',
        serviceMap: 'mimir-2',
        tracesToLogsV2: 'loki-2',
        tracesToMetrics: 'mimir-2',
        nodeGraph: { enabled: true },
      });
      assert.ok(!said(out).includes('loki-3'));
      assert.deepEqual(out.state.unitStatus, { status: 'active', message: '5 of 8 links in 2 Grafanas' });
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
      assert.deepEqual(leader.state.unitStatus, { status: 'active', message: '2 of 4 links in 1 Grafana' });
    });

    test('are none of a type that is only pointed at: it says that it is registered', async () => {
      const given = datasourceWorld(
        [grafanaSource('grafana', g1), exchange('tempo', [['tempo', 't', 'g1']])],
        {
          config: { 'datasource-type': 'pyroscope' },
        },
      );
      const out = await runCharm('config-changed', given);
      assert.equal(linksTo(out.state), null);
      assert.deepEqual(out.state.unitStatus, { status: 'active', message: 'registered with 1 Grafana' });
    });
  });
});
