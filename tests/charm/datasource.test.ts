import assert from 'node:assert/strict';
import { relation, type UnitState } from '#lib/juju/testing';
import { host } from './datasource-databags.ts';
import {
  changedNothing,
  datasourceWorld,
  exchange,
  grafanaSource,
  relationIn,
  runCharm,
  withConfig,
  withRelation,
} from './worlds.ts';

const perUnit = { 'datasource-url': 'http://tempo-{unit}:3200' };

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

  test('a relation to nobody of interest makes no difference', async () => {
    const given = datasourceWorld([relation({ endpoint: 'logging', remoteApp: 'tempo' })]);
    const out = await runCharm('logging-relation-created', given);
    assert.deepEqual(out.relation('logging').localAppData, {});
    assert.deepEqual(out.state.unitStatus, {
      status: 'waiting',
      message: 'integrate grafana-source with a Grafana',
    });
  });
});
