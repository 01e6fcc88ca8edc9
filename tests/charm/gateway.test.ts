import assert from 'node:assert/strict';
import { relation } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import { grafanaPerTest } from './gateway-grafana.ts';
import { changedNothing, gatewayWorld, relationEvent, runCharm, said, source, withConfig } from './worlds.ts';

suite('charm: gateway', () => {
  const { grafana, held, uidOf, settled, replaceGrafana } = grafanaPerTest();

  suite('a follower', () => {
    test('asks Grafana nothing and answers nobody', async () => {
      const relations = [source('tempo', { app: 'http://tempo' })];
      const given = gatewayWorld(grafana, relations, { leader: false });
      for (const event of ['config-changed', 'datasources-relation-changed', 'update-status']) {
        const out = await runCharm(event, given);
        assert.deepEqual(out.changes.relationSettings, []);
        assert.deepEqual(out.state.unitStatus, {
          status: 'active',
          message: 'standing by: the leader provisions',
        });
      }
      assert.deepEqual(grafana.requests, []);
    });

    test('does the work once it leads', async () => {
      const relations = [source('tempo', { app: 'http://tempo' })];
      const waiting = await runCharm('config-changed', gatewayWorld(grafana, relations, { leader: false }));
      const out = await runCharm('leader-elected', { ...waiting.state, leader: true });
      assert.deepEqual(held(), ['http://tempo']);
      assert.equal(out.relation('datasources').localAppData.app_datasource_uid, uidOf('http://tempo'));
    });
  });

  suite('quiet', () => {
    const many = () => [
      source('tempo', {
        app: 'http://tempo',
        data: { extra_fields: { httpMethod: 'GET', q: '$$x' }, secure_extra_fields: { k: 'vvvv' } },
      }),
      source('prom', { units: { 0: 'http://p0', 1: 'p1:90' }, data: { type: 'prometheus' } }),
      source('loki', { app: 'http://l', units: { 0: 'http://l/' }, data: { type: 'loki' } }),
      source('fresh', { data: '' }),
      source('broken', { data: '{' }),
    ];
    for (const hook of ['config-changed', 'update-status', 'leader-elected', 'start', 'upgrade-charm']) {
      test(`the second ${hook} writes nothing, to Grafana or to Juju`, async () => {
        const first = await runCharm(hook, gatewayWorld(grafana, many()));
        assert.equal(held().length, 4);
        grafana.clearRequests();
        const second = await runCharm(hook, first.state);
        assert.deepEqual(grafana.writes, []);
        assert.ok(changedNothing(second), said(second));
        assert.equal(grafana.requests.length, 1, 'one look at Grafana is enough');
      });
    }

    test('neither the order of relations nor that of hooks makes a difference', async () => {
      // Given the same relations, once all at once and once one by one in the opposite order
      const atOnce = await settled(many().map((one, n) => ({ ...one, id: n + 1 })));
      const uids = grafana.datasources().map(({ uid, name, url }) => ({ uid, name, url }));
      await replaceGrafana();
      let oneByOne = gatewayWorld(grafana);
      for (const [n, draft] of [...many().entries()].toReversed()) {
        const { relations } = gatewayWorld(grafana, [{ ...draft, id: n + 1 }]);
        const added = relations.at(-1) ?? assert.fail();
        oneByOne = { ...oneByOne, relations: [...oneByOne.relations, added] };
        oneByOne = (await runCharm(relationEvent('relation-created', added), oneByOne)).state;
      }
      // Then both end in the same
      assert.deepEqual(
        grafana.datasources().map(({ uid, name, url }) => ({ uid, name, url })),
        uids,
      );
      for (const { id, localAppData } of atOnce.relations.filter(({ peer }) => !peer)) {
        const { grafana_base_url: a, ...rest } = localAppData;
        const { grafana_base_url: b, ...other } =
          oneByOne.relations.find((one) => one.id === id)?.localAppData ?? assert.fail();
        assert.deepEqual(other, rest);
        assert.equal(a === undefined, b === undefined);
      }
    });
  });

  test('another Grafana is filled when grafana-url changes, with the same UIDs', async () => {
    const given = await settled([source('tempo', { app: 'http://tempo' })]);
    const other = await EmbeddedGrafana.start({ token: grafana.token });
    try {
      const out = await runCharm('config-changed', withConfig(given, { 'grafana-url': other.url }));
      assert.deepEqual(
        other.datasources().map(({ uid }) => uid),
        grafana.datasources().map(({ uid }) => uid),
      );
      assert.equal(out.relation('datasources').localAppData.grafana_base_url, other.url);
    } finally {
      await other.stop();
    }
  });

  test('what an operator changed in Grafana is put right, a new name is left', async () => {
    const given = await settled([source('tempo', { app: 'http://tempo' })]);
    const { id: _, ...before } = grafana.datasources()[0] ?? assert.fail();
    const answer = await fetch(`${grafana.url}/api/datasources/uid/${before.uid}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${grafana.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...before, name: 'My Tempo', url: 'http://wrong' }),
    });
    assert.equal(answer.status, 200);
    await runCharm('update-status', given);
    const [{ name, url } = assert.fail()] = grafana.datasources();
    assert.deepEqual({ name, url }, { name: 'My Tempo', url: 'http://tempo' });
  });

  test('an application may be gateway and datasource at once', async () => {
    // Given an application that is a Tempo, registers with its own model's other Grafana, and is a gateway
    const given = gatewayWorld(
      grafana,
      [source('prom', { app: 'http://p' }), relation({ endpoint: 'grafana-source', remoteApp: 'grafana' })],
      { config: { 'datasource-type': 'tempo', 'datasource-url': 'http://tempo' } },
    );
    const out = await runCharm('config-changed', given);
    // Then it does both, and the status shows what is not well yet
    assert.deepEqual(held(), ['http://p']);
    assert.equal(out.relation('grafana-source').localAppData.grafana_source_app_host, 'http://tempo');
    assert.deepEqual(out.state.unitStatus, { status: 'waiting', message: 'for grafana to answer' });
  });
});
