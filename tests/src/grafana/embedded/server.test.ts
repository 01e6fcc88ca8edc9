import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { EmbeddedGrafanaOptions } from '#src/grafana/embedded';
import { EmbeddedGrafana, generateToken } from '#src/grafana/embedded';

suite('embedded Grafana', () => {
  const started: EmbeddedGrafana[] = [];

  async function start(options: EmbeddedGrafanaOptions = {}): Promise<EmbeddedGrafana> {
    const grafana = await EmbeddedGrafana.start(options);
    started.push(grafana);
    return grafana;
  }

  teardown(async () => {
    await Promise.all(started.splice(0).map((grafana) => grafana.stop()));
  });

  async function get(
    grafana: EmbeddedGrafana,
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ) {
    const authorization = `Bearer ${grafana.token}`;
    return fetch(grafana.url + path, { method, redirect: 'manual', headers: { authorization, ...headers } });
  }

  const basic = (user: string, password: string) => ({
    authorization: `Basic ${btoa(`${user}:${password}`)}`,
  });

  suite('as a server', () => {
    test('says so when its port is taken', async () => {
      const { port } = new URL((await start()).url);
      await assert.rejects(
        EmbeddedGrafana.start({ port: Number(port) }),
        /can't listen on port \d+ .*in use/,
      );
    });

    test('frees its port when its options are no good', async () => {
      const first = await start();
      const port = Number(new URL(first.url).port);
      await first.stop();
      await assert.rejects(EmbeddedGrafana.start({ port, version: 'main' }), TypeError);
      await start({ port });
    });

    test('stops at once, idle and waiting connections included, and may be stopped twice', async () => {
      const grafana = await start();
      const port = Number(new URL(grafana.url).port);
      const idle = connect(port, '127.0.0.1');
      await new Promise((resolve) => idle.once('connect', resolve));
      const gone = new Promise((resolve) => idle.once('close', resolve));
      idle.on('error', () => undefined);
      grafana.misbehave({ slowMs: 60_000 });
      const waiting = get(grafana, '/api/org').catch((error: unknown) => error);
      while (grafana.connections < 2) await new Promise((resolve) => setImmediate(resolve));
      await grafana.stop();
      await grafana.stop();
      await gone;
      assert.ok((await waiting) instanceof Error);
    });

    test('logs what was asked and counts writes', async () => {
      const grafana = await start();
      await get(grafana, '/api/org?a=1');
      await get(grafana, '/api/datasources/uid/none', {}, 'DELETE');
      assert.deepEqual(grafana.requests, [
        { method: 'GET', path: '/api/org?a=1', status: 200 },
        { method: 'DELETE', path: '/api/datasources/uid/none', status: 404 },
      ]);
      assert.equal(grafana.writes.length, 1);
      grafana.clearRequests();
      assert.deepEqual(grafana.requests, []);
    });

    test('shows a page without secrets to a person, every text escaped', async () => {
      const seed = [{ name: '<script>&"', type: 'tempo', secureJsonData: { password: 'hunter2' } }];
      const grafana = await start({ seed });
      const page = await (await fetch(grafana.url)).text();
      assert.match(page, /&#60;script&#62;&#38;&#34;/);
      assert.doesNotMatch(page, /<script|hunter2/);
    });

    test('answers HEAD like GET, without a body', async () => {
      const grafana = await start();
      const response = await get(grafana, '/api/org', {}, 'HEAD');
      assert.equal(response.status, 200);
      assert.equal(await response.text(), '');
    });

    test('answers 400 to a broken percent escape', async () => {
      assert.equal((await get(await start(), '/api/datasources/uid/%zz')).status, 400);
    });
  });

  suite('below a sub-path', () => {
    test('serves the API with and without it, and redirects the rest', async () => {
      const grafana = await start({ subPath: '/grafana' });
      assert.match(grafana.url, /\/grafana$/);
      const { origin } = new URL(grafana.url);
      assert.equal((await fetch(`${grafana.url}/api/health`)).status, 200);
      assert.equal((await fetch(`${origin}/api/health`)).status, 200);
      assert.equal((await fetch(grafana.url)).status, 200);
      const moved = await fetch(`${origin}/login?a=1`, { redirect: 'manual' });
      assert.equal(moved.status, 301);
      assert.equal(moved.headers.get('location'), '/grafana/login?a=1');
    });

    test('refuses what is no sub-path', async () => {
      for (const subPath of ['grafana', '/grafana/', '/a b', '/']) {
        await assert.rejects(EmbeddedGrafana.start({ subPath }), TypeError, subPath);
      }
    });
  });

  suite('who calls', () => {
    test('knows its own tokens, the admin, and the admin by a token as password', async () => {
      const grafana = await start({ adminUser: 'root', adminPassword: 'pa:ss' });
      for (const headers of [{}, basic('root', 'pa:ss'), basic('api_key', grafana.token)]) {
        assert.equal((await get(grafana, '/api/org', headers)).status, 200);
      }
    });

    const strangers = {
      'a token of a wrong form': 'Bearer abc',
      'a token with a wrong checksum': `Bearer glsa_${'a'.repeat(32)}_00000000`,
      'a wrong password': basic('admin', 'wrong').authorization,
      'an unknown user': basic('nobody', 'admin').authorization,
      'another scheme': 'Digest abc',
      nothing: '',
    };
    for (const [what, authorization] of Object.entries(strangers)) {
      test(`answers 401 to ${what}`, async () => {
        assert.equal((await get(await start(), '/api/org', { authorization })).status, 401);
      });
    }

    test('a token of the right form that nobody issued is a 401, and a 500 in 9.x', async () => {
      const headers = { authorization: `Bearer ${generateToken()}` };
      assert.equal((await get(await start(), '/api/org', headers)).status, 401);
      assert.equal((await get(await start({ version: '9.5.0' }), '/api/org', headers)).status, 500);
    });

    test('the checksum of a token is a little-endian CRC-32', async () => {
      // Computed apart from this code, with Python's zlib.crc32.
      const token = `glsa_${'a'.repeat(32)}_b1a40a94`;
      const grafana = await start({ token });
      assert.equal((await get(grafana, '/api/org')).status, 200);
    });

    test('refuses a token with the id of another organisation from 10 on', async () => {
      const headers = { 'x-grafana-org-id': '2' };
      assert.equal((await get(await start(), '/api/org', headers)).status, 401);
      assert.equal((await get(await start({ version: '9.5.0' }), '/api/org', headers)).status, 200);
    });

    test('shuts a user out for five minutes after five wrong passwords', async () => {
      let now = 1_000_000;
      const grafana = await start({ clock: () => now });
      for (let n = 0; n < 5; n++) await get(grafana, '/api/org', basic('admin', 'wrong'));
      assert.equal((await get(grafana, '/api/org', basic('admin', 'admin'))).status, 401);
      now += 5 * 60_000;
      assert.equal((await get(grafana, '/api/org', basic('admin', 'admin'))).status, 200);
    });

    test('tells with ?accesscontrol=true what the caller may do', async () => {
      const grafana = await start({ seed: [{ name: 'a', type: 'tempo', uid: 'a' }] });
      const authorization = `Bearer ${grafana.addToken({ role: 'Viewer' })}`;
      const path = '/api/datasources/uid/a?accesscontrol=true';
      const { accessControl } = (await (await get(grafana, path, { authorization })).json()) as Record<
        string,
        unknown
      >;
      assert.deepEqual(accessControl, { 'datasources:query': true, 'datasources:read': true });
    });
  });

  suite('going wrong', () => {
    test('drops connections, as often as told', async () => {
      const grafana = await start();
      grafana.misbehave({ drop: true, times: 1 });
      await assert.rejects(get(grafana, '/api/org'));
      assert.equal((await get(grafana, '/api/org')).status, 200);
      assert.deepEqual(
        grafana.requests.map(({ status }) => status),
        [0, 200],
      );
    });

    test('answers a status only to what matches, until it behaves', async () => {
      const grafana = await start({ subPath: '/g' });
      grafana.misbehave({ status: 503, match: { method: 'GET', path: '/api/org' } });
      assert.equal((await get(grafana, '/api/org')).status, 503);
      assert.equal((await get(grafana, '/api/datasources')).status, 200);
      grafana.behave();
      assert.equal((await get(grafana, '/api/org')).status, 200);
    });

    test('carries a request out and then fails, when told', async () => {
      const grafana = await start({ seed: [{ name: 'a', type: 'tempo', uid: 'a' }] });
      grafana.misbehave({ status: 500, applied: true });
      assert.equal((await get(grafana, '/api/datasources/uid/a', {}, 'DELETE')).status, 500);
      assert.deepEqual(grafana.datasources(), []);
    });

    test('lets somebody else write first', async () => {
      const grafana = await start({ seed: [{ name: 'a', type: 'tempo', uid: 'a' }] });
      grafana.misbehave({ match: { path: /uid\/a$/g }, before: () => grafana.bumpVersion('a') });
      const { version } = (await (await get(grafana, '/api/datasources/uid/a')).json()) as {
        version: number;
      };
      assert.equal(version, 2);
    });
  });

  suite('health', () => {
    test('has its keys in the order of the version', async () => {
      const keysOf = async (version: string) => {
        const text = await (await fetch(`${(await start({ version })).url}/api/health`)).text();
        assert.match(text, /^\{\n {2}"/);
        return Object.keys(JSON.parse(text) as object);
      };
      assert.deepEqual(await keysOf('9.4.0'), ['commit', 'database', 'version']);
      assert.deepEqual(await keysOf('12.1.0'), ['database', 'version', 'commit']);
    });

    test('/healthz says Ok to anybody', async () => {
      assert.equal(await (await fetch(`${(await start()).url}/healthz`)).text(), 'Ok');
    });

    const answers: [version: string, type: string, status: number, messageId?: string][] = [
      ['12.1.0', 'tempo', 200],
      ['12.1.0', 'alertmanager', 500, 'plugin.unavailable'],
      ['12.1.0', 'no-such-plugin', 404, 'plugin.notRegistered'],
      ['10.4.0', 'graphite', 404, 'plugin.notImplemented'],
      ['9.4.0', 'tempo', 404],
      ['9.4.0', 'jaeger', 503],
      ['9.4.0', 'phlare', 200],
      ['9.4.0', 'grafana-pyroscope-datasource', 404],
      ['9.4.0', 'no-such-plugin', 500],
    ];
    for (const [version, type, status, messageId] of answers) {
      test(`of a ${type} datasource in ${version} answers ${status}`, async () => {
        const grafana = await start({ version, seed: [{ name: 'a', type, uid: 'a' }] });
        const response = await get(grafana, '/api/datasources/uid/a/health');
        assert.equal(response.status, status);
        const json = (await response.json()) as Record<string, unknown>;
        assert.equal(json.messageId, messageId);
      });
    }

    test('is a 400 when the plugin has doubts', async () => {
      const grafana = await start({ seed: [{ name: 'a', type: 'tempo', uid: 'a' }] });
      grafana.setPluginHealth('a', { status: 'ERROR', message: 'no route to host' });
      const response = await get(grafana, '/api/datasources/uid/a/health');
      assert.equal(response.status, 400);
      assert.deepEqual(await response.json(), { message: 'no route to host', status: 'ERROR' });
    });
  });

  suite('datasources', () => {
    test('have their keys in the order of the version, those of jsonData sorted, and Go’s escapes', async () => {
      const jsonData = { b: '<&>', a: { d: 1, c: 2 } };
      const grafana = await start({ seed: [{ name: 'a', type: 'tempo', uid: 'a', jsonData }] });
      const text = await (await get(grafana, '/api/datasources/uid/a')).text();
      const keys =
        'id uid orgId name type typeLogoUrl access url user database basicAuth basicAuthUser withCredentials ' +
        'isDefault jsonData secureJsonFields version readOnly';
      assert.deepEqual(Object.keys(JSON.parse(text) as object), keys.split(' '));
      assert.ok(text.includes(String.raw`"jsonData":{"a":{"c":2,"d":1},"b":"\u003c\u0026\u003e"}`), text);
    });

    test('of a renamed plugin are reported under its new id from 10 on', async () => {
      for (const [version, type] of [
        ['9.4.0', 'phlare'],
        ['11.0.0', 'grafana-pyroscope-datasource'],
      ] as const) {
        const grafana = await start({ version, seed: [{ name: 'a', type: 'phlare' }] });
        assert.equal(grafana.datasources()[0]?.type, type);
      }
    });

    test('are found by numeric id, with answers of their own, until 13', async () => {
      const seed = [
        { name: 'a', type: 'tempo', uid: 'a', readOnly: true },
        { name: 'b', type: 'tempo', uid: 'b' },
      ];
      const grafana = await start({ seed });
      const ask = async (path: string, method?: string) => {
        const response = await get(grafana, `/api/datasources/${path}`, {}, method);
        return [response.status, await response.json()];
      };
      assert.equal((await ask('1'))[0], 200);
      assert.deepEqual(await ask('0'), [400, { message: 'Datasource id is missing' }]);
      assert.deepEqual(await ask('9'), [404, { message: 'Data source not found' }]);
      assert.deepEqual(await ask('0', 'DELETE'), [400, { message: 'Missing valid datasource id' }]);
      assert.deepEqual(await ask('x', 'DELETE'), [400, { message: 'id is invalid', traceID: '' }]);
      assert.deepEqual(await ask('1', 'DELETE'), [403, { message: 'Cannot delete read-only data source' }]);
      assert.deepEqual(await ask('2', 'DELETE'), [200, { message: 'Data source deleted' }]);
      assert.equal((await ask('1/health'))[0], 200);
      assert.deepEqual(await ask('id/a'), [200, { id: 1 }]);
    });

    test('are handed out as copies', async () => {
      const grafana = await start({ seed: [{ name: 'a', type: 'tempo', uid: 'a', jsonData: { a: 1 } }] });
      const [first] = grafana.datasources();
      assert.ok(first);
      (first.jsonData as Record<string, unknown>).a = 2;
      assert.deepEqual(grafana.datasources()[0]?.jsonData, { a: 1 });
    });

    test('keep their secrets where a test can see them and nobody else', async () => {
      const seed = [
        { name: 'a', type: 'tempo', uid: 'a', secureJsonData: { password: 'hunter2', empty: '' } },
      ];
      const grafana = await start({ seed });
      assert.deepEqual(grafana.secureJsonData('a'), { password: 'hunter2' });
      assert.doesNotMatch(JSON.stringify(grafana.datasources()), /hunter2/);
      assert.throws(() => grafana.secureJsonData('b'), TypeError);
    });
  });
});
