import assert from 'node:assert/strict';
import type { ActionValue } from '#lib/juju';
import type { HookOutcome, UnitState } from '#lib/juju/testing';
import type { Listing } from '../../charm/actions/listing-text.ts';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  changedNothing,
  datasourceWorld,
  gatewayWorld,
  grafanaSource,
  ownGrafanaUid,
  runCharm,
  source,
  withConfig,
  world,
} from './worlds.ts';

function show(given: UnitState, actionParameters: Record<string, ActionValue> = {}): Promise<HookOutcome> {
  const event = { kind: 'action', action: 'show-datasources', actionId: '1' } as const;
  return runCharm(event, { ...given, actionParameters });
}

async function listed(given: UnitState): Promise<{ out: HookOutcome; listing: Listing }> {
  const out = await show(given, { format: 'json' });
  return { out, listing: JSON.parse(String(out.action.results.datasources)) as Listing };
}

suite('charm: action show-datasources', () => {
  const { grafana } = grafanaPerTest();

  const others = { gateway: 'juju_cos_other_gw', uid: 'of-other', keys: [], secureKeys: [] };

  async function settled(): Promise<UnitState> {
    grafana.seed({ name: 'By hand', type: 'loki', uid: 'by-hand', url: 'http://me:hunter22@hand' });
    grafana.seed({ name: 'From a file', type: 'tempo', uid: 'file', readOnly: true });
    grafana.seed({ name: 'Others', type: 'tempo', uid: 'of-other', jsonData: { crosslink: others } });
    const given = gatewayWorld(grafana, [
      source('prom', { units: { 0: 'http://p0', 1: 'http://p1' }, data: { type: 'prometheus' } }),
      source('tempo', { app: 'http://tempo', units: { 0: '', 1: '' } }),
    ]);
    return (await runCharm('config-changed', given)).state;
  }

  test('of a gateway: every datasource of that Grafana, and whose it is', async () => {
    const { out, listing } = await listed(await settled());
    assert.equal(out.action.failure, null);
    assert.equal(out.action.results.total, '6');
    assert.equal(listing.gateway?.baseUrl, grafana.url);
    assert.equal(listing.gateway?.grafanaUid, ownGrafanaUid);
    const uidOf = (url: string) => grafana.datasources().find((one) => one.url === url)?.uid;
    assert.deepEqual(
      new Map(listing.gateway?.datasources.map(({ uid, owner }) => [uid, owner])),
      new Map([
        ['by-hand', { kind: 'operator' }],
        ['file', { kind: 'operator' }],
        ['of-other', { kind: 'other-gateway', gateway: others.gateway }],
        [
          uidOf('http://p0'),
          { kind: 'this-gateway', askers: [{ relation: 1, app: 'prom', units: ['prom/0'] }] },
        ],
        [
          uidOf('http://p1'),
          { kind: 'this-gateway', askers: [{ relation: 1, app: 'prom', units: ['prom/1'] }] },
        ],
        [uidOf('http://tempo'), { kind: 'this-gateway', askers: [{ relation: 2, app: 'tempo', units: [] }] }],
      ] as never),
    );
    const { owner: _, ...file } = listing.gateway?.datasources.find(({ uid }) => uid === 'file') ?? {};
    assert.deepEqual(file, { name: 'From a file', uid: 'file', type: 'tempo', url: '', readOnly: true });
  });

  test('as text by default, without passwords that somebody put into a URL', async () => {
    const given = await settled();
    for (const format of ['text', 'json']) {
      const text = String((await show(given, { format })).action.results.datasources);
      assert.ok(!text.includes('hunter22'), text);
      assert.ok(text.includes('http://hand'));
    }
    const text = String((await show(given)).action.results.datasources);
    assert.match(text, /^Datasources in http:\/\/127\.0\.0\.1:\d+\n/);
    assert.match(text, /\n {2}file {2}tempo {2}read-only\n {6}named From a file\n {6}the operator's\n/);
    assert.match(text, /this gateway's, for prom\/1 \(relation 1\)/);
    assert.match(text, /this gateway's, for tempo \(relation 2\)/);
    assert.match(text, /of another gateway, juju_cos_other_gw/);
  });

  test('changes nothing', async () => {
    const given = await settled();
    grafana.clearRequests();
    assert.ok(changedNothing(await show(given)));
    assert.deepEqual(grafana.writes, []);
  });

  test('of one into which somebody copied our marker: it is not ours', async () => {
    const given = await settled();
    const ours = grafana.datasources().find(({ url }) => url === 'http://tempo');
    grafana.seed({ name: 'Copy', type: 'tempo', uid: 'copy', jsonData: Object(ours?.jsonData) });
    const { listing } = await listed(given);
    const copy = listing.gateway?.datasources.find(({ uid }) => uid === 'copy');
    assert.deepEqual(copy?.owner, { kind: 'operator' });
  });

  test('of one of ours that no relation was told of yet', async () => {
    const given = await settled();
    const forgotten = { ...given, relations: given.relations.map((one) => ({ ...one, localAppData: {} })) };
    const { listing } = await listed(forgotten);
    const owners = listing.gateway?.datasources.filter(({ owner }) => owner.kind === 'this-gateway') ?? [];
    assert.deepEqual(
      owners.map(({ owner }) => owner),
      Array.from({ length: 3 }, () => ({ kind: 'this-gateway', askers: [] })),
    );
    const text = String((await show(forgotten)).action.results.datasources);
    assert.match(text, /this gateway's, not told to any relation/);
  });

  test('of a datasource: what it is in each Grafana', async () => {
    const { out, listing } = await listed(
      datasourceWorld([
        grafanaSource('one', {
          grafana_uid: 'g1',
          grafana_base_url: 'http://one',
          datasource_uids: '{"app/0": "u0", "app/1": "u1"}',
        }),
        grafanaSource('two', { datasource_uids: '{}', app_datasource_uid: 'u' }),
        grafanaSource('silent', {}),
      ]),
    );
    const own = (relation: number, grafanaApp: string, rest: Partial<Listing['own'][number]>) => {
      return { grafanaUid: null, baseUrl: null, grafanaApp, relation, uid: null, type: 'tempo', ...rest };
    };
    assert.deepEqual(listing, {
      gateway: null,
      own: [
        own(1, 'one', { grafanaUid: 'g1', baseUrl: 'http://one', uid: 'u0' }),
        own(1, 'one', { grafanaUid: 'g1', baseUrl: 'http://one', uid: 'u1' }),
        own(2, 'two', { uid: 'u' }),
        own(3, 'silent', {}),
      ],
    });
    assert.equal(out.action.results.total, '3');
    assert.equal(out.action.failure, null);
  });

  test('of a datasource as text', async () => {
    const answer = { grafana_uid: 'g1', grafana_base_url: 'http://one', app_datasource_uid: 'u0' };
    const given = datasourceWorld([grafanaSource('one', answer), grafanaSource('silent', {})]);
    assert.equal(
      (await show(given)).action.results.datasources,
      [
        'This application in the Grafanas that it registers with',
        '  u0  tempo',
        '      in http://one (one, relation 1)',
        '      Grafana g1',
        '  (not answered yet)  tempo',
        '      in silent (silent, relation 2)',
        '      which does not say who it is',
      ].join('\n'),
    );
  });

  test('of a follower of a datasource is the same as of its leader', async () => {
    const answer = { grafana_uid: 'g1', datasource_uids: '{"app/0": "u0"}' };
    const given = datasourceWorld([grafanaSource('one', answer)]);
    const [leader, follower] = [await show(given), await show({ ...given, leader: false })];
    assert.deepEqual(follower.action, leader.action);
  });

  test('of an application that is neither says that there is nothing to show', async () => {
    const { action } = await show(world());
    assert.deepEqual(action.results, { total: '0', datasources: 'No datasources to show.' });
    assert.equal(action.failure, null);
  });

  suite('fails', () => {
    test('on a follower of a gateway, and says where to run it', async () => {
      const out = await show({ ...(await settled()), leader: false });
      assert.equal(out.action.failure, 'only the leader asks Grafana: juju run app/leader show-datasources');
    });

    test('with the remedy when Grafana does not answer', async () => {
      const given = await settled();
      grafana.misbehave({ drop: true });
      assert.match((await show(given)).action.failure ?? '', /^start Grafana or correct grafana-url/);
    });

    test('with what is wrong in the config', async () => {
      const given = withConfig(await settled(), { 'grafana-url': 'grafana' });
      assert.match((await show(given)).action.failure ?? '', /^grafana-url: expected an http/);
    });

    test('and shows nevertheless what the application is elsewhere', async () => {
      const answer = { grafana_uid: 'g1', datasource_uids: '{}', app_datasource_uid: 'u0' };
      const given = gatewayWorld(grafana, [grafanaSource('one', answer)], {
        config: { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo' },
      });
      grafana.misbehave({ status: 500 });
      const { out, listing } = await listed(given);
      assert.match(out.action.failure ?? '', /^wait for Grafana/);
      assert.equal(listing.gateway, null);
      assert.equal(listing.own.length, 1);
    });
  });
});
