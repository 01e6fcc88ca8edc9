import assert from 'node:assert/strict';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { grafanaPerTest } from './gateway-grafana.ts';
import {
  answerIn,
  gatewayWorld,
  modelUuid,
  ownGrafanaUid,
  relationIn,
  runCharm,
  source,
  sourceData,
  withRelation,
} from './worlds.ts';

suite('charm: gateway', () => {
  const { grafana, held, uidOf, jsonDataOf, settled } = grafanaPerTest();

  suite('provisions and answers', () => {
    test('one datasource for each unit that registered', async () => {
      // Given two units, of which the second is number 10, and one that has published nothing
      const units = { 0: 'http://p0:9090', 10: 'http://p10:9090', 2: '' };
      const given = gatewayWorld(grafana, [source('prom', { units, data: { type: 'prometheus' } })]);
      // When the relation changes
      const out = await runCharm('datasources-relation-changed', given);
      // Then there are two, and each unit is told its own
      const [zero, ten] = [uidOf('http://p0:9090'), uidOf('http://p10:9090')];
      assert.deepEqual(held().toSorted(), ['http://p0:9090', 'http://p10:9090']);
      assert.ok(
        grafana.datasources().every(({ type, access }) => type === 'prometheus' && access === 'proxy'),
      );
      assert.match(zero ?? '', /^prom-0-[0-9a-f]{8}$/);
      assert.deepEqual(answerIn(out.relation('datasources').localAppData), {
        grafana_uid: ownGrafanaUid,
        grafana_base_url: grafana.url,
        datasource_uids: { 'prom/0': zero, 'prom/10': ten },
      });
      assert.deepEqual(out.state.unitStatus, {
        status: 'active',
        message: `2 datasources in ${grafana.url}`,
      });
    });

    test('one datasource for an application that registered as a whole', async () => {
      const out = await runCharm(
        'datasources-relation-changed',
        gatewayWorld(grafana, [source('tempo', { app: 'http://tempo', units: { 0: '', 1: '' } })]),
      );
      assert.deepEqual(held(), ['http://tempo']);
      assert.deepEqual(answerIn(out.relation('datasources').localAppData), {
        grafana_uid: ownGrafanaUid,
        grafana_base_url: grafana.url,
        // Peers that only read the map correlate as well.
        datasource_uids: { 'tempo/0': uidOf('http://tempo'), 'tempo/1': uidOf('http://tempo') },
        app_datasource_uid: uidOf('http://tempo'),
      });
    });

    for (const unitUrl of ['http://tempo:3200', 'http://tempo:3200/', 'tempo:3200']) {
      test(`one datasource for both forms of one URL, answered in both: ${unitUrl}`, async () => {
        const both = source('tempo', { app: 'http://tempo:3200', units: { 0: unitUrl } });
        const out = await runCharm('datasources-relation-changed', gatewayWorld(grafana, [both]));
        assert.deepEqual(held(), ['http://tempo:3200']);
        const { datasource_uids, app_datasource_uid } = answerIn(out.relation('datasources').localAppData);
        assert.equal(app_datasource_uid, uidOf('http://tempo:3200'));
        assert.deepEqual(datasource_uids, { 'tempo/0': app_datasource_uid });
      });
    }

    test('one datasource for both forms of different URLs, at that of the application', async () => {
      const both = source('tempo', { app: 'http://tempo', units: { 0: 'http://t0', 1: 'http://t1' } });
      await runCharm('datasources-relation-changed', gatewayWorld(grafana, [both]));
      assert.deepEqual(held(), ['http://tempo']);
    });

    test('an address without a scheme is taken for http, as the Python charms mean it', async () => {
      await settled([source('foo', { units: { 0: 'host:80' } })]);
      assert.deepEqual(held(), ['http://host:80']);
    });

    test('an application across models is known by its own names, its units by ours', async () => {
      const remote = 'remote-3f9a';
      const data = { application: 'mimir', model: 'far', model_uuid: `${modelUuid.slice(0, -1)}9` };
      const out = await runCharm(
        'datasources-relation-changed',
        gatewayWorld(grafana, [source(remote, { units: { 0: 'http://m' }, data })]),
      );
      const uid = uidOf('http://m') ?? '';
      assert.match(uid, /^mimir-0-/);
      assert.deepEqual(answerIn(out.relation('datasources').localAppData).datasource_uids, {
        [`${remote}/0`]: uid,
      });
    });

    test('grafana-uid says who Grafana is, where the operator set it', async () => {
      const out = await runCharm(
        'config-changed',
        gatewayWorld(grafana, [source('tempo', { app: 'http://tempo' })], {
          config: { 'grafana-uid': 'the one' },
        }),
      );
      assert.equal(out.relation('datasources').localAppData.grafana_uid, 'the one');
    });

    test('who Grafana is follows neither from the unit that leads nor from the URL', async () => {
      const relations = [source('tempo', { app: 'http://tempo' })];
      const one = await settled(relations);
      const other = await EmbeddedGrafana.start();
      try {
        const two = await runCharm('config-changed', gatewayWorld(other, relations, { unit: 'app/7' }));
        const [a, b] = [relationIn(one, 'datasources'), two.relation('datasources')];
        assert.equal(a.localAppData.grafana_uid, b.localAppData.grafana_uid);
        assert.equal(a.localAppData.app_datasource_uid, b.localAppData.app_datasource_uid);
      } finally {
        await other.stop();
      }
    });

    test('a single dollar reaches Grafana for the two on the wire', async () => {
      const extra_fields = {
        tracesToLogsV2: { query: '{ $$__tags } |= "$${__span.traceId}"' },
        price: '$$$$',
      };
      await settled([source('tempo', { app: 'http://tempo', data: { extra_fields } })]);
      assert.deepEqual(jsonDataOf('http://tempo'), {
        tracesToLogsV2: { query: '{ $__tags } |= "${__span.traceId}"' },
        price: '$$',
      });
    });

    test('extra_fields as a JSON string are taken, too', async () => {
      const data = { extra_fields: JSON.stringify({ httpMethod: 'GET' }) };
      await settled([source('tempo', { app: 'http://tempo', data })]);
      assert.deepEqual(jsonDataOf('http://tempo'), { httpMethod: 'GET' });
    });

    test('changed extra_fields are written, and what an operator added by hand stays', async () => {
      // Given a datasource, to which an operator has added a key in Grafana
      const given = await settled([
        source('tempo', { app: 'http://tempo', data: { extra_fields: { a: 1, b: 1 } } }),
      ]);
      const { id: _, ...before } = grafana.datasources()[0] ?? assert.fail();
      await put(before.uid, { ...before, jsonData: Object.assign({}, before.jsonData, { byHand: true }) });
      // When the application sends other fields
      const changed = withRelation(given, relationIn(given, 'datasources'), {
        remoteAppData: {
          grafana_source_data: sourceData('tempo', { extra_fields: { b: 2 } }),
          grafana_source_app_host: 'http://tempo',
        },
      });
      await runCharm('datasources-relation-changed', changed);
      // Then its own key is gone, the other one changed, and the operator's there
      assert.deepEqual(jsonDataOf('http://tempo'), { b: 2, byHand: true });
    });

    async function put(uid: string, body: Record<string, unknown>): Promise<void> {
      const answer = await fetch(`${grafana.url}/api/datasources/uid/${uid}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${grafana.token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.equal(answer.status, 200);
      grafana.clearRequests();
    }
  });
});
