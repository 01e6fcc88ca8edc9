import assert from 'node:assert/strict';
import { type HookOutcome, type RelationDraft, relation, type UnitState } from '#lib/juju/testing';
import { EmbeddedGrafana } from '#src/grafana/embedded';
import {
  answerIn,
  changedNothing,
  gatewayWorld,
  modelUuid,
  ownGrafanaUid,
  relationEvent,
  relationIn,
  runCharm,
  said,
  source,
  sourceData,
  withConfig,
  withoutRelation,
  withRelation,
} from './worlds.ts';

suite('charm: gateway', () => {
  let grafana: EmbeddedGrafana;
  setup(async () => {
    grafana = await EmbeddedGrafana.start();
  });
  teardown(() => grafana.stop());

  const held = () => grafana.datasources().map(({ url }) => url);
  const uidOf = (url: string) => grafana.datasources().find((one) => one.url === url)?.uid;
  /** `jsonData` in Grafana, without the marker that it must have. */
  function jsonDataOf(url: string): Record<string, unknown> {
    const found = grafana.datasources().find((one) => one.url === url);
    const { crosslink, ...rest } = found?.jsonData as Record<string, unknown>;
    assert.ok(crosslink);
    return rest;
  }

  /** The world after a gateway has seen these relations. */
  async function settled(
    relations: readonly RelationDraft[],
    given: Parameters<typeof gatewayWorld>[2] = {},
  ): Promise<UnitState> {
    return (await runCharm('config-changed', gatewayWorld(grafana, relations, given))).state;
  }

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

  suite('secrets of a source', () => {
    const withSecrets = (secure_extra_fields: unknown) =>
      source('tempo', { app: 'http://tempo', data: { secure_extra_fields } });
    const stored = () => grafana.secureJsonData(uidOf('http://tempo') ?? '');

    test('reach Grafana, and show nowhere else', async () => {
      const out = await runCharm(
        'config-changed',
        gatewayWorld(grafana, [withSecrets({ key: 'v4lue-one' })]),
      );
      assert.deepEqual(stored(), { key: 'v4lue-one' });
      assert.ok(!said(out).includes('v4lue-one'));
    });

    test('are written again only when they changed', async () => {
      // Given a datasource with two secrets
      const given = await settled([withSecrets({ one: 'aaaa', two: 'bbbb' })]);
      // When nothing changed, then nothing is written
      grafana.clearRequests();
      const again = await runCharm('update-status', given);
      assert.deepEqual(grafana.writes, []);
      assert.ok(changedNothing(again));
      // When one is changed and one is gone, then Grafana has that
      const changed = withRelation(given, relationIn(given, 'datasources'), {
        remoteAppData: {
          ...relationIn(given, 'datasources').remoteAppData,
          grafana_source_data: sourceData('tempo', { secure_extra_fields: { one: 'cccc' } }),
        },
      });
      const out = await runCharm('datasources-relation-changed', changed);
      assert.deepEqual(stored(), { one: 'cccc' });
      assert.equal(grafana.writes.length, 1);
      // And once more nothing is written
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
      assert.deepEqual(grafana.writes, []);
    });

    test('are written when nothing but a value changed', async () => {
      const given = await settled([withSecrets({ key: 'v4lue-one' })]);
      const changed = withRelation(given, relationIn(given, 'datasources'), {
        remoteAppData: {
          ...relationIn(given, 'datasources').remoteAppData,
          grafana_source_data: sourceData('tempo', { secure_extra_fields: { key: 'v4lue-two' } }),
        },
      });
      await runCharm('datasources-relation-changed', changed);
      assert.deepEqual(stored(), { key: 'v4lue-two' });
    });

    test('are written once more when the credentials change, since they can not be compared then', async () => {
      const given = await settled([withSecrets({ key: 'v4lue-one' })]);
      const content = { token: grafana.addToken({ role: 'Admin' }) };
      const secrets = given.secrets.map((one) => ({ ...one, revisions: [{ revision: 2, content }] }));
      const out = await runCharm('config-changed', { ...given, secrets });
      assert.deepEqual(stored(), { key: 'v4lue-one' });
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
      assert.deepEqual(grafana.writes, []);
    });

    test('are not written again by the next leader', async () => {
      const given = await settled([withSecrets({ key: 'v4lue-one' })]);
      grafana.clearRequests();
      await runCharm('leader-elected', { ...given, unit: 'app/1' });
      assert.deepEqual(grafana.writes, []);
    });

    test('are taken out of Grafana when the source has none any more', async () => {
      const given = await settled([withSecrets({ key: 'v4lue-one' })]);
      const changed = withRelation(given, relationIn(given, 'datasources'), {
        remoteAppData: {
          ...relationIn(given, 'datasources').remoteAppData,
          grafana_source_data: sourceData('tempo'),
        },
      });
      const out = await runCharm('datasources-relation-changed', changed);
      assert.deepEqual(stored(), {});
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', out.state)));
      assert.deepEqual(grafana.writes, []);
    });
  });

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
      await grafana.stop();
      grafana = await EmbeddedGrafana.start();
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
