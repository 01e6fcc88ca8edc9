import assert from 'node:assert/strict';
import type { HookEvent } from '#lib/juju';
import { noChanges, relation, type UnitState } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  changedNothing,
  datasourceWorld,
  exchange,
  gatewayWorld,
  grafanaSource,
  relationEvent,
  runCharm,
  source,
  withoutRelation,
  world,
} from './worlds.ts';

const endpoints = ['datasources', 'grafana-source', 'send-datasource', 'receive-datasource', 'charm-tracing'];
const secret = { secretId: 'secret:credentials000000000', label: '' };
const storage = { storage: 'data', storageId: 'data/0', location: '/data' };
const workload = 'grafana';

/** Every event that is about no relation. */
const plain: readonly HookEvent[] = [
  { kind: 'install' },
  { kind: 'start' },
  { kind: 'config-changed' },
  { kind: 'update-status' },
  { kind: 'upgrade-charm' },
  { kind: 'leader-elected' },
  { kind: 'leader-settings-changed' },
  { kind: 'secret-changed', ...secret },
  { kind: 'secret-rotate', ...secret },
  { kind: 'secret-remove', revision: 1, ...secret },
  { kind: 'secret-expired', revision: 1, ...secret },
  { kind: 'storage-attached', ...storage },
  { kind: 'storage-detaching', ...storage },
  { kind: 'pebble-ready', workload },
  { kind: 'pebble-custom-notice', workload, noticeId: '1', noticeType: 'custom', noticeKey: 'a.b/c' },
  { kind: 'pebble-check-failed', workload, checkName: 'up' },
  { kind: 'pebble-check-recovered', workload, checkName: 'up' },
  { kind: 'action', action: 'explain', actionId: '1' },
  { kind: 'exec' },
  { kind: 'unknown', hook: 'collect-metrics' },
];
const relationKinds = [
  'relation-created',
  'relation-joined',
  'relation-changed',
  'relation-departed',
  'relation-broken',
] as const;

suite('charm: every event', () => {
  for (const leader of [true, false]) {
    for (const event of plain) {
      test(`${event.kind} finds an empty world, ${leader ? 'leader' : 'follower'}`, async () => {
        // Without even the peer relation, as before Juju has made it
        const out = await runCharm(event, { ...world({ leader }), relations: [] });
        assert.deepEqual(out.changes.relationSettings, []);
        if (event.kind !== 'action') assert.equal(out.state.unitStatus.status, 'blocked');
      });
    }
    for (const kind of relationKinds) {
      for (const endpoint of endpoints) {
        test(`${endpoint}-${kind} finds a world that is empty otherwise, ${leader ? 'leader' : 'follower'}`, async () => {
          const remote = relation({
            id: 5,
            endpoint,
            remoteApp: 'other',
            remoteUnitsData: { 'other/0': {} },
          });
          const event = relationEvent(kind, { id: 5, endpoint, remoteApp: 'other' });
          const out = await runCharm(event, world({ leader, relations: [remote] }));
          assert.equal(out.state.unitStatus.status, 'blocked');
        });
      }
    }
  }

  for (const kind of [
    'relation-created',
    'relation-joined',
    'relation-changed',
    'relation-departed',
  ] as const) {
    test(`crosslink-${kind} wakes a follower that has nothing to do`, async () => {
      const peers = relation({
        id: 0,
        endpoint: 'crosslink',
        peer: true,
        localAppData: { leader: 'app/1' },
        remoteUnitsData: { 'app/1': {} },
      });
      const given: UnitState = { ...world({ leader: false }), relations: world({ relations: [] }).relations };
      const relations = given.relations.map((one) => ({ ...one, ...peers, id: 0 }));
      const event = relationEvent(kind, { id: 0, endpoint: 'crosslink', remoteApp: 'app' }, 'app/1');
      const out = await runCharm(event, { ...given, relations });
      assert.deepEqual(out.changes.relationSettings, []);
    });
  }

  suite('in a world at rest', () => {
    const { grafana } = grafanaPerTest();

    const full = () =>
      gatewayWorld(
        grafana,
        [
          source('loki', { app: 'http://loki' }),
          grafanaSource('grafana', { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 't' }),
          exchange('mimir', [['prometheus', 'm', 'g1']]),
          exchange('other', [['loki', 'l', 'g1']], { endpoint: 'send-datasource' }),
        ],
        { config: { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo' } },
      );

    for (const kind of ['stop', 'remove'] as const) {
      test(`${kind} does nothing: Juju breaks the relations itself`, async () => {
        for (const given of [full(), datasourceWorld(), world()]) {
          const out = await runCharm(kind, given);
          assert.ok(changedNothing(out));
          assert.deepEqual(out.state, given);
        }
        assert.deepEqual(grafana.requests, []);
      });
    }

    test('whatever happens, nothing is written', async () => {
      // Given
      const { state: given } = await runCharm('config-changed', full());
      grafana.clearRequests();
      // When
      const related = given.relations.filter(({ peer }) => !peer);
      const events = [
        ...plain,
        ...related.flatMap((one) => [relationEvent('relation-created', one)]),
        ...related
          .filter(({ remoteUnitsData }) => Object.keys(remoteUnitsData).length > 0)
          .flatMap((one) => [relationEvent('relation-joined', one), relationEvent('relation-changed', one)]),
      ];
      for (const event of events) {
        const out = await runCharm(event, given);
        // Then
        assert.deepEqual(out.changes, noChanges, event.kind);
        assert.deepEqual(out.statuses, [], event.kind);
      }
      assert.deepEqual(grafana.writes, []);
    });

    test('whatever event comes first, the same world comes of it', async () => {
      const expected = await runCharm('config-changed', full());
      const datasources = grafana.datasources().map(({ uid, url }) => ({ uid, url }));
      const firsts: HookEvent[] = [
        ...plain.filter(({ kind }) => kind !== 'action'),
        ...full()
          .relations.filter(({ peer }) => !peer)
          .map((one) => relationEvent('relation-created', one)),
      ];
      for (const event of firsts) {
        const other = await EmbeddedGrafana.start({ token: grafana.token });
        try {
          const given = { ...full(), config: { ...full().config, 'grafana-url': other.url } };
          const out = await runCharm(event, given);
          assert.deepEqual(
            other.datasources().map(({ uid, url }) => ({ uid, url })),
            datasources,
            event.kind,
          );
          const text = JSON.stringify(out.state).replaceAll(other.url, grafana.url);
          assert.equal(text, JSON.stringify(expected.state), event.kind);
        } finally {
          await other.stop();
        }
      }
    });

    test('a relation that goes while nobody looks is taken back later, too', async () => {
      const { state } = await runCharm('config-changed', full());
      await runCharm('update-status', withoutRelation(state, 'datasources'));
      assert.deepEqual(grafana.datasources(), []);
    });
  });
});
