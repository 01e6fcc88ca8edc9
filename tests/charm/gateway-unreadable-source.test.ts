import assert from 'node:assert/strict';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  answerIn,
  changedNothing,
  gatewayWorld,
  modelUuid,
  relationEvent,
  relationIn,
  runCharm,
  source,
  sourceData,
  withoutRelation,
  withRelation,
} from './worlds.ts';

suite('charm: gateway', () => {
  const { grafana, held, uidOf, settled } = grafanaPerTest();

  suite('a source that can not be read', () => {
    const broken: readonly [string, string][] = [
      ['no JSON', '{'],
      ['a list', '[]'],
      ['a string', '"x"'],
      ['no model_uuid', '{"model":"cos","application":"prom","type":"prometheus"}'],
      ['extra_fields that are a number', sourceData('prom', { extra_fields: 5 })],
      ['secrets that are no strings', sourceData('prom', { secure_extra_fields: { a: 1 } })],
    ];
    for (const [what, text] of broken) {
      test(`keeps what it had, and the others work: ${what}`, async () => {
        // Given two sources that are provisioned and answered
        const given = await settled([
          source('prom', { units: { 0: 'http://p0' }, data: { type: 'prometheus' } }),
          source('tempo', { units: { 0: 'http://t0' } }),
        ]);
        const before = grafana.datasources().find(({ url }) => url === 'http://p0');
        const prom = relationIn(given, 'datasources', 'prom');
        // When the data of one of them breaks while the other has one more unit
        const broken = withRelation(given, prom, { remoteAppData: { grafana_source_data: text } });
        const tempo = relationIn(broken, 'datasources', 'tempo');
        const remoteUnitsData = {
          ...tempo.remoteUnitsData,
          'tempo/1': { grafana_source_host: 'http://t1' },
        };
        const out = await runCharm(
          relationEvent('relation-changed', prom),
          withRelation(broken, tempo, { remoteUnitsData }),
        );
        // Then its datasource and answer stay, the other's are up to date, and the status names it
        assert.deepEqual(
          grafana.datasources().find(({ url }) => url === 'http://p0'),
          before,
        );
        assert.deepEqual(relationIn(out.state, 'datasources', 'prom').localAppData, prom.localAppData);
        assert.deepEqual(held().toSorted(), ['http://p0', 'http://t0', 'http://t1']);
        assert.match(
          out.state.unitStatus.message,
          /can't read grafana_source_data.* from prom \(relation 1, datasources\)/,
        );
        // And the next hook finds nothing to do
        grafana.clearRequests();
        assert.ok(changedNothing(await runCharm('update-status', out.state)));
        assert.deepEqual(grafana.writes, []);
      });
    }

    test('for a host that is no URL the rest is used', async () => {
      const units = { 0: 'javascript:alert(1)', 1: 'http://p1' };
      const out = await runCharm('config-changed', gatewayWorld(grafana, [source('prom', { units })]));
      assert.deepEqual(held(), ['http://p1']);
      assert.match(out.state.unitStatus.message, /grafana_source_host of prom\/0 from prom/);
      assert.doesNotMatch(out.state.unitStatus.message, /alert/);
    });

    test('keeps what it had, also where its application host is what can not be read', async () => {
      const given = await settled([source('tempo', { app: 'http://tempo', units: { 0: 'http://t0' } })]);
      const before = grafana.datasources();
      const tempo = relationIn(given, 'datasources');
      const remoteAppData = { ...tempo.remoteAppData, grafana_source_app_host: 'http://tempo :3200' };
      const out = await runCharm('update-status', withRelation(given, tempo, { remoteAppData }));
      assert.deepEqual(grafana.datasources(), before);
      assert.deepEqual(out.relation('datasources').localAppData, tempo.localAppData);
      assert.match(out.state.unitStatus.message, /can't read grafana_source_app_host from tempo/);
    });

    test('keeps the datasource of a unit whose host can not be read, and the others work', async () => {
      // Given three units
      const units = { 0: 'http://p0', 1: 'http://p1', 2: 'http://p2' };
      const given = await settled([source('prom', { units })]);
      const before = grafana.datasources().find(({ url }) => url === 'http://p0');
      const prom = relationIn(given, 'datasources');
      // When one says what can't be read, one withdraws, one moves and one is new
      const remoteUnitsData = {
        'prom/0': { grafana_source_host: 'http://[fe80::1' },
        'prom/1': {},
        'prom/2': { grafana_source_host: 'http://moved' },
        'prom/3': { grafana_source_host: 'http://p3' },
      };
      const out = await runCharm('update-status', withRelation(given, prom, { remoteUnitsData }));
      // Then the first is as it was, and still answered
      assert.deepEqual(
        grafana.datasources().find(({ url }) => url === 'http://p0'),
        before,
      );
      assert.deepEqual(held().toSorted(), ['http://moved', 'http://p0', 'http://p3']);
      assert.deepEqual(answerIn(out.relation('datasources').localAppData).datasource_uids, {
        'prom/0': before?.uid,
        'prom/2': uidOf('http://moved'),
        'prom/3': uidOf('http://p3'),
      });
      assert.match(out.state.unitStatus.message, /can't read grafana_source_host of prom\/0 from prom/);
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
      assert.deepEqual(grafana.writes, []);
      // And when the unit goes, so does its datasource
      await runCharm(relationEvent('relation-departed', prom, 'prom/0'), out.state);
      assert.deepEqual(held().toSorted(), ['http://moved', 'http://p3']);
    });

    for (const [what, change] of [
      ['data', { remoteAppData: { grafana_source_data: '{' } }],
      ['host', { remoteUnitsData: { 'prom/0': { grafana_source_host: 'javascript://p0' }, 'prom/1': {} } }],
    ] as const) {
      test(`keeps what was made for it and never answered: ${what}`, async () => {
        // Given a source of which one datasource is in Grafana and the other in conflict, so that nothing was answered
        const name = `juju_cos_${modelUuid}_prom_1`;
        grafana.seed({ name, type: 'tempo', uid: 'by-hand', url: 'http://by-hand' });
        const given = await settled([
          source('prom', { units: { 0: 'http://p0', 1: 'http://p1' } }),
          source('loki', { app: 'http://loki' }),
        ]);
        const prom = relationIn(given, 'datasources', 'prom');
        assert.deepEqual(prom.localAppData, {});
        // When it can't be read any more, while another application goes
        const broken = withRelation(given, prom, change);
        await runCharm('update-status', withoutRelation(broken, 'datasources', 'loki'));
        // Then what was made stays, and what is the other's goes
        assert.deepEqual(held().toSorted(), ['http://by-hand', 'http://p0']);
      });
    }

    test('keys called __proto__ are keys like any other, and harm nobody', async () => {
      const data = `{"model":"cos","model_uuid":"${modelUuid}","application":"prom","type":"tempo","extra_fields":{"__proto__":{"polluted":true},"a":1},"secure_extra_fields":null}`;
      const out = await runCharm(
        'config-changed',
        gatewayWorld(grafana, [source('prom', { app: 'http://p', data })]),
      );
      assert.equal(({} as { polluted?: boolean }).polluted, undefined);
      assert.equal(out.state.unitStatus.status, 'active');
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
    });
  });

  test('two applications that claim to be one are one datasource: that of the older relation', async () => {
    const given = await settled([
      source('tempo', { id: 4, app: 'http://old' }),
      source('liar', { id: 9, app: 'http://new', data: { application: 'tempo' } }),
    ]);
    assert.deepEqual(held(), ['http://old']);
    grafana.clearRequests();
    assert.ok(changedNothing(await runCharm('update-status', given)));
    assert.deepEqual(grafana.writes, []);
  });
});
