import assert from 'node:assert/strict';
import type { HookTools } from '#lib/juju';
import { toolError } from '#lib/juju';
import type { UnitState } from '#lib/juju/testing';
import { holds, id, secretsPerTest, sharing, uri, value, withSecret } from './shared-secrets.ts';
import {
  changedNothing,
  gatewayWorld,
  relationEvent,
  relationIn,
  runCharm,
  said,
  source,
  withRelation,
} from './worlds.ts';

suite('charm: secrets that sources share with a gateway', () => {
  const { grafana, uidOf, stored, answer, settled } = secretsPerTest();

  test('reach Grafana over those in the databag, and the source is told so', async () => {
    const secure_extra_fields = { httpHeaderValue1: 'anonymous', basicAuthPassword: 'older' };
    const given = withSecret(
      gatewayWorld(grafana, [sharing('tempo', uri, { data: { secure_extra_fields } })]),
    );
    const out = await runCharm('config-changed', given);
    assert.deepEqual(stored(), { httpHeaderValue1: 'anonymous', basicAuthPassword: value });
    assert.equal(answer(out.state).grafana_source_secret, uri);
    assert.ok(!said(out).includes(value));
    const shown = await fetch(`${grafana.url}/api/datasources/uid/${uidOf('http://tempo')}`, {
      headers: { authorization: `Bearer ${grafana.token}` },
    });
    const { secureJsonFields } = (await shown.json()) as { secureJsonFields: unknown };
    assert.deepEqual(secureJsonFields, { basicAuthPassword: true, httpHeaderValue1: true });
  });

  test('reach each datasource of an application whose units are datasources', async () => {
    const relation = sharing('tempo', uri, { app: '', units: { 0: 'http://t0', 1: 'http://t1' } });
    await settled([relation]);
    for (const url of ['http://t0', 'http://t1']) assert.deepEqual(stored(url), { basicAuthPassword: value });
  });

  for (const hook of ['config-changed', 'update-status', 'leader-elected', 'upgrade-charm']) {
    test(`are not written again by a second ${hook}`, async () => {
      const given = await settled([sharing('tempo', uri)]);
      grafana.clearRequests();
      const out = await runCharm(hook, given);
      assert.ok(changedNothing(out), said(out));
      assert.deepEqual(grafana.writes, []);
    });
  }

  test('are written once when they change, and what is gone from them is unset', async () => {
    const given = await settled([sharing('tempo', uri)], holds({ a: value, b: value }));
    assert.deepEqual(stored(), { a: value, b: value });
    const rotated = withSecret(given, holds({ a: 'r0tated' }), { revision: 2 });
    grafana.clearRequests();
    const out = await runCharm({ kind: 'secret-changed', secretId: `secret:${id}`, label: '' }, rotated);
    assert.deepEqual(stored(), { a: 'r0tated' });
    assert.equal(grafana.writes.length, 1);
    assert.equal(out.state.secrets.find((one) => one.id === id)?.trackedRevision, 2);
    grafana.clearRequests();
    assert.ok(changedNothing(await runCharm('update-status', out.state)));
    assert.deepEqual(grafana.writes, []);
  });

  test('that Grafana does not take are not said to be taken, and are tried again', async () => {
    grafana.misbehave({ match: { method: 'POST' }, status: 500 });
    const out = await runCharm('config-changed', withSecret(gatewayWorld(grafana, [sharing('tempo', uri)])));
    assert.equal(answer(out.state).grafana_source_secret, undefined);
    grafana.behave();
    const healed = await runCharm('update-status', out.state);
    assert.equal(answer(healed.state).grafana_source_secret, uri);
    // The same for one that changes
    grafana.misbehave({ match: { method: 'PUT' }, status: 500 });
    const rotated = withSecret(healed.state, holds({ a: 'r0tated' }), { revision: 2 });
    const failed = await runCharm('update-status', rotated);
    assert.deepEqual(stored(), { basicAuthPassword: value });
    grafana.behave();
    await runCharm('update-status', failed.state);
    assert.deepEqual(stored(), { a: 'r0tated' });
  });

  test('that are taken back are taken out of Grafana, and out of the answer', async () => {
    const given = await settled([
      sharing('tempo', uri, { data: { secure_extra_fields: { kept: 'anonymous' } } }),
    ]);
    const relation = relationIn(given, 'datasources');
    const { grafana_source_secret: _, ...remoteAppData } = relation.remoteAppData;
    const out = await runCharm(
      relationEvent('relation-changed', { ...relation, remoteApp: 'tempo' }),
      withRelation({ ...given, secrets: given.secrets.filter((one) => one.id !== id) }, relation, {
        remoteAppData,
        remoteUnitsData: { 'tempo/0': {} },
      }),
    );
    assert.deepEqual(stored(), { kept: 'anonymous' });
    assert.equal(answer(out.state).grafana_source_secret, undefined);
    assert.ok(changedNothing(await runCharm('update-status', out.state)));
  });

  suite('that can not be read', () => {
    const broken: readonly [string, (given: UnitState) => UnitState, RegExp][] = [
      [
        'are not granted',
        (given) => withSecret(given, undefined, { granted: false }),
        /: the secret is not granted/,
      ],
      [
        'are not there',
        (given) => ({ ...given, secrets: given.secrets.filter((one) => one.id !== id) }),
        /: there is no such secret/,
      ],
      [
        'have another key',
        (given) => withSecret(given, { password: value }, { revision: 2 }),
        /needs the key/,
      ],
      [
        'are no JSON',
        (given) => withSecret(given, { 'secure-extra-fields': `a: ${value}` }, { revision: 2 }),
        /: the secret holds no JSON/,
      ],
      [
        'hold a number',
        (given) => withSecret(given, holds({ fine: value, pin: 1 }), { revision: 2 }),
        /: \.pin: expected text/,
      ],
      [
        'are no URI',
        (given) =>
          withRelation(given, relationIn(given, 'datasources', 'tempo'), {
            remoteAppData: { ...sharing('tempo', value).remoteAppData },
          }),
        /grafana_source_secret from tempo \(relation 1, datasources\): expected a secret's URI/,
      ],
    ];
    for (const [what, breaks, message] of broken) {
      test(`leave the datasource as it was, and the others work: ${what}`, async () => {
        // Given two sources, of which one shares a secret
        const given = await settled([sharing('tempo', uri), source('loki', { app: 'http://loki' })]);
        const before = grafana.datasources().find(({ url }) => url === 'http://tempo');
        // When that can't be read, and the other has a new URL
        const loki = relationIn(given, 'datasources', 'loki');
        const changed = withRelation(breaks(given), loki, {
          remoteAppData: source('loki', { app: 'http://new-loki' }).remoteAppData ?? {},
        });
        const out = await runCharm('update-status', changed);
        // Then
        assert.deepEqual(
          grafana.datasources().find(({ url }) => url === 'http://tempo'),
          before,
        );
        assert.deepEqual(stored(), { basicAuthPassword: value });
        assert.deepEqual(answer(out.state), answer(given));
        assert.ok(uidOf('http://new-loki'));
        assert.equal(out.state.unitStatus.status, 'active');
        assert.match(out.state.unitStatus.message, message);
        assert.match(out.state.unitStatus.message, /grafana_source_secret from tempo/);
        assert.ok(!said(out).includes(value));
        assert.ok(changedNothing(await runCharm('update-status', out.state)));
        // And all is well once they can
        const healed = await runCharm('update-status', {
          ...withRelation(out.state, relationIn(out.state, 'datasources', 'tempo'), {
            remoteAppData: sharing('tempo', uri).remoteAppData ?? {},
          }),
          secrets: given.secrets,
        });
        assert.deepEqual(healed.state.unitStatus, {
          status: 'active',
          message: `2 datasources in ${grafana.url}`,
        });
      });
    }

    test('are waited for where there is no datasource yet: it would not work without', async () => {
      const given = withSecret(gatewayWorld(grafana, [sharing('tempo', uri)]), undefined, { granted: false });
      const out = await runCharm('config-changed', given);
      assert.deepEqual(grafana.datasources(), []);
      assert.deepEqual(answer(out.state), {});
      const healed = await runCharm('update-status', withSecret(out.state));
      assert.equal(answer(healed.state).grafana_source_secret, uri);
    });

    test('because Juju itself fails are no reason for the hook to fail', async () => {
      const down = (tools: HookTools): HookTools =>
        new Proxy(tools, {
          get(target, name: keyof HookTools) {
            if (name === 'secretGet') {
              return async (reference: { uri: string }, options: object) => {
                if (reference.uri === uri) throw toolError('secret-get', 1, 'vault: connection refused');
                return target.secretGet(reference, options);
              };
            }
            const found = Reflect.get(target, name);
            return typeof found === 'function' ? found.bind(target) : found;
          },
        });
      const given = withSecret(gatewayWorld(grafana, [sharing('tempo', uri)]));
      const out = await runCharm('config-changed', given, { tools: down });
      assert.match(out.state.unitStatus.message, /Juju could not read the secret: see juju debug-log/);
      assert.ok(out.logs.some(({ message }) => message.includes('connection refused')));
    });
  });

  suite('and the token', () => {
    const rotate = (given: UnitState, token: string): UnitState => ({
      ...given,
      secrets: given.secrets.map((one) =>
        one.id === id ? one : { ...one, revisions: [...one.revisions, { revision: 2, content: { token } }] },
      ),
    });

    test('is used from the hook on in which it changes; then Grafana is written once, and no more', async () => {
      const relations = [sharing('tempo', uri), source('loki', { app: 'http://loki' })];
      const given = await settled(relations);
      const { 'grafana-token': secretId = '' } = given.config;
      const fresh = grafana.addToken({ role: 'Admin' });
      grafana.clearRequests();
      const event = { kind: 'secret-changed', secretId: String(secretId), label: '' } as const;
      const out = await runCharm(event, rotate(given, fresh));
      // Fingerprints of secrets are keyed with it: only datasources that have secrets are written
      assert.equal(grafana.writes.length, 1);
      assert.ok(grafana.requests.length > 0);
      assert.deepEqual(stored(), { basicAuthPassword: value });
      assert.equal(out.state.unitStatus.status, 'active');
      for (const hook of ['update-status', 'config-changed', event]) {
        grafana.clearRequests();
        assert.ok(changedNothing(await runCharm(hook, out.state)));
        assert.deepEqual(grafana.writes, []);
      }
    });

    test('that Grafana no longer takes blocks until the secret has the new one', async () => {
      const given = await settled([sharing('tempo', uri)]);
      const stale = rotate(given, 'glsa_wrong');
      const out = await runCharm('update-status', stale);
      assert.equal(out.state.unitStatus.status, 'blocked');
      assert.deepEqual(answer(out.state), answer(given));
      const secrets = out.state.secrets.map((one) =>
        one.id === id
          ? one
          : { ...one, revisions: [...one.revisions, { revision: 3, content: { token: grafana.token } }] },
      );
      const healed = await runCharm('update-status', { ...out.state, secrets });
      assert.equal(healed.state.unitStatus.status, 'active');
      grafana.clearRequests();
      assert.ok(changedNothing(await runCharm('update-status', healed.state)));
      assert.deepEqual(grafana.writes, []);
    });
  });

  test('a follower reads none of them, but moves on when it is told of a new revision', async () => {
    const given = { ...(await settled([sharing('tempo', uri)])), leader: false };
    const rotated = withSecret(given, holds({ a: 'r0tated' }), { revision: 2 });
    const tracked = ({ secrets }: UnitState) => secrets.find((one) => one.id === id)?.trackedRevision;
    assert.equal(tracked((await runCharm('update-status', rotated)).state), 1);
    const out = await runCharm({ kind: 'secret-changed', secretId: uri, label: '' }, rotated);
    assert.equal(tracked(out.state), 2);
    assert.deepEqual(stored(), { basicAuthPassword: value });
  });
});
