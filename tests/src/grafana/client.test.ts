import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { GrafanaApiErrorCode } from '#src/grafana';
import { ClientHarness, failure, tempo } from './client-harness.ts';

suite('Grafana client', () => {
  let harness: ClientHarness;

  setup(async () => {
    harness = await ClientHarness.start();
  });
  teardown(() => harness.grafana.stop());

  suite('datasources', () => {
    for (const version of ['9.4.0-pre', '10.4.0', '12.1.0', '13.1.0']) {
      test(`are created, read, updated and deleted in ${version}`, async () => {
        await harness.restart({ version });
        const created = await harness.client().createDatasource({
          ...tempo,
          secureJsonData: { password: 'hunter2' },
        });
        assert.equal(created.version, 1);
        assert.deepEqual(created.secureJsonFields, { password: true });
        assert.deepEqual(await harness.client().getDatasource(tempo.uid), created);
        assert.deepEqual(await harness.client().getDatasourceByName(tempo.name), created);
        const jsonData = { serviceMap: { datasourceUid: 'mimir-0' } };
        const updated = await harness.client().updateDatasource(tempo.uid, {
          ...tempo,
          jsonData,
          version: created.version,
        });
        assert.equal(updated.version, 2);
        assert.deepEqual(updated.jsonData, jsonData);
        assert.deepEqual(
          (await harness.client().listDatasources()).map(({ uid }) => uid),
          [tempo.uid],
        );
        assert.equal(await harness.client().deleteDatasource(tempo.uid), true);
        assert.deepEqual(await harness.client().listDatasources(), []);
      });
    }

    test('that are not there are undefined, and already deleted', async () => {
      assert.equal(await harness.client().getDatasource('none'), undefined);
      assert.equal(await harness.client().getDatasourceByName('none'), undefined);
      assert.equal(await harness.client().deleteDatasource('none'), false);
    });

    test('with any name and uid are found again', async () => {
      await harness.restart({ version: '11.0.0' });
      for (const odd of ['a/b', 'a%2Fb', 'a b?c#d', 'ü', '...', '%', 'a\\b']) {
        const { uid } = await harness.client().createDatasource({ ...tempo, name: odd, uid: odd });
        assert.equal((await harness.client().getDatasource(uid))?.name, odd);
        assert.equal((await harness.client().getDatasourceByName(odd))?.uid, odd);
        assert.equal(await harness.client().deleteDatasource(uid), true, odd);
      }
    });

    for (const dots of ['', '.', '..']) {
      test(`named '${dots}' are not asked for, since that would be another path`, async () => {
        const error = await failure(harness.client().getDatasource(dots));
        assert.equal(error.fixedBy, 'developer');
        assert.deepEqual(harness.grafana.requests, []);
      });
    }

    test('carry no __proto__', async () => {
      const body = JSON.stringify({ jsonData: {} }).replace(
        '{}',
        '{"__proto__":{"polluted":1},"a":{"__proto__":2}}',
      );
      const whole = `{"id":1,"uid":"a","orgId":1,"name":"a","type":"tempo","version":1,${body.slice(1)}`;
      harness.grafana.misbehave({ answer: { status: 200, body: whole } });
      const jsonData = (await harness.client().getDatasource('a'))?.jsonData ?? {};
      assert.deepEqual(jsonData, { a: {} });
      assert.equal(Object.getPrototypeOf(jsonData), Object.prototype);
      assert.equal('polluted' in jsonData, false);
    });

    test('may lack what some versions leave out, and have what others add', async () => {
      const body =
        '{"id":1,"uid":"a","orgId":1,"name":"a","type":"tempo","version":1,"jsonData":null,"apiVersion":"v1"}';
      harness.grafana.misbehave({ answer: { status: 200, body } });
      const datasource = await harness.client().getDatasource('a');
      assert.deepEqual([datasource?.url, datasource?.readOnly, datasource?.jsonData], ['', false, {}]);
    });
  });

  suite('conflicts', () => {
    setup(() => harness.client().createDatasource(tempo));
    const expectCode = async (promise: Promise<unknown>, code: GrafanaApiErrorCode, fixedBy: string) => {
      const error = await failure(promise);
      assert.deepEqual([error.code, error.fixedBy, error.outcomeUnknown], [code, fixedBy, false]);
    };

    test('over a name are the operator’s', () =>
      expectCode(harness.client().createDatasource({ ...tempo, uid: 'other' }), 'CONFLICT_NAME', 'operator'));
    test('over a uid pass', () =>
      expectCode(harness.client().createDatasource({ ...tempo, name: 'other' }), 'CONFLICT_UID', 'time'));
    test('over a rename are the operator’s', async () => {
      await harness.client().createDatasource({ ...tempo, name: 'other', uid: 'other' });
      await expectCode(
        harness.client().updateDatasource('other', { ...tempo, version: 1 }),
        'CONFLICT_NAME',
        'operator',
      );
    });
    test('over a version pass', async () => {
      harness.grafana.misbehave({
        match: { method: 'PUT' },
        before: () => harness.grafana.bumpVersion(tempo.uid),
      });
      await expectCode(
        harness.client().updateDatasource(tempo.uid, { ...tempo, version: 1 }),
        'CONFLICT_VERSION',
        'time',
      );
    });
    test('with a provisioning file are the operator’s', async () => {
      harness.grafana.seed({ name: 'file', type: 'tempo', uid: 'file', readOnly: true });
      await expectCode(
        harness.client().updateDatasource('file', { ...tempo, name: 'file', version: 1 }),
        'READ_ONLY',
        'operator',
      );
      await expectCode(harness.client().deleteDatasource('file'), 'READ_ONLY', 'operator');
    });
    test('with a deletion pass', () =>
      expectCode(
        harness.client().updateDatasource('gone', { ...tempo, name: 'gone', version: 1 }),
        'NOT_FOUND',
        'time',
      ));
    test('with the rules of Grafana are the operator’s', () =>
      expectCode(harness.client().createDatasource({ ...tempo, url: 'http://a b' }), 'REJECTED', 'operator'));
  });

  suite('other calls', () => {
    test('tell about Grafana', async () => {
      await harness.restart({ subPath: '/grafana', version: '11.3.0' });
      assert.deepEqual(await harness.client().health(), {
        ok: true,
        version: '11.3.0',
        commit: '0000embedded',
      });
      assert.deepEqual(await harness.client().org(), { id: 1, name: 'Main Org.' });
      const settings = await harness.client().frontendSettings();
      assert.deepEqual([settings.buildInfo.version, settings.appSubUrl], ['11.3.0', '/grafana']);
      assert.ok(harness.grafana.requests.every(({ path }) => path.startsWith('/grafana/api/')));
    });

    test('health needs no credentials and sends none', async () => {
      const fetched = sinon
        .stub()
        .resolves({ status: 200, headers: new Headers(), body: [Buffer.from('{"database":"ok"}')] });
      assert.deepEqual(await harness.client({ fetch: fetched }).health(), {
        ok: true,
        version: '',
        commit: '',
      });
      assert.equal(fetched.firstCall.args[1].headers.authorization, undefined);
    });

    test('health hears that the database fails, and knows it from a load balancer that finds no Grafana', async () => {
      harness.grafana.misbehave({ times: 1, answer: { status: 503, body: '{"database":"failing"}' } });
      assert.equal((await harness.client().health()).ok, false);
      harness.grafana.misbehave({ answer: { status: 503, body: '{"message":"no healthy upstream"}' } });
      assert.equal((await failure(harness.client().health())).code, 'UNAVAILABLE');
    });

    const healths = [
      ['12.1.0', 'tempo', 'ok'],
      ['9.4.0', 'tempo', 'unsupported'],
      ['9.4.0', 'jaeger', 'unsupported'],
      ['12.1.0', 'alertmanager', 'unsupported'],
      ['12.1.0', 'no-such-plugin', 'unsupported'],
      ['12.1.0', undefined, 'failed'],
    ] as const;
    for (const [version, type, status] of healths) {
      test(`datasource health of ${type ?? 'an unknown uid'} in ${version} is ${status}`, async () => {
        await harness.restart({ version, seed: type === undefined ? [] : [{ name: 'a', type, uid: 'a' }] });
        assert.equal((await harness.client().datasourceHealth('a')).status, status);
        assert.deepEqual(harness.pauses, []);
      });
    }

    test('datasource health says what the plugin says', async () => {
      harness.grafana.seed({ name: 'a', type: 'tempo', uid: 'a' });
      harness.grafana.setPluginHealth('a', { status: 'ERROR', message: 'no route to host' });
      assert.deepEqual(await harness.client().datasourceHealth('a'), {
        status: 'error',
        message: 'no route to host',
      });
    });
  });

  suite('credentials', () => {
    test('may be a user and a password', async () => {
      assert.equal(
        (await harness.client({ auth: { kind: 'basic', user: 'admin', password: 'admin' } }).org()).id,
        1,
      );
    });
    test('may end in a newline, as files do', async () => {
      assert.equal(
        (await harness.client({ auth: { kind: 'bearer', token: `${harness.grafana.token}\n` } }).org()).id,
        1,
      );
    });
    test('that are wrong are the operator’s', async () => {
      const error = await failure(harness.client({ auth: { kind: 'bearer', token: 'glsa_wrong' } }).org());
      assert.deepEqual([error.code, error.fixedBy, error.status], ['UNAUTHORIZED', 'operator', 401]);
    });
    test('without the role are the operator’s', async () => {
      const token = harness.grafana.addToken({ role: 'Viewer' });
      const error = await failure(
        harness.client({ auth: { kind: 'bearer', token } }).createDatasource(tempo),
      );
      assert.deepEqual([error.code, error.fixedBy], ['FORBIDDEN', 'operator']);
      assert.match(error.remedy, /Admin/);
    });
  });

  suite('options', () => {
    const urls = [
      '',
      'grafana',
      'ftp://grafana',
      'http://user:pass@grafana',
      'http://grafana/?orgId=1',
      'http://grafana/#a',
    ];
    for (const url of urls) {
      test(`refuse the URL '${url}'`, () => {
        assert.throws(() => harness.client({ url }), { code: 'MISCONFIGURED', fixedBy: 'operator' });
      });
    }
    for (const token of ['', ' ', 'two words', 'new\nline', 'ü']) {
      test(`refuse the token ${JSON.stringify(token)}`, () => {
        assert.throws(() => harness.client({ auth: { kind: 'bearer', token } }), { code: 'MISCONFIGURED' });
      });
    }
    test('keep a sub-path, with or without slashes at its end', async () => {
      await harness.restart({ subPath: '/a/b' });
      for (const end of ['', '/', '//'])
        assert.equal((await harness.client({ url: harness.grafana.url + end }).org()).id, 1);
    });
  });
});
