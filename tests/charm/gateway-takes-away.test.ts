import assert from 'node:assert/strict';
import type { HookOutcome } from '#lib/juju/testing';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  answerIn,
  relationEvent,
  relationIn,
  runCharm,
  source,
  withoutRelation,
  withRelation,
} from './worlds.ts';

suite('charm: gateway', () => {
  const { grafana, held, uidOf, settled } = grafanaPerTest();

  suite('takes away', () => {
    const two = () => [
      source('tempo', { app: 'http://tempo' }),
      source('prom', { units: { 0: 'http://p0', 1: 'http://p1' }, data: { type: 'prometheus' } }),
    ];
    const isPromsAnswer = (out: HookOutcome) =>
      answerIn(relationIn(out.state, 'datasources', 'prom').localAppData).datasource_uids;

    test('the datasource of a unit that departs', async () => {
      const given = await settled(two());
      const prom = relationIn(given, 'datasources', 'prom');
      const out = await runCharm(relationEvent('relation-departed', prom, 'prom/1'), given);
      assert.deepEqual(held().toSorted(), ['http://p0', 'http://tempo']);
      assert.deepEqual(isPromsAnswer(out), { 'prom/0': uidOf('http://p0') });
    });

    test('the datasource of a unit that withdraws its host', async () => {
      const given = await settled(two());
      const prom = relationIn(given, 'datasources', 'prom');
      const remoteUnitsData = { ...prom.remoteUnitsData, 'prom/0': {} };
      const out = await runCharm(
        relationEvent('relation-changed', prom),
        withRelation(given, prom, { remoteUnitsData }),
      );
      assert.deepEqual(held().toSorted(), ['http://p1', 'http://tempo']);
      assert.deepEqual(isPromsAnswer(out), { 'prom/1': uidOf('http://p1') });
    });

    test('all datasources of an application that withdraws, and its answer', async () => {
      const given = await settled(two());
      const prom = relationIn(given, 'datasources', 'prom');
      const out = await runCharm(
        relationEvent('relation-changed', prom),
        withRelation(given, prom, { remoteAppData: {} }),
      );
      assert.deepEqual(held(), ['http://tempo']);
      assert.deepEqual(relationIn(out.state, 'datasources', 'prom').localAppData, {});
    });

    test('all datasources of a relation that is broken', async () => {
      const given = await settled(two());
      await runCharm(relationEvent('relation-broken', relationIn(given, 'datasources', 'prom')), given);
      assert.deepEqual(held(), ['http://tempo']);
    });

    test('what a broken relation left, should Grafana have been down in that hook', async () => {
      // Given a relation that is broken while Grafana fails
      const given = await settled(two());
      grafana.misbehave({ status: 503 });
      const broken = relationEvent('relation-broken', relationIn(given, 'datasources', 'prom'));
      const out = await runCharm(broken, given);
      assert.equal(held().length, 3);
      // When it is back, and the relation is no more
      grafana.behave();
      await runCharm('update-status', withoutRelation(out.state, 'datasources', 'prom'));
      // Then
      assert.deepEqual(held(), ['http://tempo']);
    });

    test('what is not there any more without a fuss', async () => {
      const given = await settled(two());
      const broken = relationEvent('relation-broken', relationIn(given, 'datasources', 'prom'));
      grafana.misbehave({ match: { method: 'DELETE' }, drop: true, applied: true, times: 1 });
      const out = await runCharm(broken, given);
      const healed = await runCharm('update-status', withoutRelation(out.state, 'datasources', 'prom'));
      assert.deepEqual(held(), ['http://tempo']);
      assert.equal(healed.state.unitStatus.status, 'active');
    });

    test('nothing that it has not made', async () => {
      // Given datasources of an operator, of another gateway, and one with a marker that can't be read
      const other = { gateway: 'juju_cos_other_gw', keys: [], secureKeys: [] };
      grafana.seed({ name: 'Hand-made', type: 'tempo', uid: 'by-hand', url: 'http://tempo' });
      grafana.seed({ name: 'Other', type: 'tempo', uid: 'other', jsonData: { crosslink: other } });
      grafana.seed({ name: 'Broken', type: 'tempo', uid: 'broken', jsonData: { crosslink: 'what' } });
      const before = grafana.datasources();
      // When sources of our own come and go
      const given = await settled(two());
      assert.equal(held().length, 6);
      const alone = withoutRelation(withoutRelation(given, 'datasources', 'prom'), 'datasources', 'tempo');
      await runCharm('config-changed', alone);
      // Then those are as they were
      assert.deepEqual(grafana.datasources(), before);
    });
  });
});
